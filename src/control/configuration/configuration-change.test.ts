import { expect, test } from 'vitest';
import { configurationChange, liveValues } from './configuration-change.ts';

const NOTHING = { live: [], rolling: [], withoutEffect: [] };
const base = { 'num.partitions': '1', 'min.insync.replicas': '2' };
type Properties = Record<string, string>;

const step = (before: Properties, after: Properties, started: readonly Properties[] = [before]) => ({
  base,
  before,
  after,
  started,
});

test('each property that changes is live, needs a restart, or is without effect, as the table of configs says', () => {
  const change = configurationChange(
    step({}, { 'message.max.bytes': '8388608', 'num.partitions': '3', 'num.io.threads': '16' }),
  );
  expect(change).toEqual({
    live: ['message.max.bytes'],
    rolling: ['num.partitions'],
    withoutEffect: ['num.io.threads'],
  });
});

test('what says the same as before, or as the base, is no change', () => {
  const properties = { 'message.max.bytes': '8388608', 'num.partitions': '1' };
  expect(configurationChange(step({ 'message.max.bytes': '8388608' }, properties))).toEqual(NOTHING);
});

test('a live property that goes gets the value of the base, else that of Kafka', () => {
  const before = { 'message.max.bytes': '8388608', 'min.insync.replicas': '1' };
  expect(liveValues(step(before, {}))).toEqual({
    'message.max.bytes': '1048588',
    'min.insync.replicas': '2',
  });
});

test('one that Kafka has unset is unset again: at once, or by a restart of those that were started with it', () => {
  const before = { 'log.retention.ms': '1000' };
  expect(liveValues(step(before, {}, [{}]))).toEqual({ 'log.retention.ms': null });
  expect(configurationChange(step(before, {}, [{}])).rolling).toEqual([]);
  expect(configurationChange(step(before, {}, [before])).rolling).toEqual(['log.retention.ms']);
});

test('a broker that an earlier change left with other properties is restarted', () => {
  const properties = { 'num.partitions': '3' };
  const change = configurationChange(step(properties, properties, [properties, { 'num.partitions': '6' }]));
  expect(change).toEqual({ ...NOTHING, rolling: ['num.partitions'] });
});
