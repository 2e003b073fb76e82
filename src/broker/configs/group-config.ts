import type { GroupConfig } from '../../coordinator/group/group-config.ts';
import { groupsConfigs } from '../../metadata/configs/broker/groups-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { BrokerSettings } from './broker-settings.ts';
import { consumerGroupsConfig } from './consumer-groups-config.ts';
import { shareMembersConfig } from './share-groups-config.ts';
import { streamsGroupsConfig } from './streams-groups-config.ts';

/** A broker's configs that rule its groups, as they are at its start. */
export function groupConfig(settings: BrokerSettings, image: () => ClusterImage): GroupConfig {
  return {
    initialRebalanceDelayMs: settings.get(groupsConfigs.groupInitialRebalanceDelayMs),
    minSessionTimeoutMs: settings.get(groupsConfigs.groupMinSessionTimeoutMs),
    maxSessionTimeoutMs: settings.get(groupsConfigs.groupMaxSessionTimeoutMs),
    maxSize: settings.get(groupsConfigs.groupMaxSize),
    offsetMetadataMaxBytes: settings.get(groupsConfigs.offsetMetadataMaxBytes),
    offsetsRetentionMs: settings.get(groupsConfigs.offsetsRetentionMinutes) * 60_000,
    offsetsRetentionCheckIntervalMs: settings.get(groupsConfigs.offsetsRetentionCheckIntervalMs),
    offsetCommitTimeoutMs: settings.get(groupsConfigs.offsetsCommitTimeoutMs),
    consumer: consumerGroupsConfig(settings, image),
    streams: streamsGroupsConfig(settings, image),
    share: shareMembersConfig(settings, image),
  };
}
