import { bool, className, int, list, long } from '../config-key.ts';
import { atLeast } from '../config-valid.ts';

/** Streams groups (KIP-1071). */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const streamsGroupsConfigs = [
  long('group.streams.acceptable.recovery.lag', 10_000, 'How far behind a standby may be and still count as caught up.', { valid: atLeast(0), internal: true }),
  int('group.streams.assignment.interval.ms', 1000, 'The time between two assignments of a streams group, unless the group says otherwise.', { dynamic: 'cluster-wide', valid: atLeast(0) }),
  bool('group.streams.assignor.offload.enable', true, "Whether assignments of a streams group are computed off the coordinator's thread.", { dynamic: 'cluster-wide', internal: true }),
  list('group.streams.assignors', 'sticky', 'Assignors of streams groups; the first is the default.'),
  int('group.streams.heartbeat.interval.ms', 5000, 'The time between heartbeats of a member of a streams group, unless the group says otherwise.', { valid: atLeast(1) }),
  int('group.streams.initial.rebalance.delay.ms', 3000, 'How long the first assignment of a streams group waits for more members.', { valid: atLeast(0) }),
  int('group.streams.max.assignment.interval.ms', 15_000, 'The most that may be set for the time between two assignments of a streams group.', { valid: atLeast(0) }),
  int('group.streams.max.heartbeat.interval.ms', 15_000, 'The most that may be set for the time between heartbeats of a member of a streams group.', { valid: atLeast(1) }),
  int('group.streams.max.session.timeout.ms', 60_000, 'The most that may be set for the silence after which a member of a streams group is removed.', { valid: atLeast(1) }),
  int('group.streams.max.size', 2_147_483_647, 'Most members of a streams group.', { valid: atLeast(1) }),
  int('group.streams.max.standby.replicas', 2, 'Most standby copies a streams group may ask for.', { valid: atLeast(0) }),
  int('group.streams.max.warmup.replicas', 20, 'Most warm-up tasks a streams group may ask for.', { valid: atLeast(0), internal: true }),
  int('group.streams.min.assignment.interval.ms', 0, 'The least that may be set for the time between two assignments of a streams group.', { valid: atLeast(0) }),
  int('group.streams.min.heartbeat.interval.ms', 5000, 'The least that may be set for the time between heartbeats of a member of a streams group.', { valid: atLeast(1) }),
  int('group.streams.min.session.timeout.ms', 45_000, 'The least that may be set for the silence after which a member of a streams group is removed.', { valid: atLeast(1) }),
  int('group.streams.min.task.offset.interval.ms', 15_000, 'The shortest interval a group may set for reporting task offsets.', { valid: atLeast(1), internal: true }),
  int('group.streams.num.standby.replicas', 0, 'Standby copies of each stateful task.', { valid: atLeast(0) }),
  int('group.streams.num.warmup.replicas', 2, 'Tasks that may be warmed up at once beyond the assignment.', { valid: atLeast(0), internal: true }),
  list('group.streams.rack.aware.assignment.tags', '', 'Client tags over which standby tasks are spread.', { importance: 'LOW' }),
  int('group.streams.session.timeout.ms', 45_000, 'The silence after which a member of a streams group is removed, unless the group says otherwise.', { valid: atLeast(1) }),
  int('group.streams.task.offset.interval.ms', 60_000, 'How often members of a streams group report the offsets of their tasks.', { valid: atLeast(1), internal: true }),
  className('group.streams.topology.description.plugin.class', null, 'The class that keeps descriptions of topologies.'),
];
