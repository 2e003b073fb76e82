import { int, list, short, string } from '../config-key.ts';
import { atStart, live, noEffect } from '../config-obedience.ts';
import { atLeast, between, nonEmptyListOf } from '../config-valid.ts';
import { noJavaClasses, oneEventLoop } from '../not-built.ts';

/** Share groups (KIP-932). */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const shareGroupsConfigs = {
  groupShareAssignmentIntervalMs: int('group.share.assignment.interval.ms', 1000, 'The time between two assignments of a share group, unless the group says otherwise.', live, { dynamic: 'cluster-wide', valid: atLeast(0) }),
  groupShareAssignors: list('group.share.assignors', 'simple', 'Assignors of share groups.', noEffect('Millrace has the one assignor that Kafka has'), { valid: nonEmptyListOf('simple') }),
  groupShareDeliveryCountLimit: int('group.share.delivery.count.limit', 5, 'How often a record is delivered to a share group before it is given up.', atStart, { valid: between(2, 10) }),
  groupShareHeartbeatIntervalMs: int('group.share.heartbeat.interval.ms', 5000, 'The time between heartbeats of a member of a share group, unless the group says otherwise.', atStart, { valid: atLeast(1) }),
  groupShareInitializeRetryIntervalMs: int('group.share.initialize.retry.interval.ms', 30_000, 'How long to wait before the state of a share partition is initialised again.', atStart, { importance: 'LOW', valid: atLeast(1), internal: true }),
  groupShareMaxAssignmentIntervalMs: int('group.share.max.assignment.interval.ms', 15_000, 'The most that may be set for the time between two assignments of a share group.', atStart, { valid: atLeast(0) }),
  groupShareMaxDeliveryCountLimit: int('group.share.max.delivery.count.limit', 10, 'The most that may be set for the number of deliveries of a record.', atStart, { valid: between(5, 25) }),
  groupShareMaxHeartbeatIntervalMs: int('group.share.max.heartbeat.interval.ms', 15_000, 'The most that may be set for the time between heartbeats of a member of a share group.', atStart, { valid: atLeast(1) }),
  groupShareMaxPartitionMaxRecordLocks: int('group.share.max.partition.max.record.locks', 4000, 'The most that may be set for the number of records of a partition in delivery.', atStart, { valid: between(2000, 10_000) }),
  groupShareMaxRecordLockDurationMs: int('group.share.max.record.lock.duration.ms', 60_000, 'The most that may be set for the time a delivered record stays locked.', atStart, { valid: between(30_000, 3_600_000) }),
  groupShareMaxSessionTimeoutMs: int('group.share.max.session.timeout.ms', 60_000, 'The most that may be set for the silence after which a member of a share group is removed.', atStart, { valid: atLeast(1) }),
  groupShareMaxShareSessions: int('group.share.max.share.sessions', 2000, 'Most share sessions of a broker.', atStart, { valid: atLeast(1) }),
  groupShareMaxSize: int('group.share.max.size', 200, 'Most members of a share group.', atStart, { valid: between(1, 1000) }),
  groupShareMinAssignmentIntervalMs: int('group.share.min.assignment.interval.ms', 0, 'The least that may be set for the time between two assignments of a share group.', atStart, { valid: atLeast(0) }),
  groupShareMinDeliveryCountLimit: int('group.share.min.delivery.count.limit', 2, 'The least that may be set for the number of deliveries of a record.', atStart, { valid: between(2, 5) }),
  groupShareMinHeartbeatIntervalMs: int('group.share.min.heartbeat.interval.ms', 5000, 'The least that may be set for the time between heartbeats of a member of a share group.', atStart, { valid: atLeast(1) }),
  groupShareMinPartitionMaxRecordLocks: int('group.share.min.partition.max.record.locks', 100, 'The least that may be set for the number of records of a partition in delivery.', atStart, { valid: between(100, 2000) }),
  groupShareMinRecordLockDurationMs: int('group.share.min.record.lock.duration.ms', 15_000, 'The least that may be set for the time a delivered record stays locked.', atStart, { valid: between(1000, 30_000) }),
  groupShareMinSessionTimeoutMs: int('group.share.min.session.timeout.ms', 45_000, 'The least that may be set for the silence after which a member of a share group is removed.', atStart, { valid: atLeast(1) }),
  groupSharePartitionMaxRecordLocks: int('group.share.partition.max.record.locks', 2000, 'How many records of a partition a share group may have in delivery.', atStart, { valid: between(100, 10_000) }),
  groupSharePersisterClassName: string('group.share.persister.class.name', 'org.apache.kafka.server.share.persister.DefaultStatePersister', 'The class that keeps the state of share groups.', noEffect(noJavaClasses), { internal: true }),
  groupShareRecordLockDurationMs: int('group.share.record.lock.duration.ms', 30_000, 'How long a delivered record stays locked for its consumer.', atStart, { valid: between(1000, 3_600_000) }),
  groupShareSessionTimeoutMs: int('group.share.session.timeout.ms', 45_000, 'The silence after which a member of a share group is removed, unless the group says otherwise.', atStart, { valid: atLeast(1) }),
  shareCoordinatorAppendLingerMs: int('share.coordinator.append.linger.ms', -1, 'How long the share coordinator gathers records before it writes them; -1 adapts.', noEffect('What is decided in a turn of the loop is written at its end'), { valid: atLeast(-1) }),
  shareCoordinatorCachedBufferMaxBytes: int('share.coordinator.cached.buffer.max.bytes', 1_048_588, 'The largest write buffer the share coordinator keeps.', noEffect('Nothing is kept between two writes'), { dynamic: 'cluster-wide', valid: atLeast(524_288) }),
  shareCoordinatorColdPartitionSnapshotIntervalMs: int('share.coordinator.cold.partition.snapshot.interval.ms', 300_000, 'How often the state of idle share partitions is saved.', atStart, { importance: 'LOW', valid: atLeast(1), internal: true }),
  shareCoordinatorLoadBufferSize: int('share.coordinator.load.buffer.size', 5_242_880, 'Size of the reads when share state is loaded.', noEffect('Logs are read in pieces of one size'), { importance: 'HIGH', valid: atLeast(1) }),
  shareCoordinatorSnapshotUpdateRecordsPerSnapshot: int('share.coordinator.snapshot.update.records.per.snapshot', 500, 'Updates of share state between two snapshots of it.', atStart, { valid: between(0, 500) }),
  shareCoordinatorStateTopicCompressionCodec: int('share.coordinator.state.topic.compression.codec', 0, 'The codec of the share state topic, by number.', noEffect('State is small and is not compressed'), { importance: 'HIGH', valid: between(0, 4) }),
  shareCoordinatorStateTopicMinIsr: short('share.coordinator.state.topic.min.isr', 2, 'In-sync replicas that the share state topic needs.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  shareCoordinatorStateTopicNumPartitions: int('share.coordinator.state.topic.num.partitions', 50, 'Partitions of the share state topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  shareCoordinatorStateTopicPruneIntervalMs: int('share.coordinator.state.topic.prune.interval.ms', 300_000, 'How often old share state is deleted.', atStart, { importance: 'LOW', valid: atLeast(1), internal: true }),
  shareCoordinatorStateTopicReplicationFactor: short('share.coordinator.state.topic.replication.factor', 3, 'Replicas of the share state topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  shareCoordinatorStateTopicSegmentBytes: int('share.coordinator.state.topic.segment.bytes', 104_857_600, 'Segment size of the share state topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  shareCoordinatorThreads: int('share.coordinator.threads', 1, 'Threads of the share coordinator.', noEffect(oneEventLoop), { valid: atLeast(1) }),
  shareCoordinatorWriteTimeoutMs: int('share.coordinator.write.timeout.ms', 5000, 'How long a write of share state waits for its replicas.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  shareFetchPurgatoryPurgeIntervalRequests: int('share.fetch.purgatory.purge.interval.requests', 1000, 'After how many requests the waiting share fetches are cleaned up.', noEffect("A request that waits is removed as soon as it is answered")),
} as const;
