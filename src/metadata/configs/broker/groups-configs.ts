import { int, list, long, short, string } from '../config-key.ts';
import { atStart, live, noEffect, refused } from '../config-obedience.ts';
import { atLeast, nonEmptyListOf, oneOfIgnoringCase, rebalanceProtocols } from '../config-valid.ts';
import { oneEventLoop } from '../not-built.ts';

/** Consumer groups of both protocols, and committed offsets. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const groupsConfigs = {
  groupConsumerAssignmentIntervalMs: int('group.consumer.assignment.interval.ms', 1000, 'The time between two assignments of a consumer group, unless the group says otherwise.', live, { dynamic: 'cluster-wide', valid: atLeast(0) }),
  groupConsumerAssignors: list('group.consumer.assignors', 'uniform,range', 'Assignors of consumer groups; the first is the default.', atStart, { valid: nonEmptyListOf('uniform', 'range') }),
  groupConsumerHeartbeatIntervalMs: int('group.consumer.heartbeat.interval.ms', 5000, 'The time between heartbeats of a member of a consumer group, unless the group says otherwise.', atStart, { valid: atLeast(1) }),
  groupConsumerMaxAssignmentIntervalMs: int('group.consumer.max.assignment.interval.ms', 15_000, 'The most that may be set for the time between two assignments of a consumer group.', atStart, { valid: atLeast(0) }),
  groupConsumerMaxHeartbeatIntervalMs: int('group.consumer.max.heartbeat.interval.ms', 15_000, 'The most that may be set for the time between heartbeats of a member of a consumer group.', atStart, { valid: atLeast(1) }),
  groupConsumerMaxSessionTimeoutMs: int('group.consumer.max.session.timeout.ms', 60_000, 'The most that may be set for the silence after which a member of a consumer group is removed.', atStart, { valid: atLeast(1) }),
  groupConsumerMaxSize: int('group.consumer.max.size', 2_147_483_647, 'Most members of a consumer group.', atStart, { valid: atLeast(1) }),
  groupConsumerMigrationPolicy: string('group.consumer.migration.policy', 'bidirectional', 'Which way groups may change between the classic and the consumer protocol.', atStart, { valid: oneOfIgnoringCase('DISABLED', 'DOWNGRADE', 'UPGRADE', 'BIDIRECTIONAL') }),
  groupConsumerMinAssignmentIntervalMs: int('group.consumer.min.assignment.interval.ms', 0, 'The least that may be set for the time between two assignments of a consumer group.', atStart, { valid: atLeast(0) }),
  groupConsumerMinHeartbeatIntervalMs: int('group.consumer.min.heartbeat.interval.ms', 5000, 'The least that may be set for the time between heartbeats of a member of a consumer group.', atStart, { valid: atLeast(1) }),
  groupConsumerMinSessionTimeoutMs: int('group.consumer.min.session.timeout.ms', 45_000, 'The least that may be set for the silence after which a member of a consumer group is removed.', atStart, { valid: atLeast(1) }),
  groupConsumerRegexRefreshIntervalMs: int('group.consumer.regex.refresh.interval.ms', 600_000, 'How often subscribed patterns are matched against the topics again.', atStart, { valid: atLeast(10_000), internal: true }),
  groupConsumerSessionTimeoutMs: int('group.consumer.session.timeout.ms', 45_000, 'The silence after which a member of a consumer group is removed, unless the group says otherwise.', atStart, { valid: atLeast(1) }),
  groupCoordinatorAppendLingerMs: int('group.coordinator.append.linger.ms', -1, 'How long the coordinator gathers records before it writes them; -1 adapts.', noEffect("A coordinator writes what one turn of its event loop gathered"), { valid: atLeast(-1) }),
  groupCoordinatorBackgroundThreads: int('group.coordinator.background.threads', 2, "Threads for assignments off the coordinator's own.", noEffect(oneEventLoop), { importance: 'HIGH', valid: atLeast(1) }),
  groupCoordinatorCachedBufferMaxBytes: int('group.coordinator.cached.buffer.max.bytes', 1_048_588, 'The largest write buffer the group coordinator keeps.', noEffect("A coordinator writes what one turn of its event loop gathered"), { dynamic: 'cluster-wide', valid: atLeast(524_288) }),
  groupCoordinatorRebalanceProtocols: list('group.coordinator.rebalance.protocols', 'classic,consumer,streams', 'Group protocols that are enabled.', atStart, { valid: rebalanceProtocols }),
  groupCoordinatorThreads: int('group.coordinator.threads', 4, 'Threads of the group coordinator.', noEffect(oneEventLoop), { importance: 'HIGH', valid: atLeast(1) }),
  groupInitialRebalanceDelayMs: int('group.initial.rebalance.delay.ms', 3000, 'How long the first rebalance of an empty classic group waits for more members.', atStart),
  groupMaxSessionTimeoutMs: int('group.max.session.timeout.ms', 1_800_000, 'The longest session timeout a classic member may ask for.', atStart),
  groupMaxSize: int('group.max.size', 2_147_483_647, 'Most members of a classic group.', atStart, { valid: atLeast(1) }),
  groupMinSessionTimeoutMs: int('group.min.session.timeout.ms', 6000, 'The shortest session timeout a classic member may ask for.', atStart),
  offsetMetadataMaxBytes: int('offset.metadata.max.bytes', 4096, 'The longest metadata of a committed offset.', atStart, { importance: 'HIGH' }),
  offsetsCommitTimeoutMs: int('offsets.commit.timeout.ms', 5000, 'How long a commit waits for the replicas of its partition.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  offsetsLoadBufferSize: int('offsets.load.buffer.size', 5_242_880, 'Size of the reads when committed offsets are loaded.', noEffect("A coordinator loads its log in pieces of a fixed size"), { importance: 'HIGH', valid: atLeast(1) }),
  offsetsRetentionCheckIntervalMs: long('offsets.retention.check.interval.ms', 600_000, 'How often expired offsets are looked for.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  offsetsRetentionMinutes: int('offsets.retention.minutes', 10_080, 'How long offsets of an empty group are kept.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  offsetsTopicCompressionCodec: int('offsets.topic.compression.codec', 0, 'The codec of the offsets topic, by number.', refused("The records of a coordinator are not compressed"), { importance: 'HIGH' }),
  offsetsTopicNumPartitions: int('offsets.topic.num.partitions', 50, 'Partitions of the offsets topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  offsetsTopicReplicationFactor: short('offsets.topic.replication.factor', 3, 'Replicas of the offsets topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  offsetsTopicSegmentBytes: int('offsets.topic.segment.bytes', 104_857_600, 'Segment size of the offsets topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
} as const;
