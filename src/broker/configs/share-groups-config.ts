import type { ShareGroupsConfig } from '../../coordinator/group/group-config.ts';
import { shareGroupsConfigs } from '../../metadata/configs/broker/share-groups-configs.ts';
import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import { groupKeys } from '../../metadata/configs/group-configs.ts';
import { resolveConfig } from '../../metadata/configs/resolve-config.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * How the records of a share group are delivered, by the configs of the group, of the cluster and of this
 * broker.
 */
export interface DeliveryConfig {
  /** `share.auto.offset.reset`: `earliest`, `latest` or `by_duration:` with an ISO 8601 duration. */
  readonly autoOffsetReset: string;
  readonly isReadCommitted: boolean;
  readonly lockDurationMs: number;
  readonly deliveryCountLimit: number;
  readonly recordLocks: number;
  readonly mayRenew: boolean;
}

/**
 * The configs that rule the members of share groups; what is set for one group is in force with its next
 * heartbeat.
 */
export function shareMembersConfig(settings: BrokerSettings, image: () => ClusterImage): ShareGroupsConfig {
  return {
    maxSize: settings.get(shareGroupsConfigs.groupShareMaxSize),
    initializeRetryIntervalMs: settings.get(shareGroupsConfigs.groupShareInitializeRetryIntervalMs),
    of: (groupId) => {
      const { bounded } = groupSettings(settings, image, groupId);
      return {
        sessionTimeoutMs: bounded(
          groupKeys.shareSessionTimeoutMs,
          shareGroupsConfigs.groupShareMinSessionTimeoutMs,
          shareGroupsConfigs.groupShareMaxSessionTimeoutMs,
        ),
        heartbeatIntervalMs: bounded(
          groupKeys.shareHeartbeatIntervalMs,
          shareGroupsConfigs.groupShareMinHeartbeatIntervalMs,
          shareGroupsConfigs.groupShareMaxHeartbeatIntervalMs,
        ),
        assignmentIntervalMs: bounded(
          groupKeys.shareAssignmentIntervalMs,
          shareGroupsConfigs.groupShareMinAssignmentIntervalMs,
          shareGroupsConfigs.groupShareMaxAssignmentIntervalMs,
        ),
      };
    },
  };
}

/** How many share sessions this broker keeps. */
export function shareSessionsMax(settings: BrokerSettings): number {
  return settings.get(shareGroupsConfigs.groupShareMaxShareSessions);
}

/** What is in force for the deliveries of one group now. */
export function deliveryConfig(
  settings: BrokerSettings,
  image: () => ClusterImage,
  groupId: string,
): DeliveryConfig {
  const { of, bounded } = groupSettings(settings, image, groupId);
  return {
    autoOffsetReset: of(groupKeys.shareAutoOffsetReset),
    isReadCommitted: of(groupKeys.shareIsolationLevel) === 'read_committed',
    lockDurationMs: bounded(
      groupKeys.shareRecordLockDurationMs,
      shareGroupsConfigs.groupShareMinRecordLockDurationMs,
      shareGroupsConfigs.groupShareMaxRecordLockDurationMs,
    ),
    deliveryCountLimit: bounded(
      groupKeys.shareDeliveryCountLimit,
      shareGroupsConfigs.groupShareMinDeliveryCountLimit,
      shareGroupsConfigs.groupShareMaxDeliveryCountLimit,
    ),
    recordLocks: bounded(
      groupKeys.sharePartitionMaxRecordLocks,
      shareGroupsConfigs.groupShareMinPartitionMaxRecordLocks,
      shareGroupsConfigs.groupShareMaxPartitionMaxRecordLocks,
    ),
    mayRenew: of(groupKeys.shareRenewAcknowledgeEnable),
  };
}

/**
 * What is set for a group, or else for the cluster; what was set before its bounds changed is brought between
 * them.
 */
function groupSettings(settings: BrokerSettings, image: () => ClusterImage, groupId: string) {
  const overrides = image().configs.get('group', groupId);
  const of = <Value>(key: ConfigKey<Value>): Value =>
    key.valueOf(resolveConfig(key, overrides, 'GROUP_CONFIG', settings.levels).value);
  const bounded = (key: ConfigKey<number>, least: ConfigKey<number>, most: ConfigKey<number>): number =>
    Math.min(Math.max(of(key), settings.get(least)), settings.get(most));
  return { of, bounded };
}
