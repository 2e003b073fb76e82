import type { ConsumerGroupConfig, ConsumerGroupsConfig } from '../../coordinator/group/group-config.ts';
import { groupsConfigs } from '../../metadata/configs/broker/groups-configs.ts';
import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import { groupKeys } from '../../metadata/configs/group-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { boundedGroupConfig } from './bounded-group-config.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * The configs that rule groups of the consumer protocol; what is set for one group is in force with its next
 * heartbeat.
 */
export function consumerGroupsConfig(
  settings: BrokerSettings,
  image: () => ClusterImage,
): ConsumerGroupsConfig {
  const policy = settings.get(groupsConfigs.groupConsumerMigrationPolicy).toLowerCase();
  return {
    assignors: settings.get(groupsConfigs.groupConsumerAssignors),
    maxSize: settings.get(groupsConfigs.groupConsumerMaxSize),
    migration: {
      upgrade: policy === 'upgrade' || policy === 'bidirectional',
      downgrade: policy === 'downgrade' || policy === 'bidirectional',
    },
    expressionRefreshMs: settings.get(groupsConfigs.groupConsumerRegexRefreshIntervalMs),
    of: (groupId) => consumerGroupConfig(settings, image().configs.get('group', groupId)),
  };
}

function consumerGroupConfig(
  settings: BrokerSettings,
  overrides: ReadonlyMap<string, string>,
): ConsumerGroupConfig {
  const bounded = (key: ConfigKey<number>, least: ConfigKey<number>, most: ConfigKey<number>): number =>
    boundedGroupConfig(settings, overrides, { key, least, most });
  return {
    sessionTimeoutMs: bounded(
      groupKeys.consumerSessionTimeoutMs,
      groupsConfigs.groupConsumerMinSessionTimeoutMs,
      groupsConfigs.groupConsumerMaxSessionTimeoutMs,
    ),
    heartbeatIntervalMs: bounded(
      groupKeys.consumerHeartbeatIntervalMs,
      groupsConfigs.groupConsumerMinHeartbeatIntervalMs,
      groupsConfigs.groupConsumerMaxHeartbeatIntervalMs,
    ),
    assignmentIntervalMs: bounded(
      groupKeys.consumerAssignmentIntervalMs,
      groupsConfigs.groupConsumerMinAssignmentIntervalMs,
      groupsConfigs.groupConsumerMaxAssignmentIntervalMs,
    ),
  };
}
