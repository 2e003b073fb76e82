import { expect, test } from 'vitest';
import { emptyImage } from '../../metadata/image.ts';
import { BrokerSettings } from './broker-settings.ts';
import { logIntervals } from './log-intervals.ts';

function settingsOf(properties: Readonly<Record<string, string>>): BrokerSettings {
  return new BrokerSettings({ brokerId: 1, image: () => emptyImage, properties });
}

test('how often a broker looks after its logs is what its configs say', () => {
  const intervals = logIntervals(
    settingsOf({
      'log.retention.check.interval.ms': '1001',
      'log.flush.offset.checkpoint.interval.ms': '1002',
      'log.flush.start.offset.checkpoint.interval.ms': '1003',
      'replica.high.watermark.checkpoint.interval.ms': '1004',
      'log.flush.scheduler.interval.ms': '105',
      'producer.id.expiration.check.interval.ms': '1006',
    }),
  );
  expect(intervals).toEqual({
    retentionCheckMs: 1001,
    recoveryPointMs: 1002,
    logStartOffsetMs: 1003,
    highWatermarkMs: 1004,
    flushCheckMs: 105,
    producerExpiryMs: 1006,
  });
});

test('without configs they are Apache Kafka’s defaults, and flush.ms is looked at every half second', () => {
  expect(logIntervals(settingsOf({}))).toEqual({
    retentionCheckMs: 300_000,
    recoveryPointMs: 60_000,
    logStartOffsetMs: 60_000,
    highWatermarkMs: 5_000,
    flushCheckMs: 500,
    producerExpiryMs: 600_000,
  });
});

test('an interval of 0, which Apache Kafka accepts, is the shortest there is', () => {
  expect(logIntervals(settingsOf({ 'log.flush.offset.checkpoint.interval.ms': '0' })).recoveryPointMs).toBe(
    1,
  );
});

test('a flush interval that is longer than ours, or never, is kept to as it was set', () => {
  const flushCheckMs = (value: string) =>
    logIntervals(settingsOf({ 'log.flush.scheduler.interval.ms': value })).flushCheckMs;
  expect(flushCheckMs('60000')).toBe(60_000);
  expect(flushCheckMs('9223372036854775807')).toBe(Number.MAX_SAFE_INTEGER);
});
