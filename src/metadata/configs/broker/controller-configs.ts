import { bool, int, list, long, MAX_LONG, REQUIRED, string } from '../config-key.ts';
import { atStart, noEffect, refused } from '../config-obedience.ts';
import { atLeast, listOf } from '../config-valid.ts';
import { assigned, metadataLogSizes, oneController } from '../not-built.ts';

/** The node, its controller and the metadata log. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const controllerConfigs = {
  brokerHeartbeatIntervalMs: int('broker.heartbeat.interval.ms', 2000, 'How often a broker tells the controller that it lives; at least four times in broker.session.timeout.ms.', atStart),
  brokerId: int('broker.id', -1, "The broker's number, as node.id.", refused(assigned), { importance: 'HIGH' }),
  brokerRack: string('broker.rack', null, 'The rack or zone of the broker, over which replicas are spread.', refused(assigned)),
  brokerSessionTimeoutMs: int('broker.session.timeout.ms', 9000, 'How long a broker may be silent before the controller fences it.', atStart),
  controllerListenerNames: list('controller.listener.names', REQUIRED, 'Names of the listeners of controllers.', refused(assigned), { importance: 'HIGH' }),
  controllerPerformanceAlwaysLogThresholdMs: long('controller.performance.always.log.threshold.ms', 2000, 'Controller events slower than this are always logged.', noEffect("The controller does not log its own event times"), { valid: atLeast(0), internal: true }),
  controllerPerformanceSamplePeriodMs: long('controller.performance.sample.period.ms', 60_000, 'How often slow controller events are logged.', noEffect("The controller does not log its own event times"), { valid: atLeast(100), internal: true }),
  controllerQuorumAppendLingerMs: int('controller.quorum.append.linger.ms', 25, 'How long the leader of the quorum gathers records before it writes them.', noEffect("The controller writes what one turn of its event loop gathered"), { valid: atLeast(0) }),
  controllerQuorumAutoJoinEnable: bool('controller.quorum.auto.join.enable', false, 'Whether a controller joins the voters by itself.', refused(oneController), { importance: 'LOW' }),
  controllerQuorumBootstrapServers: list('controller.quorum.bootstrap.servers', '', 'Addresses at which the quorum can be found.', refused(assigned), { importance: 'HIGH' }),
  controllerQuorumElectionBackoffMaxMs: int('controller.quorum.election.backoff.max.ms', 1000, 'The longest wait before another election of the quorum.', noEffect(oneController), { importance: 'HIGH', valid: atLeast(0) }),
  controllerQuorumElectionTimeoutMs: int('controller.quorum.election.timeout.ms', 1000, 'How long a candidate waits for votes.', noEffect(oneController), { importance: 'HIGH', valid: atLeast(0) }),
  controllerQuorumFetchMaxBytes: int('controller.quorum.fetch.max.bytes', 1_048_576, 'The most bytes of one fetch of the metadata log.', noEffect("Brokers read the metadata log in pieces of a fixed size"), { importance: 'LOW', valid: atLeast(1) }),
  controllerQuorumFetchSnapshotMaxBytes: int('controller.quorum.fetch.snapshot.max.bytes', 1_048_576, 'The most bytes of one fetch of a metadata snapshot.', noEffect("Brokers read the metadata log in pieces of a fixed size"), { importance: 'LOW', valid: atLeast(1) }),
  controllerQuorumFetchTimeoutMs: int('controller.quorum.fetch.timeout.ms', 2000, 'How long a voter goes without a fetch from the leader before it calls an election.', noEffect(oneController), { importance: 'HIGH', valid: atLeast(0) }),
  controllerQuorumRequestTimeoutMs: int('controller.quorum.request.timeout.ms', 2000, 'How long a request in the quorum waits for its answer.', noEffect(oneController), { valid: atLeast(0) }),
  controllerQuorumRetryBackoffMs: int('controller.quorum.retry.backoff.ms', 20, 'Wait before a failed request in the quorum is sent again.', noEffect(oneController), { importance: 'LOW', valid: atLeast(0) }),
  controllerQuorumVoters: list('controller.quorum.voters', '', 'The voters as id@host:port, where the quorum is static.', refused(assigned), { importance: 'HIGH' }),
  controllerSocketTimeoutMs: int('controller.socket.timeout.ms', 30_000, 'Socket timeout of requests between controller and brokers.', noEffect(oneController)),
  earlyStartListeners: list('early.start.listeners', null, 'Listeners that open before the authorizer is ready.', refused(assigned), { importance: 'HIGH' }),
  initialBrokerRegistrationTimeoutMs: int('initial.broker.registration.timeout.ms', 60_000, 'How long a broker tries to register before it gives up starting.', noEffect("The supervisor of the process decides how long a start may take")),
  internalMetadataDeleteDelayMillis: long('internal.metadata.delete.delay.millis', 60_000, 'How long deleted metadata files stay on disk.', noEffect(metadataLogSizes), { importance: 'LOW', internal: true }),
  internalMetadataLogSegmentBytes: int('internal.metadata.log.segment.bytes', null, 'Segment size of the metadata log, for tests.', noEffect(metadataLogSizes), { importance: 'LOW', internal: true }),
  internalMetadataMaxBatchSizeInBytes: int('internal.metadata.max.batch.size.in.bytes', 8_388_608, 'The largest batch of metadata records.', noEffect(metadataLogSizes), { importance: 'LOW', internal: true }),
  metadataLogDir: string('metadata.log.dir', null, 'Where the metadata log lies; by default in the first log directory.', refused(assigned), { importance: 'HIGH' }),
  metadataLogMaxRecordBytesBetweenSnapshots: long('metadata.log.max.record.bytes.between.snapshots', 20_971_520, 'Bytes of new metadata records after which a snapshot is made.', noEffect(metadataLogSizes), { importance: 'HIGH', valid: atLeast(1) }),
  metadataLogMaxSnapshotIntervalMs: long('metadata.log.max.snapshot.interval.ms', 3_600_000, 'Time after which a snapshot is made if anything changed; 0 for never.', noEffect(metadataLogSizes), { importance: 'HIGH', valid: atLeast(0) }),
  metadataLogSegmentBytes: int('metadata.log.segment.bytes', 1_073_741_824, 'Segment size of the metadata log.', noEffect(metadataLogSizes), { importance: 'HIGH', valid: atLeast(8_388_608) }),
  metadataLogSegmentMs: long('metadata.log.segment.ms', 604_800_000, 'The age at which the metadata log begins a new segment.', noEffect(metadataLogSizes), { importance: 'HIGH' }),
  metadataMaxIdleIntervalMs: int('metadata.max.idle.interval.ms', 500, 'How often the active controller writes a record when nothing happens; 0 for never.', noEffect("The controller writes no records to show that it is alive; brokers see it by their fetches"), { importance: 'LOW', valid: atLeast(0) }),
  metadataMaxRetentionBytes: long('metadata.max.retention.bytes', 104_857_600, 'Bytes of metadata log and snapshots beyond which old ones are deleted.', noEffect(metadataLogSizes), { importance: 'HIGH' }),
  metadataMaxRetentionMs: long('metadata.max.retention.ms', 604_800_000, 'Age beyond which old metadata log and snapshots are deleted.', noEffect(metadataLogSizes), { importance: 'HIGH' }),
  nodeId: int('node.id', REQUIRED, "The node's number; not the same for any two nodes.", refused(assigned), { importance: 'HIGH', valid: atLeast(0) }),
  processRoles: list('process.roles', REQUIRED, 'What the process is: broker, controller, or both.', refused(assigned), { importance: 'HIGH', valid: listOf('broker', 'controller') }),
  serverMaxStartupTimeMs: long('server.max.startup.time.ms', MAX_LONG, 'How long the start may take before the process gives up.', noEffect("The supervisor of the process decides how long a start may take"), { valid: atLeast(0), internal: true }),
  unstableApiVersionsEnable: bool('unstable.api.versions.enable', false, 'Whether versions of requests that are still in the making are advertised.', refused("Unreleased versions are not built"), { importance: 'HIGH', internal: true }),
  unstableFeatureVersionsEnable: bool('unstable.feature.versions.enable', false, 'Whether feature levels that are still in the making are allowed.', refused("Unreleased versions are not built"), { importance: 'HIGH', internal: true }),
} as const;
