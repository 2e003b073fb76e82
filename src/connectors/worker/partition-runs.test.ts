import { expect, test } from 'vitest';
import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import { partitionRuns } from './partition-runs.ts';

const record = (topic: string, partition: number, offset: number): ConsumedRecord => ({
  ...{ topic, partition, offset, leaderEpoch: 0, timestamp: 0, key: null, value: null, headers: [] },
});

test('a run ends where the topic or the partition changes, and every record is in one', () => {
  const polled = [
    record('a', 0, 7),
    record('a', 0, 9),
    record('a', 1, 3),
    record('b', 1, 4),
    record('a', 0, 10),
  ];
  const runs = partitionRuns(polled);
  expect(runs.map(({ records }) => records.map(({ offset }) => offset))).toEqual([[7, 9], [3], [4], [10]]);
  expect(runs.map(({ last }) => last.offset)).toEqual([9, 3, 4, 10]);
  expect(runs[0]?.key).toBe(runs[3]?.key);
  expect(new Set(runs.map(({ key }) => key)).size).toBe(3);
  expect(partitionRuns([])).toEqual([]);
});
