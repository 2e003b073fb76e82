import { int } from '../config-key.ts';
import { atStart, live } from '../config-obedience.ts';
import { atLeast } from '../config-valid.ts';

/** Streams groups (KIP-1071). */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const streamsGroupsConfigs = {
  groupStreamsAssignmentIntervalMs: int('group.streams.assignment.interval.ms', 1000, 'The time between two assignments of a streams group, unless the group says otherwise.', live, { dynamic: 'cluster-wide', valid: atLeast(0) }),
  groupStreamsHeartbeatIntervalMs: int('group.streams.heartbeat.interval.ms', 5000, 'The time between heartbeats of a member of a streams group, unless the group says otherwise.', atStart, { valid: atLeast(1) }),
  groupStreamsInitialRebalanceDelayMs: int('group.streams.initial.rebalance.delay.ms', 3000, 'How long the first assignment of a streams group waits for more members.', atStart, { valid: atLeast(0) }),
  groupStreamsMaxAssignmentIntervalMs: int('group.streams.max.assignment.interval.ms', 15_000, 'The most that may be set for the time between two assignments of a streams group.', atStart, { valid: atLeast(0) }),
  groupStreamsMaxHeartbeatIntervalMs: int('group.streams.max.heartbeat.interval.ms', 15_000, 'The most that may be set for the time between heartbeats of a member of a streams group.', atStart, { valid: atLeast(1) }),
  groupStreamsMaxSessionTimeoutMs: int('group.streams.max.session.timeout.ms', 60_000, 'The most that may be set for the silence after which a member of a streams group is removed.', atStart, { valid: atLeast(1) }),
  groupStreamsMaxSize: int('group.streams.max.size', 2_147_483_647, 'Most members of a streams group.', atStart, { valid: atLeast(1) }),
  groupStreamsMaxStandbyReplicas: int('group.streams.max.standby.replicas', 2, 'Most standby copies a streams group may ask for.', atStart, { valid: atLeast(0) }),
  groupStreamsMinAssignmentIntervalMs: int('group.streams.min.assignment.interval.ms', 0, 'The least that may be set for the time between two assignments of a streams group.', atStart, { valid: atLeast(0) }),
  groupStreamsMinHeartbeatIntervalMs: int('group.streams.min.heartbeat.interval.ms', 5000, 'The least that may be set for the time between heartbeats of a member of a streams group.', atStart, { valid: atLeast(1) }),
  groupStreamsMinSessionTimeoutMs: int('group.streams.min.session.timeout.ms', 45_000, 'The least that may be set for the silence after which a member of a streams group is removed.', atStart, { valid: atLeast(1) }),
  groupStreamsNumStandbyReplicas: int('group.streams.num.standby.replicas', 0, 'Standby copies of each stateful task.', atStart, { valid: atLeast(0) }),
  groupStreamsSessionTimeoutMs: int('group.streams.session.timeout.ms', 45_000, 'The silence after which a member of a streams group is removed, unless the group says otherwise.', atStart, { valid: atLeast(1) }),
} as const;
