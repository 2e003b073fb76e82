import {
  at,
  attribute,
  type BatchHeader,
  compressionId,
  HEADER_BYTES,
  LOG_OVERHEAD_BYTES,
  readBatchHeader,
  type TimestampType,
} from './batch.ts';
import { type Compression, codecs } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { addInt64, readExactInt64, writeInt64 } from './int64.ts';
import { RecordError } from './record-error.ts';
import { readVarlong, VarintCursor, varintSize, writeVarint } from './varint.ts';

interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** Most records have none: an array for each would be a tenth of what reading them allocates. */
const NO_HEADERS: readonly RecordHeader[] = [];

export interface LogRecord {
  readonly offset: number;
  /** Milliseconds since 1970, -1 when there is none. A bigint where a number is not exact. */
  readonly timestamp: number | bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

export interface NewRecord {
  readonly timestamp: number | bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Only where a log leaves offsets out (compaction); by default the records count up from 0. */
  readonly offsetDelta?: number;
}

/**
 * What a batch may unfold to when the caller names no limit: far beyond any producer's batch, and small
 * enough that a broker survives one from each of its clients.
 */
export const MAX_DECOMPRESSED_BYTES = 128 * 1024 * 1024;

/**
 * The records of one whole batch, decompressed when needed. Keys and values are slices: of the batch itself
 * when it is not compressed, else of a fresh buffer. Throws RecordError: MESSAGE_TOO_LARGE when more than
 * maxBytes would come out, CORRUPT_MESSAGE or INVALID_RECORD when it cannot be read. The checksum is not
 * looked at again.
 */
export function readRecords(batch: Buffer, options: { readonly maxBytes?: number } = {}): LogRecord[] {
  return [...eachRecord(batch, options)];
}

/** The same, one after the other: a batch may hold millions. */
export function* eachRecord(
  batch: Buffer,
  options: { readonly maxBytes?: number } = {},
): Generator<LogRecord> {
  const header = readBatchHeader(batch, 0);
  if (header.magic !== 2) throw new RecordError('INVALID_RECORD', `magic ${header.magic}`);
  if (header.sizeInBytes < HEADER_BYTES || header.sizeInBytes > batch.length) {
    throw new RecordError('CORRUPT_MESSAGE', `a batch of ${header.sizeInBytes} bytes in ${batch.length}`);
  }
  const { compression, recordCount } = header;
  if (compression === null) {
    throw new RecordError('UNSUPPORTED_COMPRESSION_TYPE', `attributes ${header.attributes}`);
  }
  const stored = batch.subarray(HEADER_BYTES, header.sizeInBytes);
  const body =
    compression === 'none'
      ? stored
      : codecs[compression].decompress(stored, options.maxBytes ?? MAX_DECOMPRESSED_BYTES);
  // The smallest record has seven bytes, so the count cannot make us reserve more than the bytes justify.
  if (recordCount < 0 || recordCount > body.length / 7) {
    throw new RecordError('INVALID_RECORD', `${recordCount} records in ${body.length} bytes`);
  }
  const cursor = new VarintCursor(body, 0, body.length);
  for (let i = 0; i < recordCount; i++) yield readRecord(batch, body, cursor, header);
  if (cursor.at !== body.length) throw new RecordError('INVALID_RECORD', 'bytes after the last record');
}

function readRecord(batch: Buffer, body: Buffer, cursor: VarintCursor, header: BatchHeader): LogRecord {
  const length = cursor.int();
  const end = cursor.at + length;
  if (cursor.failed || length < 0 || end > body.length) throw invalid('length');
  cursor.byte();
  const timestampAt = cursor.at;
  const nearestDelta = cursor.long();
  const offset = header.baseOffset + cursor.int();
  const key = readNullable(body, cursor);
  const value = readNullable(body, cursor);
  const headerCount = cursor.int();
  if (cursor.failed || headerCount < 0 || headerCount > length) throw invalid('header count');
  const headers = headerCount === 0 ? NO_HEADERS : readHeaders(body, cursor, headerCount);
  if (cursor.failed || cursor.at !== end) throw invalid('fields');
  const timestamp = recordTimestamp({ batch, header }, body, { timestampDelta: nearestDelta, timestampAt });
  return { offset, timestamp, key, value, headers };
}

function readHeaders(body: Buffer, cursor: VarintCursor, count: number): RecordHeader[] {
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count && !cursor.failed; i++) {
    const name = readNullable(body, cursor);
    if (name === null) throw invalid('header without a key');
    headers.push({ key: name.toString('utf8'), value: readNullable(body, cursor) });
  }
  return headers;
}

/**
 * When a record was written. `body` holds the records of `batch`, and there, where the nearest number to the
 * timestamp's delta was read.
 */
export function recordTimestamp(
  { batch, header }: { readonly batch: Buffer; readonly header: BatchHeader },
  body: Buffer,
  { timestampDelta, timestampAt }: { readonly timestampDelta: number; readonly timestampAt: number },
): number | bigint {
  const nearest =
    header.timestampType === 'LogAppendTime' ? header.maxTimestamp : header.baseTimestamp + timestampDelta;
  const isExact = Number.isSafeInteger(nearest) && Number.isSafeInteger(timestampDelta);
  return isExact ? nearest : exactTimestamp(batch, header, readVarlong(body, timestampAt));
}

