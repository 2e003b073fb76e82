import { groupsConfigs } from '../../../../metadata/configs/broker/groups-configs.ts';
import { groupKeys } from '../../../../metadata/configs/group-configs.ts';
import { type ConfigEffect, effect } from '../config-effect.ts';

/** Classic and consumer groups. A bound shows its effect in the default, which it brings within. */
export const groupsEffects: readonly ConfigEffect[] = [
  effect(groupsConfigs.groupInitialRebalanceDelayMs, '7', (c) => c.groups.initialRebalanceDelayMs, 7),
  effect(groupsConfigs.groupMinSessionTimeoutMs, '7', (c) => c.groups.minSessionTimeoutMs, 7),
  effect(groupsConfigs.groupMaxSessionTimeoutMs, '7', (c) => c.groups.maxSessionTimeoutMs, 7),
  effect(groupsConfigs.groupMaxSize, '7', (c) => c.groups.maxSize, 7),
  effect(groupsConfigs.offsetMetadataMaxBytes, '7', (c) => c.groups.offsetMetadataMaxBytes, 7),
  effect(groupsConfigs.offsetsRetentionMinutes, '7', (c) => c.groups.offsetsRetentionMs, 420_000),
  effect(
    groupsConfigs.offsetsRetentionCheckIntervalMs,
    '7',
    (c) => c.groups.offsetsRetentionCheckIntervalMs,
    7,
  ),
  effect(groupsConfigs.offsetsCommitTimeoutMs, '7', (c) => c.groups.offsetCommitTimeoutMs, 7),
  effect(groupsConfigs.groupConsumerAssignors, 'range', (c) => c.groups.consumer.assignors, ['range']),
  effect(groupsConfigs.groupConsumerMaxSize, '7', (c) => c.groups.consumer.maxSize, 7),
  effect(groupsConfigs.groupConsumerMigrationPolicy, 'upgrade', (c) => c.groups.consumer.migration, {
    upgrade: true,
    downgrade: false,
  }),
  effect(
    groupsConfigs.groupConsumerRegexRefreshIntervalMs,
    '10007',
    (c) => c.groups.consumer.expressionRefreshMs,
    10_007,
  ),
  effect(
    groupsConfigs.groupConsumerAssignmentIntervalMs,
    '7',
    (c) => c.consumerGroup.assignmentIntervalMs,
    7,
  ),
  effect(
    groupsConfigs.groupConsumerHeartbeatIntervalMs,
    '7007',
    (c) => c.consumerGroup.heartbeatIntervalMs,
    7007,
  ),
  effect(
    groupsConfigs.groupConsumerSessionTimeoutMs,
    '46007',
    (c) => c.consumerGroup.sessionTimeoutMs,
    46_007,
  ),
  effect(
    groupsConfigs.groupConsumerMaxAssignmentIntervalMs,
    '7',
    (c) => c.consumerGroup.assignmentIntervalMs,
    7,
  ),
  effect(
    groupsConfigs.groupConsumerMinAssignmentIntervalMs,
    '7007',
    (c) => c.consumerGroup.assignmentIntervalMs,
    7007,
  ),
  effect(
    groupsConfigs.groupConsumerMaxHeartbeatIntervalMs,
    '4007',
    (c) => c.consumerGroup.heartbeatIntervalMs,
    4007,
  ),
  effect(
    groupsConfigs.groupConsumerMinHeartbeatIntervalMs,
    '7007',
    (c) => c.consumerGroup.heartbeatIntervalMs,
    7007,
  ),
  effect(
    groupsConfigs.groupConsumerMaxSessionTimeoutMs,
    '44007',
    (c) => c.consumerGroup.sessionTimeoutMs,
    44_007,
  ),
  effect(
    groupsConfigs.groupConsumerMinSessionTimeoutMs,
    '46007',
    (c) => c.consumerGroup.sessionTimeoutMs,
    46_007,
  ),
  effect(groupKeys.consumerAssignmentIntervalMs, '7', (c) => c.consumerGroup.assignmentIntervalMs, 7),
  effect(groupKeys.consumerHeartbeatIntervalMs, '7007', (c) => c.consumerGroup.heartbeatIntervalMs, 7007),
  effect(groupKeys.consumerSessionTimeoutMs, '46007', (c) => c.consumerGroup.sessionTimeoutMs, 46_007),
  effect(groupsConfigs.groupCoordinatorRebalanceProtocols, 'classic', (c) => c.hasStreamsProtocol, false),
];
