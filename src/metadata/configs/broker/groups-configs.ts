import { bool, int, list, long, short, string } from '../config-key.ts';
import { atLeast, listOf, oneOfIgnoringCase } from '../config-valid.ts';

/** Consumer groups of both protocols, and committed offsets. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const groupsConfigs = [
  int('group.consumer.assignment.interval.ms', 1000, 'The time between two assignments of a consumer group, unless the group says otherwise.', { dynamic: 'cluster-wide', valid: atLeast(0) }),
  bool('group.consumer.assignor.offload.enable', true, "Whether assignments of a consumer group are computed off the coordinator's thread.", { dynamic: 'cluster-wide', internal: true }),
  list('group.consumer.assignors', 'uniform,range', 'Assignors of consumer groups; the first is the default.'),
  int('group.consumer.heartbeat.interval.ms', 5000, 'The time between heartbeats of a member of a consumer group, unless the group says otherwise.', { valid: atLeast(1) }),
  int('group.consumer.max.assignment.interval.ms', 15_000, 'The most that may be set for the time between two assignments of a consumer group.', { valid: atLeast(0) }),
  int('group.consumer.max.heartbeat.interval.ms', 15_000, 'The most that may be set for the time between heartbeats of a member of a consumer group.', { valid: atLeast(1) }),
  int('group.consumer.max.session.timeout.ms', 60_000, 'The most that may be set for the silence after which a member of a consumer group is removed.', { valid: atLeast(1) }),
  int('group.consumer.max.size', 2_147_483_647, 'Most members of a consumer group.', { valid: atLeast(1) }),
  string('group.consumer.migration.policy', 'bidirectional', 'Which way groups may change between the classic and the consumer protocol.', { valid: oneOfIgnoringCase('DISABLED', 'DOWNGRADE', 'UPGRADE', 'BIDIRECTIONAL') }),
  int('group.consumer.min.assignment.interval.ms', 0, 'The least that may be set for the time between two assignments of a consumer group.', { valid: atLeast(0) }),
  int('group.consumer.min.heartbeat.interval.ms', 5000, 'The least that may be set for the time between heartbeats of a member of a consumer group.', { valid: atLeast(1) }),
  int('group.consumer.min.session.timeout.ms', 45_000, 'The least that may be set for the silence after which a member of a consumer group is removed.', { valid: atLeast(1) }),
  int('group.consumer.regex.refresh.interval.ms', 600_000, 'How often subscribed patterns are matched against the topics again.', { valid: atLeast(10_000), internal: true }),
  int('group.consumer.session.timeout.ms', 45_000, 'The silence after which a member of a consumer group is removed, unless the group says otherwise.', { valid: atLeast(1) }),
  int('group.coordinator.append.linger.ms', -1, 'How long the coordinator gathers records before it writes them; -1 adapts.', { valid: atLeast(-1) }),
  int('group.coordinator.background.threads', 2, "Threads for assignments off the coordinator's own.", { importance: 'HIGH', valid: atLeast(1) }),
  int('group.coordinator.cached.buffer.max.bytes', 1_048_588, 'The largest write buffer the group coordinator keeps.', { dynamic: 'cluster-wide', valid: atLeast(524_288) }),
  list('group.coordinator.rebalance.protocols', 'classic,consumer,streams', 'Group protocols that are enabled.', { valid: listOf('consumer', 'classic', 'share', 'streams') }),
  int('group.coordinator.threads', 4, 'Threads of the group coordinator.', { importance: 'HIGH', valid: atLeast(1) }),
  int('group.initial.rebalance.delay.ms', 3000, 'How long the first rebalance of an empty classic group waits for more members.'),
  int('group.max.session.timeout.ms', 1_800_000, 'The longest session timeout a classic member may ask for.'),
  int('group.max.size', 2_147_483_647, 'Most members of a classic group.', { valid: atLeast(1) }),
  int('group.min.session.timeout.ms', 6000, 'The shortest session timeout a classic member may ask for.'),
  int('offset.metadata.max.bytes', 4096, 'The longest metadata of a committed offset.', { importance: 'HIGH' }),
  int('offsets.commit.timeout.ms', 5000, 'How long a commit waits for the replicas of its partition.', { importance: 'HIGH', valid: atLeast(1) }),
  int('offsets.load.buffer.size', 5_242_880, 'Size of the reads when committed offsets are loaded.', { importance: 'HIGH', valid: atLeast(1) }),
  long('offsets.retention.check.interval.ms', 600_000, 'How often expired offsets are looked for.', { importance: 'HIGH', valid: atLeast(1) }),
  int('offsets.retention.minutes', 10_080, 'How long offsets of an empty group are kept.', { importance: 'HIGH', valid: atLeast(1) }),
  int('offsets.topic.compression.codec', 0, 'The codec of the offsets topic, by number.', { importance: 'HIGH' }),
  int('offsets.topic.num.partitions', 50, 'Partitions of the offsets topic.', { importance: 'HIGH', valid: atLeast(1) }),
  short('offsets.topic.replication.factor', 3, 'Replicas of the offsets topic.', { importance: 'HIGH', valid: atLeast(1) }),
  int('offsets.topic.segment.bytes', 104_857_600, 'Segment size of the offsets topic.', { importance: 'HIGH', valid: atLeast(1) }),
];
