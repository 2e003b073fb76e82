import { expect, test } from 'vitest';
import { checkBatch, readBatchHeader } from '../protocol/records/batch.ts';
import { endTransactionBatch } from '../protocol/records/control.ts';
import { buildBatch, MAX_DECOMPRESSED_BYTES, readRecords } from '../protocol/records/record.ts';
import { checkAppend } from './append-check.ts';
import { defaultLogConfig, type LogConfig } from './log-config.ts';
import { OpeningBudget } from './opening-budget.ts';
import { storedBatch } from './stored-batch.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const value = Buffer.from('offsets count up, leaders come and go; '.repeat(50));
const records = [1, 2, 3].map((n) => ({
  timestamp: 1_750_000_000_000 + n,
  key: Buffer.from(`k${n}`),
  value,
}));
const producer = { producerId: 7, producerEpoch: 2, baseSequence: 40, isTransactional: true };

function stored(bytes: Buffer, config: Partial<LogConfig>): Buffer {
  const result = storedBatch(bytes, { ...defaultLogConfig, ...config });
  if (!Buffer.isBuffer(result)) throw new Error(result.message);
  return result;
}

function errorOf(bytes: Buffer, config: Partial<LogConfig>): string | null {
  const result = storedBatch(bytes, { ...defaultLogConfig, ...config });
  return Buffer.isBuffer(result) ? null : result.error;
}

test.each(codecs.flatMap((from) => codecs.map((to) => [from, to] as const)))(
  'a batch of %s in a topic with compression.type=%s has the codec of the topic, and the same records and producer',
  (from, to) => {
    const batch = buildBatch({ records, compression: from, ...producer });
    const result = stored(batch, { compressionType: to });
    expect(readBatchHeader(result)).toMatchObject({ ...producer, compression: to, recordCount: 3 });
    expect(checkBatch(Buffer.from(result))).toBeNull();
    expect(readRecords(result)).toEqual(readRecords(batch));
    if (from === to) expect(result).toBe(batch);
  },
);

test.each(codecs)('compression.type=producer leaves %s as it is', (compression) => {
  const batch = buildBatch({ records, compression });
  expect(stored(batch, { compressionType: 'producer' })).toBe(batch);
});

test('a marker stays uncompressed', () => {
  const marker = endTransactionBatch({
    outcome: 'COMMIT',
    producerId: 7,
    producerEpoch: 2,
    coordinatorEpoch: 1,
    timestamp: 1_750_000_000_000,
  });
  expect(stored(marker, { compressionType: 'gzip' })).toBe(marker);
});

test('a batch that is too large only as it would be stored is MESSAGE_TOO_LARGE', () => {
  const batch = buildBatch({ records, compression: 'gzip' });
  const config = { maxMessageBytes: batch.length };
  expect(errorOf(batch, { ...config, compressionType: 'gzip' })).toBeNull();
  expect(errorOf(batch, { ...config, compressionType: 'none' })).toBe('MESSAGE_TOO_LARGE');
});

test('a count that the compressed records contradict is INVALID_RECORD', () => {
  const batch = buildBatch({ records, compression: 'gzip' });
  batch.writeInt32BE(4, 57);
  batch.writeInt32BE(3, 23);
  expect(errorOf(batch, { compressionType: 'zstd' })).toBe('INVALID_RECORD');
});

test('a higher level is obeyed (KIP-390)', () => {
  const random = Array.from({ length: 4000 }, (_, i) => (i * 2654435761) % 977).join(' ');
  const batch = buildBatch({ records: [{ timestamp: 0, key: null, value: Buffer.from(random) }] });
  const size = (compressionLevel: number) =>
    stored(batch, { compressionType: 'gzip', compressionLevel }).length;
  expect(size(9)).toBeLessThan(size(1));
});

test('a batch that uses up what its request may open is opened for its keys, and again to be compressed', () => {
  const config: LogConfig = { ...defaultLogConfig, cleanupPolicy: ['compact'], compressionType: 'zstd' };
  const batch = buildBatch({ records, compression: 'lz4' });
  const opening = new OpeningBudget();
  opening.open(Buffer.alloc(0), () => Buffer.alloc(MAX_DECOMPRESSED_BYTES - 1));
  expect(checkAppend(batch, config, 1_750_000_000_000, opening)).toBeNull();
  const result = storedBatch(batch, config, opening);
  expect(Buffer.isBuffer(result) ? readBatchHeader(result).compression : result).toBe('zstd');
  expect(storedBatch(Buffer.from(batch), config, opening)).toMatchObject({ error: 'REQUEST_TIMED_OUT' });
});
