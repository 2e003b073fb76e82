import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { at, checkIntegrity, HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../protocol/records/batch.ts';
import { crc32c } from '../protocol/records/crc32c.ts';
import { buildBatch, type NewRecord, readRecords } from '../protocol/records/record.ts';
import { checkAppend } from './append-check.ts';
import { defaultLogConfig, type LogConfig, UNLIMITED } from './log-config.ts';
import { OpeningBudget } from './opening-budget.ts';

const NOW = 1_750_000_000_000;
const HOUR = 60 * 60 * 1000;
const NANOSECONDS = 1_750_000_000_123_456_789n;
const compact: Partial<LogConfig> = { cleanupPolicy: ['compact'] };

function batch(more: Partial<NewRecord> = {}, compression: 'none' | 'zstd' = 'none'): Buffer {
  const first = { timestamp: NOW, key: Buffer.from('k'), value: Buffer.from('v') };
  return buildBatch({ records: [first, { ...first, ...more }], compression });
}

function corrupt(bytes: Buffer): Buffer {
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  return bytes;
}

const cases: [string, Buffer, Partial<LogConfig>, string | null][] = [
  ['a sound batch', batch(), {}, null],
  ['one byte too large', batch(), { maxMessageBytes: batch().length - 1 }, 'MESSAGE_TOO_LARGE'],
  ['just not too large', batch(), { maxMessageBytes: batch().length }, null],
  ['a wrong checksum', corrupt(batch()), {}, 'CORRUPT_MESSAGE'],
  ['two batches', Buffer.concat([batch(), batch()]), {}, 'INVALID_RECORD'],
  ['nothing', Buffer.alloc(0), {}, 'CORRUPT_MESSAGE'],
  [
    'a control batch',
    buildBatch({ records: [{ timestamp: 0, key: null, value: null }], isControl: true }),
    {},
    'INVALID_RECORD',
  ],
  [
    'the time of an append that its producer claims',
    buildBatch({ records: [{ timestamp: NOW, key: null, value: null }], timestampType: 'LogAppendTime' }),
    {},
    null,
  ],
  [
    'the same under LogAppendTime',
    buildBatch({ records: [{ timestamp: NOW, key: null, value: null }], timestampType: 'LogAppendTime' }),
    { messageTimestampType: 'LogAppendTime' },
    'INVALID_TIMESTAMP',
  ],
  [
    'the same under CreateTime, at no time',
    buildBatch({ records: [{ timestamp: -1, key: null, value: null }], timestampType: 'LogAppendTime' }),
    {},
    'INVALID_TIMESTAMP',
  ],
  [
    'the least int64, whose distance overflows',
    buildBatch({ records: [{ timestamp: -(2n ** 63n), key: null, value: null }] }),
    {},
    'INVALID_TIMESTAMP',
  ],
  ['nanoseconds', batch({ timestamp: NANOSECONDS }), {}, 'INVALID_TIMESTAMP'],
  ['nanoseconds, compressed', batch({ timestamp: NANOSECONDS }, 'zstd'), {}, 'INVALID_TIMESTAMP'],
  [
    'nanoseconds under LogAppendTime',
    batch({ timestamp: NANOSECONDS }),
    { messageTimestampType: 'LogAppendTime' },
    null,
  ],
  [
    'nanoseconds where any time is allowed',
    batch({ timestamp: NANOSECONDS }),
    { messageTimestampAfterMaxMs: UNLIMITED },
    null,
  ],
  ['an hour ahead', batch({ timestamp: NOW + HOUR }), {}, null],
  ['more than an hour ahead', batch({ timestamp: NOW + HOUR + 1 }), {}, 'INVALID_TIMESTAMP'],
  ['the same, compressed', batch({ timestamp: NOW + HOUR + 1 }, 'zstd'), {}, 'INVALID_TIMESTAMP'],
  [
    'the same under LogAppendTime',
    batch({ timestamp: NOW + HOUR + 1 }),
    { messageTimestampType: 'LogAppendTime' },
    null,
  ],
  ['long ago', batch({ timestamp: 5 }), {}, null],
  ['too long ago', batch({ timestamp: 5 }), { messageTimestampBeforeMaxMs: HOUR }, 'INVALID_TIMESTAMP'],
  [
    'too long ago, compressed',
    batch({ timestamp: 5 }, 'zstd'),
    { messageTimestampBeforeMaxMs: HOUR },
    'INVALID_TIMESTAMP',
  ],
  ['no timestamp', batch({ timestamp: -1 }), { messageTimestampBeforeMaxMs: HOUR }, null],
  ['no key', batch({ key: null }), {}, null],
  ['no key in a compacted topic', batch({ key: null }), compact, 'INVALID_RECORD'],
  ['the same, compressed', batch({ key: null }, 'zstd'), compact, 'INVALID_RECORD'],
  ['an empty key in a compacted topic', batch({ key: Buffer.alloc(0) }), compact, null],
];

test.each(cases)('%s', (_, bytes, config, error) => {
  expect(checkAppend(bytes, { ...defaultLogConfig, ...config }, NOW)?.error ?? null).toBe(error);
});

/** A batch of the smallest records, without key and value, whatever they unfold from. */
function manyRecords(count: number): Buffer {
  const small = { timestamp: NOW + 2 * HOUR, key: null, value: null };
  const bytes = buildBatch({ records: [small, small], compression: 'gzip' });
  const record = Buffer.from([12, 0, 0, 0, 1, 1, 0]);
  const body = gzipSync(Buffer.alloc(record.length * count, record));
  const batch = Buffer.concat([bytes.subarray(0, HEADER_BYTES), body]);
  batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, at.batchLength);
  batch.writeInt32BE(count - 1, at.lastOffsetDelta);
  batch.writeInt32BE(count, at.recordCount);
  batch.writeUInt32BE(crc32c(batch, at.attributes), at.crc);
  return batch;
}

