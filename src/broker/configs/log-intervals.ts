import { logsConfigs } from '../../metadata/configs/broker/logs-configs.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import { transactionsConfigs } from '../../metadata/configs/broker/transactions-configs.ts';
import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import type { LogIntervals } from '../../storage/log-housekeeping.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** Kafka lets some of them be 0; a round that begins again at once would leave no time for anything else. */
const SHORTEST_MS = 1;
/** Kafka's default never looks; unset, ours does, so that `flush.ms` works without a second config. */
const FLUSH_CHECK_MS = 500;

/** How often a broker looks after its logs, as its configs are at its start. */
export function logIntervals(settings: BrokerSettings): LogIntervals {
  const every = (key: ConfigKey<number>) => Math.max(SHORTEST_MS, settings.get(key));
  return {
    retentionCheckMs: every(logsConfigs.logRetentionCheckIntervalMs),
    recoveryPointMs: every(logsConfigs.logFlushOffsetCheckpointIntervalMs),
    logStartOffsetMs: every(logsConfigs.logFlushStartOffsetCheckpointIntervalMs),
    highWatermarkMs: every(replicationConfigs.replicaHighWatermarkCheckpointIntervalMs),
    flushCheckMs: isSet(settings, logsConfigs.logFlushSchedulerIntervalMs)
      ? every(logsConfigs.logFlushSchedulerIntervalMs)
      : FLUSH_CHECK_MS,
    producerExpiryMs: every(transactionsConfigs.producerIdExpirationCheckIntervalMs),
  };
}

function isSet(settings: BrokerSettings, { name }: ConfigKey): boolean {
  return settings.levels.resolve(name).source !== 'DEFAULT_CONFIG';
}
