import type { LogIntervals } from '../storage/log-housekeeping.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** Kafka lets some of them be 0; a round that begins again at once would leave no time for anything else. */
const SHORTEST_MS = 1;
/** Kafka's default never looks; ours does, so that `flush.ms` of a topic works without a second config. */
const FLUSH_CHECK_MS = 500;

/** How often a broker looks after its logs, as its configs are at its start. */
export function logIntervals(settings: BrokerSettings): LogIntervals {
  const every = (name: string, fallback: number) => Math.max(SHORTEST_MS, settings.number(name, fallback));
  return {
    retentionCheckMs: every('log.retention.check.interval.ms', 300_000),
    recoveryPointMs: every('log.flush.offset.checkpoint.interval.ms', 60_000),
    logStartOffsetMs: every('log.flush.start.offset.checkpoint.interval.ms', 60_000),
    highWatermarkMs: every('replica.high.watermark.checkpoint.interval.ms', 5_000),
    flushCheckMs: Math.min(FLUSH_CHECK_MS, every('log.flush.scheduler.interval.ms', FLUSH_CHECK_MS)),
    producerExpiryMs: every('producer.id.expiration.check.interval.ms', 600_000),
  };
}
