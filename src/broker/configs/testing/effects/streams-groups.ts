import { streamsGroupsConfigs } from '../../../../metadata/configs/broker/streams-groups-configs.ts';
import { groupKeys } from '../../../../metadata/configs/group-configs.ts';
import { type ConfigEffect, effect } from '../config-effect.ts';

/** Streams groups. A bound shows its effect in the default, which it brings within. */
export const streamsGroupsEffects: readonly ConfigEffect[] = [
  effect(streamsGroupsConfigs.groupStreamsMaxSize, '7', (c) => c.groups.streams.maxSize, 7),
  effect(
    streamsGroupsConfigs.groupStreamsAssignmentIntervalMs,
    '7',
    (c) => c.streamsGroup.assignmentIntervalMs,
    7,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsHeartbeatIntervalMs,
    '7007',
    (c) => c.streamsGroup.heartbeatIntervalMs,
    7007,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsSessionTimeoutMs,
    '46007',
    (c) => c.streamsGroup.sessionTimeoutMs,
    46_007,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsInitialRebalanceDelayMs,
    '7',
    (c) => c.streamsGroup.initialRebalanceDelayMs,
    7,
  ),
  effect(streamsGroupsConfigs.groupStreamsNumStandbyReplicas, '1', (c) => c.streamsGroup.standbyReplicas, 1),
  effect(
    streamsGroupsConfigs.groupStreamsMaxAssignmentIntervalMs,
    '7',
    (c) => c.streamsGroup.assignmentIntervalMs,
    7,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsMinAssignmentIntervalMs,
    '7007',
    (c) => c.streamsGroup.assignmentIntervalMs,
    7007,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsMaxHeartbeatIntervalMs,
    '4007',
    (c) => c.streamsGroup.heartbeatIntervalMs,
    4007,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsMinHeartbeatIntervalMs,
    '7007',
    (c) => c.streamsGroup.heartbeatIntervalMs,
    7007,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsMaxSessionTimeoutMs,
    '44007',
    (c) => c.streamsGroup.sessionTimeoutMs,
    44_007,
  ),
  effect(
    streamsGroupsConfigs.groupStreamsMinSessionTimeoutMs,
    '46007',
    (c) => c.streamsGroup.sessionTimeoutMs,
    46_007,
  ),
  effect(groupKeys.streamsAssignmentIntervalMs, '7', (c) => c.streamsGroup.assignmentIntervalMs, 7),
  effect(groupKeys.streamsHeartbeatIntervalMs, '7007', (c) => c.streamsGroup.heartbeatIntervalMs, 7007),
  effect(groupKeys.streamsSessionTimeoutMs, '46007', (c) => c.streamsGroup.sessionTimeoutMs, 46_007),
  effect(groupKeys.streamsInitialRebalanceDelayMs, '7', (c) => c.streamsGroup.initialRebalanceDelayMs, 7),
  effect(groupKeys.streamsNumStandbyReplicas, '1', (c) => c.streamsGroup.standbyReplicas, 1),
  effect(streamsGroupsConfigs.groupStreamsMaxStandbyReplicas, '1', (c) => c.streamsGroup.standbyReplicas, 1, {
    'group.streams.num.standby.replicas': '2',
  }),
];