/** Of a producer that counts in nanoseconds, for one. */
function exactTimestamp(batch: Buffer, header: BatchHeader, delta: bigint): number | bigint {
  return header.timestampType === 'LogAppendTime'
    ? readExactInt64(batch, at.maxTimestamp)
    : addInt64(readExactInt64(batch, at.baseTimestamp), delta);
}

function readNullable(body: Buffer, cursor: VarintCursor): Buffer | null {
  const length = cursor.int();
  if (length < 0) return null;
  const start = cursor.at;
  cursor.skip(length);
  return cursor.failed ? null : body.subarray(start, start + length);
}

function invalid(what: string): RecordError {
  return new RecordError('INVALID_RECORD', `a record's ${what} does not fit its bytes`);
}

export interface NewBatch {
  readonly records: readonly NewRecord[];
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
  readonly compression?: Compression;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly timestampType?: TimestampType;
}

/** One whole batch of magic 2, ready to append or to send. At least one record. */
export function buildBatch(batch: NewBatch): Buffer {
  const { records } = batch;
  const compression = batch.compression ?? 'none';
  const baseTimestamp = records[0]?.timestamp ?? -1;
  let maxTimestamp = baseTimestamp;
  for (const record of records) if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
  const bytes = writeRecords(records, baseTimestamp, compression);

  writeInt64(bytes, at.baseOffset, batch.baseOffset ?? 0);
  bytes.writeInt32BE(bytes.length - LOG_OVERHEAD_BYTES, at.batchLength);
  bytes.writeInt32BE(batch.leaderEpoch ?? -1, at.partitionLeaderEpoch);
  bytes.writeInt8(2, at.magic);
  const attributes =
    compressionId(compression) |
    (batch.timestampType === 'LogAppendTime' ? attribute.logAppendTime : 0) |
    (batch.isTransactional ? attribute.transactional : 0) |
    (batch.isControl ? attribute.control : 0);
  bytes.writeInt16BE(attributes, at.attributes);
  bytes.writeInt32BE(records.at(-1)?.offsetDelta ?? records.length - 1, at.lastOffsetDelta);
  writeInt64(bytes, at.baseTimestamp, baseTimestamp);
  writeInt64(bytes, at.maxTimestamp, maxTimestamp);
  writeInt64(bytes, at.producerId, batch.producerId ?? -1);
  bytes.writeInt16BE(batch.producerEpoch ?? -1, at.producerEpoch);
  bytes.writeInt32BE(batch.baseSequence ?? -1, at.baseSequence);
  bytes.writeInt32BE(records.length, at.recordCount);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return bytes;
}

/** Room for the header, then the records. */
function writeRecords(
  records: readonly NewRecord[],
  baseTimestamp: number | bigint,
  compression: Compression,
): Buffer {
  const sizes = records.map((record, i) => recordSize(record, baseTimestamp, i));
  const total = sizes.reduce((sum, size) => sum + varintSize(size) + size, HEADER_BYTES);
  const bytes = Buffer.allocUnsafe(total);
  let next = HEADER_BYTES;
  records.forEach((record, i) => {
    next = writeVarint(bytes, next, sizes[i] ?? 0);
    next = writeRecord(bytes, next, record, baseTimestamp, i);
  });
  if (compression === 'none') return bytes;
  return Buffer.concat([
    bytes.subarray(0, HEADER_BYTES),
    codecs[compression].compress(bytes.subarray(HEADER_BYTES)),
  ]);
}

function recordSize(record: NewRecord, baseTimestamp: number | bigint, index: number): number {
  let size =
    1 +
    varintSize(addInt64(record.timestamp, -baseTimestamp)) +
    varintSize(record.offsetDelta ?? index) +
    nullableSize(record.key) +
    nullableSize(record.value) +
    varintSize(record.headers?.length ?? 0);
  for (const header of record.headers ?? []) {
    const keyLength = Buffer.byteLength(header.key);
    size += varintSize(keyLength) + keyLength + nullableSize(header.value);
  }
  return size;
}

function nullableSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

function writeRecord(
  into: Buffer,
  start: number,
  record: NewRecord,
  baseTimestamp: number | bigint,
  index: number,
): number {
  let next = start;
  into[next++] = 0;
  next = writeVarint(into, next, addInt64(record.timestamp, -baseTimestamp));
  next = writeVarint(into, next, record.offsetDelta ?? index);
  next = writeNullable(into, next, record.key);
  next = writeNullable(into, next, record.value);
  next = writeVarint(into, next, record.headers?.length ?? 0);
  for (const header of record.headers ?? []) {
    next = writeNullable(into, next, Buffer.from(header.key));
    next = writeNullable(into, next, header.value);
  }
  return next;
}

function writeNullable(into: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(into, start, -1);
  const next = writeVarint(into, start, bytes.length);
  into.set(bytes, next);
  return next + bytes.length;
}