test('a batch that unfolds to millions of records is refused before they are made', () => {
  // 1 MB of it would be 150 million.
  expect(checkAppend(manyRecords(1_000_001), defaultLogConfig, NOW)?.error).toBe('MESSAGE_TOO_LARGE');
});

test('of thousands of records that are refused a thousand are named', () => {
  const records = Array.from({ length: 5000 }, () => ({ timestamp: NOW, key: null, value: null }));
  const problem = checkAppend(buildBatch({ records }), { ...defaultLogConfig, ...compact }, NOW);
  expect(problem?.recordErrors?.length).toBe(1000);
  expect(problem?.message).toMatch(/^5000 of 5000 records are refused/);
});

test('records whose offsets do not count up are refused where a compressed batch is opened, as in others', () => {
  const records = [0, 7].map((offsetDelta) => ({
    timestamp: NOW,
    key: Buffer.from('k'),
    value: null,
    offsetDelta,
  }));
  const bytes = buildBatch({ records, compression: 'gzip' });
  bytes.writeInt32BE(1, at.lastOffsetDelta);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  expect(checkAppend(bytes, { ...defaultLogConfig, ...compact }, NOW)?.error).toBe('INVALID_RECORD');
});

test('what one request may have opened is bounded, and the batch behind it is to be sent again', () => {
  const value = Buffer.alloc(50 * 1024 * 1024);
  const large = buildBatch({
    records: [{ timestamp: NOW, key: Buffer.from('k'), value }],
    compression: 'zstd',
  });
  const opening = new OpeningBudget();
  const errors = [1, 2, 3, 4].map(
    () => checkAppend(Buffer.from(large), { ...defaultLogConfig, ...compact }, NOW, opening)?.error ?? null,
  );
  expect(errors).toEqual([null, null, null, 'REQUEST_TIMED_OUT']);
  expect(checkAppend(batch(), { ...defaultLogConfig, ...compact }, NOW, opening)).toBeNull();
});

test('two batches of 16 MB of a producer that is set to them are taken from one request', () => {
  const value = randomBytes(15 * 1024 * 1024);
  const config = { ...defaultLogConfig, ...compact, maxMessageBytes: 16 * 1024 * 1024 };
  const large = buildBatch({
    records: [{ timestamp: NOW, key: Buffer.from('k'), value }],
    compression: 'lz4',
  });
  const opening = new OpeningBudget();
  expect(checkAppend(large, config, NOW, opening)).toBeNull();
  expect(checkAppend(Buffer.from(large), config, NOW, opening)).toBeNull();
});

const keyless = { timestamp: NOW, key: null, value: Buffer.from('v') };
const keyed = { ...keyless, key: Buffer.from('k') };
const late = { ...keyed, timestamp: NOW + HOUR + 1 };

test.each([
  ['records without a key', [keyed, keyless, keyed, keyless], 'INVALID_RECORD', [1, 3]],
  ['records from the future', [late, keyed, late], 'INVALID_TIMESTAMP', [0, 2]],
  [
    'one wrong timestamp among records without a key',
    [keyless, keyless, late],
    'INVALID_TIMESTAMP',
    [0, 1, 2],
  ],
] as const)('every record that is at fault is named (KIP-467): %s', (_, records, error, indexes) => {
  for (const compression of ['none', 'gzip'] as const) {
    const problem = checkAppend(
      buildBatch({ records, compression }),
      { ...defaultLogConfig, ...compact },
      NOW,
    );
    expect(problem?.error).toBe(error);
    expect(problem?.recordErrors?.map(({ batchIndex }) => batchIndex)).toEqual(indexes);
  }
});

test('a refused timestamp is told with the range that is allowed, as Kafka tells it', () => {
  const problem = checkAppend(batch({ timestamp: NANOSECONDS }), defaultLogConfig, NOW);
  const range = '[-9223370286854775807, 1750003600000]';
  expect(problem?.recordErrors).toEqual([
    {
      batchIndex: 1,
      message: `Timestamp 1750000000123456789 of message with offset 1 is out of range. The timestamp should be within ${range}`,
    },
  ]);
});

test('a batch that claims the time of its append is stored as one of CreateTime, with a right checksum', () => {
  const records = [NOW - 5, NOW].map((timestamp) => ({ timestamp, key: null, value: null }));
  const bytes = buildBatch({ records, timestampType: 'LogAppendTime' });
  expect(checkAppend(bytes, defaultLogConfig, NOW)).toBe(null);
  expect(checkIntegrity(bytes)).toBe(null);
  expect(readRecords(bytes).map(({ timestamp }) => timestamp)).toEqual([NOW - 5, NOW]);
});
