import { DEFAULT_GROUP_CONFIG, type GroupConfig } from '../coordinator/group/group-config.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** A broker's configs that rule its groups, as they are at its start. */
export function groupConfig(settings: BrokerSettings): GroupConfig {
  const d = DEFAULT_GROUP_CONFIG;
  return {
    initialRebalanceDelayMs: settings.number('group.initial.rebalance.delay.ms', d.initialRebalanceDelayMs),
    minSessionTimeoutMs: settings.number('group.min.session.timeout.ms', d.minSessionTimeoutMs),
    maxSessionTimeoutMs: settings.number('group.max.session.timeout.ms', d.maxSessionTimeoutMs),
    maxSize: settings.number('group.max.size', d.maxSize),
    offsetMetadataMaxBytes: settings.number('offset.metadata.max.bytes', d.offsetMetadataMaxBytes),
    offsetsRetentionMs: settings.number('offsets.retention.minutes', 7 * 24 * 60) * 60_000,
    offsetsRetentionCheckIntervalMs: settings.number(
      'offsets.retention.check.interval.ms',
      d.offsetsRetentionCheckIntervalMs,
    ),
    offsetCommitTimeoutMs: settings.number('offsets.commit.timeout.ms', d.offsetCommitTimeoutMs),
  };
}
