import type { StreamsGroupConfig, StreamsGroupsConfig } from '../../coordinator/group/group-config.ts';
import { streamsGroupsConfigs } from '../../metadata/configs/broker/streams-groups-configs.ts';
import { groupKeys } from '../../metadata/configs/group-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { boundedGroupConfig } from './bounded-group-config.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * The configs that rule groups of the streams protocol; what is set for one group is in force with its next
 * heartbeat.
 */
export function streamsGroupsConfig(
  settings: BrokerSettings,
  image: () => ClusterImage,
): StreamsGroupsConfig {
  return {
    maxSize: settings.get(streamsGroupsConfigs.groupStreamsMaxSize),
    of: (groupId) => streamsGroupConfig(settings, image().configs.get('group', groupId)),
  };
}

function streamsGroupConfig(
  settings: BrokerSettings,
  overrides: ReadonlyMap<string, string>,
): StreamsGroupConfig {
  return {
    sessionTimeoutMs: boundedGroupConfig(settings, overrides, {
      key: groupKeys.streamsSessionTimeoutMs,
      least: streamsGroupsConfigs.groupStreamsMinSessionTimeoutMs,
      most: streamsGroupsConfigs.groupStreamsMaxSessionTimeoutMs,
    }),
    heartbeatIntervalMs: boundedGroupConfig(settings, overrides, {
      key: groupKeys.streamsHeartbeatIntervalMs,
      least: streamsGroupsConfigs.groupStreamsMinHeartbeatIntervalMs,
      most: streamsGroupsConfigs.groupStreamsMaxHeartbeatIntervalMs,
    }),
    assignmentIntervalMs: boundedGroupConfig(settings, overrides, {
      key: groupKeys.streamsAssignmentIntervalMs,
      least: streamsGroupsConfigs.groupStreamsMinAssignmentIntervalMs,
      most: streamsGroupsConfigs.groupStreamsMaxAssignmentIntervalMs,
    }),
    initialRebalanceDelayMs: boundedGroupConfig(settings, overrides, {
      key: groupKeys.streamsInitialRebalanceDelayMs,
    }),
    standbyReplicas: boundedGroupConfig(settings, overrides, {
      key: groupKeys.streamsNumStandbyReplicas,
      most: streamsGroupsConfigs.groupStreamsMaxStandbyReplicas,
    }),
  };
}
