import type { ShareCoordinatorConfig } from '../../coordinator/share/share-coordinator-config.ts';
import { shareGroupsConfigs } from '../../metadata/configs/broker/share-groups-configs.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** A broker's configs that rule its share coordinator, as they are at its start. */
export function shareCoordinatorConfig(settings: BrokerSettings): ShareCoordinatorConfig {
  return {
    writeTimeoutMs: settings.get(shareGroupsConfigs.shareCoordinatorWriteTimeoutMs),
    updatesPerSnapshot: settings.get(shareGroupsConfigs.shareCoordinatorSnapshotUpdateRecordsPerSnapshot),
    pruneIntervalMs: settings.get(shareGroupsConfigs.shareCoordinatorStateTopicPruneIntervalMs),
    coldSnapshotIntervalMs: settings.get(shareGroupsConfigs.shareCoordinatorColdPartitionSnapshotIntervalMs),
  };
}
