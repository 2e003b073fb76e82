import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkBatch, readBatchHeader } from './batch.ts';
import { controlType, endTransactionBatch, readEndTransaction } from './control.ts';
import { buildBatch, type LogRecord, readRecords } from './record.ts';
import recorded from './vectors/kafka-clients.json' with { type: 'json' };

const vectors = recorded.vectors.map((vector) => ({ ...vector, bytes: Buffer.from(vector.hex, 'hex') }));

/** A record as the vectors spell it. */
function spelled({ offset, timestamp, key, value, headers }: LogRecord): unknown {
  const long = value !== null && value.length > 200;
  return {
    offset,
    timestamp,
    key: key?.toString('hex') ?? null,
    ...(long
      ? { valueSha256: createHash('sha256').update(value).digest('hex'), valueBytes: value.length }
      : { value: value?.toString('hex') ?? null }),
    headers: headers.map((header) => ({ key: header.key, value: header.value?.toString('hex') ?? null })),
  };
}

test.each(vectors)('records that kafka-clients wrote are read: $name', ({ bytes, batches: [batch] }) => {
  expect(readRecords(bytes).map(spelled)).toEqual(batch?.records);
});

test.each(vectors.filter(({ name }) => ['none', 'idempotent'].includes(name)))(
  'a batch built from the same records has the same bytes as that of kafka-clients: $name',
  ({ bytes }) => {
    const header = readBatchHeader(bytes);
    const built = buildBatch({
      records: readRecords(bytes),
      baseOffset: header.baseOffset,
      leaderEpoch: header.partitionLeaderEpoch,
      producerId: header.producerId,
      producerEpoch: header.producerEpoch,
      baseSequence: header.baseSequence,
    });
    expect(built).toEqual(bytes);
  },
);

test.each(vectors.filter(({ name }) => name.endsWith('marker')))(
  'a transaction marker is that of kafka-clients: $name',
  ({ name, bytes }) => {
    const outcome = name === 'commit marker' ? 'COMMIT' : 'ABORT';
    const [record] = readRecords(bytes);
    if (!record) throw new Error('no record');
    expect(readEndTransaction(record)).toEqual({ outcome, coordinatorEpoch: 9 });
    const header = readBatchHeader(bytes);
    const marker = endTransactionBatch({
      outcome,
      coordinatorEpoch: 9,
      producerId: 4000,
      producerEpoch: 7,
      timestamp: 1_700_000_000_000,
      baseOffset: header.baseOffset,
      leaderEpoch: header.partitionLeaderEpoch,
    });
    expect(marker).toEqual(bytes);
  },
);

test('a control type of a later release is not known', () => {
  expect(controlType(Buffer.from([0, 0, 0, 99]))).toBe(null);
  expect(controlType(Buffer.from([0, 0]))).toBe(null);
  expect(controlType(null)).toBe(null);
});

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'what is built with %s is read back',
  (compression) => {
    const records = Array.from({ length: 500 }, (_, i) => ({
      timestamp: 1_700_000_000_000 + (i % 7) * 40_000_000_000 - i,
      key: i % 3 ? Buffer.from(`key ${i}`) : null,
      value: i % 5 ? Buffer.alloc(i, i) : null,
      headers:
        i % 4
          ? []
          : [
              { key: 'hé', value: Buffer.from('x') },
              { key: '', value: null },
            ],
    }));
    const batch = buildBatch({ records, compression, baseOffset: 10, leaderEpoch: 2 });
    expect(checkBatch(batch)).toBe(null);
    expect(readRecords(batch)).toEqual(records.map((record, i) => ({ offset: 10 + i, ...record })));
  },
);
