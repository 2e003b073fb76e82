import {
  at,
  attribute,
  type BatchHeader,
  HEADER_BYTES,
  LOG_OVERHEAD_BYTES,
} from '../protocol/records/batch.ts';
import { codecs } from '../protocol/records/compression.ts';
import { crc32c } from '../protocol/records/crc32c.ts';
import { addInt64, readExactInt64, writeInt64 } from '../protocol/records/int64.ts';
import { MAX_DECOMPRESSED_BYTES } from '../protocol/records/record.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { readVarlong, VarintCursor, varintSize, writeVarint } from '../protocol/records/varint.ts';

const NO_TIMESTAMP = -1;

/** What compaction asks of a record. */
export interface KeyedRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  /** Whether the record deletes its key. */
  readonly isTombstone: boolean;
}

export interface BatchRules {
  readonly retains: (record: KeyedRecord) => boolean;
  /**
   * Its header is needed though none of its records may be left: it has a producer's last sequence, or an end
   * offset.
   */
  readonly keepsEmpty: boolean;
  /**
   * Its records may go after the delete retention even when none of them is a tombstone: a marker without
   * data.
   */
  readonly expires: boolean;
  /** When what is retained now and may go later may go (KIP-534). */
  readonly deleteHorizonMs: number;
}

/**
 * What compaction leaves of a batch: the same bytes when all of it stays as it is, null when nothing is left.
 * Offsets, the sequence, the leader epoch and the codec stay; records keep every byte but their timestamp's,
 * which is counted from the delete horizon once the batch has one. Throws RecordError when the records cannot
 * be read.
 */
export function compactBatch(batch: Buffer, header: BatchHeader, rules: BatchRules): Buffer | null {
  const body = openBody(batch, header);
  const records = [...walk(body, header)];
  const retained = records.filter((record) => rules.retains(record));
  if (retained.length === 0) return rules.keepsEmpty ? emptied(batch, header) : null;
  const expires = rules.expires || retained.some((record) => record.isTombstone);
  const horizonMs = expires && !header.deleteHorizon ? rules.deleteHorizonMs : null;
  if (retained.length === records.length && horizonMs === null) return batch;
  return rebuilt(batch, header, { body, retained, horizonMs });
}

/** The records of a whole batch, without copies where it is not compressed. Throws RecordError. */
export function keyedRecords(batch: Buffer, header: BatchHeader): Iterable<KeyedRecord> {
  return walk(openBody(batch, header), header);
}

function openBody(batch: Buffer, header: BatchHeader): Buffer {
  const { compression } = header;
  if (compression === null) throw new RecordError('UNSUPPORTED_COMPRESSION_TYPE', `${header.attributes}`);
  const stored = batch.subarray(HEADER_BYTES);
  if (compression === 'none' || header.recordCount === 0) return stored;
  return codecs[compression].decompress(stored, MAX_DECOMPRESSED_BYTES);
}

interface StoredRecord extends KeyedRecord {
  /** Where the record begins, after its length. */
  readonly start: number;
  readonly afterTimestamp: number;
  readonly end: number;
  /** A bigint where a number is not exact. */
  readonly timestampDelta: number | bigint;
}

function* walk(body: Buffer, header: BatchHeader): Generator<StoredRecord> {
  const cursor = new VarintCursor(body, 0, body.length);
  for (let i = 0; i < header.recordCount; i++) {
    const length = cursor.int();
    const start = cursor.at;
    const end = start + length;
    cursor.byte();
    const timestampAt = cursor.at;
    const nearest = cursor.long();
    const timestampDelta = Number.isSafeInteger(nearest) ? nearest : readVarlong(body, timestampAt);
    const afterTimestamp = cursor.at;
    const offset = header.baseOffset + cursor.int();
    const keyLength = cursor.int();
    const keyAt = cursor.at;
    if (keyLength > 0) cursor.skip(keyLength);
    const isTombstone = cursor.int() < 0;
    if (cursor.failed || length < 0 || cursor.at > end || end > body.length) throw unreadable(header);
    cursor.at = end;
    const key = keyLength < 0 ? null : body.subarray(keyAt, keyAt + keyLength);
    yield { offset, key, isTombstone, start, afterTimestamp, end, timestampDelta };
  }
  if (cursor.at !== body.length) throw unreadable(header);
}

function unreadable(header: BatchHeader): RecordError {
  return new RecordError('INVALID_RECORD', `the records of the batch at ${header.baseOffset} cannot be read`);
}

function rebuilt(
  batch: Buffer,
  header: BatchHeader,
  from: {
    readonly body: Buffer;
    readonly retained: readonly StoredRecord[];
    readonly horizonMs: number | null;
  },
): Buffer {
  const { retained, horizonMs } = from;
  const baseTimestamp = readExactInt64(batch, at.baseTimestamp);
  const shiftMs = horizonMs === null ? 0 : addInt64(baseTimestamp, -horizonMs);
  const body = rewritten(from.body, retained, shiftMs);
  const { compression } = header;
  const stored = compression === null || compression === 'none' ? body : codecs[compression].compress(body);
  const bytes = Buffer.concat([batch.subarray(0, HEADER_BYTES), stored]);
  if (horizonMs !== null) {
    bytes.writeInt16BE(header.attributes | attribute.deleteHorizon, at.attributes);
    writeInt64(bytes, at.baseTimestamp, horizonMs);
  }
  if (header.timestampType === 'CreateTime') {
    let latest: number | bigint = Number.NEGATIVE_INFINITY;
    for (const { timestampDelta } of retained) {
      const timestamp = addInt64(baseTimestamp, timestampDelta);
      if (timestamp > latest) latest = timestamp;
    }
    bytes.writeBigInt64BE(BigInt(latest), at.maxTimestamp);
  }
  bytes.writeInt32BE(retained.length, at.recordCount);
  return sealed(bytes);
}

function rewritten(body: Buffer, records: readonly StoredRecord[], shiftMs: number | bigint): Buffer {
  const deltas = records.map(({ timestampDelta }) => addInt64(timestampDelta, shiftMs));
  const sizes = records.map(
    (record, i) => record.end - record.afterTimestamp + 1 + varintSize(deltas[i] ?? 0),
  );
  const into = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + varintSize(size) + size, 0));
  let next = 0;
  for (const [i, record] of records.entries()) {
    next = writeVarint(into, next, sizes[i] ?? 0);
    into[next++] = body[record.start] ?? 0;
    next = writeVarint(into, next, deltas[i] ?? 0);
    next += body.copy(into, next, record.afterTimestamp, record.end);
  }
  return into;
}

/** As Kafka writes it: no records, no codec, no first timestamp; all that says who wrote what stays. */
function emptied(batch: Buffer, header: BatchHeader): Buffer {
  if (header.recordCount === 0) return batch;
  const bytes = Buffer.from(batch.subarray(0, HEADER_BYTES));
  bytes.writeInt16BE(
    header.attributes & (attribute.logAppendTime | attribute.transactional | attribute.control),
    at.attributes,
  );
  writeInt64(bytes, at.baseTimestamp, NO_TIMESTAMP);
  bytes.writeInt32BE(0, at.recordCount);
  return sealed(bytes);
}

function sealed(bytes: Buffer): Buffer {
  bytes.writeInt32BE(bytes.length - LOG_OVERHEAD_BYTES, at.batchLength);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return bytes;
}
