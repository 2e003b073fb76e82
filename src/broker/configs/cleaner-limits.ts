import { logsConfigs } from '../../metadata/configs/broker/logs-configs.ts';
import type { CleanerLimits } from '../../storage/log-cleaner.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** The configs of the cleaner, as they are in force now. */
export function cleanerLimits(settings: BrokerSettings): CleanerLimits {
  return {
    enabled: settings.get(logsConfigs.logCleanerEnable),
    backoffMs: settings.get(logsConfigs.logCleanerBackoffMs),
    keyBytes: settings.get(logsConfigs.logCleanerDedupeBufferSize),
  };
}
