import { expect, test } from 'vitest';
import { at, checkBatch, readBatchHeader } from './batch.ts';
import { crc32c } from './crc32c.ts';
import { buildBatch, readRecords } from './record.ts';

/** What a producer sends that counts in nanoseconds where Kafka counts in milliseconds. */
const NANOSECONDS = 1_764_326_400_123_456_789n;
const INT64_MAX = 2n ** 63n - 1n;

const times = (...timestamps: (number | bigint)[]) =>
  buildBatch({
    records: timestamps.map((timestamp) => ({ timestamp, key: null, value: Buffer.from('v') })),
  });

test.each<[string, readonly (number | bigint)[]]>([
  ['nanoseconds', [NANOSECONDS, NANOSECONDS + 1n, NANOSECONDS - 1n]],
  ['milliseconds, then nanoseconds', [1_764_326_400_123, NANOSECONDS]],
  ['nanoseconds, then milliseconds', [NANOSECONDS, 1_764_326_400_123]],
  ['the greatest int64, and the least', [INT64_MAX, -(2n ** 63n), -1]],
  ['around 2^53', [2n ** 53n, 2n ** 53n + 1n, 2 ** 53 - 1, -(2n ** 53n) - 1n]],
])('timestamps beyond 2^53 are read to the last digit: %s', (_, timestamps) => {
  const batch = times(...timestamps);
  expect(readRecords(batch).map(({ timestamp }) => BigInt(timestamp))).toEqual(timestamps.map(BigInt));
  expect(batch.readBigInt64BE(at.baseTimestamp)).toBe(BigInt(timestamps[0] ?? 0));
});

test('a batch in nanoseconds is sound, and stays as it is', () => {
  const batch = times(NANOSECONDS, NANOSECONDS + 100n);
  const sent = Buffer.from(batch);
  expect(checkBatch(batch)).toBe(null);
  expect(batch).toEqual(sent);
});

test('a maxTimestamp in nanoseconds that the records contradict is put right to the last digit', () => {
  const batch = times(NANOSECONDS, NANOSECONDS + 101n);
  batch.writeBigInt64BE(NANOSECONDS, at.maxTimestamp);
  batch.writeUInt32BE(crc32c(batch, at.attributes), at.crc);
  expect(checkBatch(batch)).toBe(null);
  expect(batch.readBigInt64BE(at.maxTimestamp)).toBe(NANOSECONDS + 101n);
  expect(readBatchHeader(batch).crc).toBe(crc32c(batch, at.attributes));
});
