import { groupsConfigs } from './broker/groups-configs.ts';
import { groupKeys } from './group-configs.ts';

/** What may be set for one consumer group, with the broker configs that it must be between. */
export const consumerGroupBounds = [
  {
    key: groupKeys.consumerSessionTimeoutMs,
    least: groupsConfigs.groupConsumerMinSessionTimeoutMs,
    most: groupsConfigs.groupConsumerMaxSessionTimeoutMs,
  },
  {
    key: groupKeys.consumerHeartbeatIntervalMs,
    least: groupsConfigs.groupConsumerMinHeartbeatIntervalMs,
    most: groupsConfigs.groupConsumerMaxHeartbeatIntervalMs,
  },
  {
    key: groupKeys.consumerAssignmentIntervalMs,
    least: groupsConfigs.groupConsumerMinAssignmentIntervalMs,
    most: groupsConfigs.groupConsumerMaxAssignmentIntervalMs,
  },
] as const;
