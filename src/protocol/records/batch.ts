import type { Compression } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { readExactInt64, readInt64, writeInt64 } from './int64.ts';
import { RecordError, type RecordErrorName } from './record-error.ts';
import { exactMaxTimestamp, walkRecords } from './walk.ts';

/**
 * A record batch of magic 2, the only one Kafka 4 stores. The fields before `magic` are the broker's to set
 * and lie outside the checksum, which covers everything from `attributes` to the end; so a leader gives
 * offsets and epoch to a producer's batch without touching the rest of its bytes.
 */
export const HEADER_BYTES = 61;

/** The offset and the length itself, which the length field does not count. */
export const LOG_OVERHEAD_BYTES = 12;

/** What a batch says whose records are all from before 1970, or without a time. */
const NO_TIMESTAMP = -1;

export const at = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

export const attribute = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

export type TimestampType = 'CreateTime' | 'LogAppendTime';

export interface BatchHeader {
  readonly baseOffset: number;
  /** The whole batch, with the 12 bytes that its length field does not count. */
  readonly sizeInBytes: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  /** Null for an id that no codec has. */
  readonly compression: Compression | null;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** The compactor has put the time at which tombstones may go into baseTimestamp (KIP-534). */
  readonly deleteHorizon: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly lastOffset: number;
  readonly nextOffset: number;
}

/** Indexed by the low three bits of the attributes. */
const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/**
 * Reads the fixed part; nothing is believed of it yet. Throws RecordError when fewer than 61 bytes are left.
 */
export function readBatchHeader(bytes: Buffer, start = 0): BatchHeader {
  if (start < 0 || bytes.length - start < HEADER_BYTES) {
    throw new RecordError('CORRUPT_MESSAGE', `a batch header has 61 bytes, ${bytes.length - start} are left`);
  }
  const baseOffset = readInt64(bytes, start + at.baseOffset);
  const attributes = bytes.readInt16BE(start + at.attributes);
  const lastOffsetDelta = bytes.readInt32BE(start + at.lastOffsetDelta);
  return {
    baseOffset,
    sizeInBytes: bytes.readInt32BE(start + at.batchLength) + LOG_OVERHEAD_BYTES,
    partitionLeaderEpoch: bytes.readInt32BE(start + at.partitionLeaderEpoch),
    magic: bytes.readInt8(start + at.magic),
    crc: bytes.readUInt32BE(start + at.crc),
    attributes,
    compression: COMPRESSIONS[attributes & attribute.compression] ?? null,
    timestampType: attributes & attribute.logAppendTime ? 'LogAppendTime' : 'CreateTime',
    isTransactional: (attributes & attribute.transactional) !== 0,
    isControl: (attributes & attribute.control) !== 0,
    deleteHorizon: (attributes & attribute.deleteHorizon) !== 0,
    lastOffsetDelta,
    baseTimestamp: readInt64(bytes, start + at.baseTimestamp),
    maxTimestamp: readInt64(bytes, start + at.maxTimestamp),
    producerId: readInt64(bytes, start + at.producerId),
    producerEpoch: bytes.readInt16BE(start + at.producerEpoch),
    baseSequence: bytes.readInt32BE(start + at.baseSequence),
    recordCount: bytes.readInt32BE(start + at.recordCount),
    lastOffset: baseOffset + lastOffsetDelta,
    nextOffset: baseOffset + lastOffsetDelta + 1,
  };
}

/**
 * The size that the batch at this position states, whole; it may reach beyond the bytes at hand, or be
 * nonsense (below HEADER_BYTES). -1 when not even its length field is there.
 */
export function batchSizeAt(bytes: Buffer, start: number): number {
  if (bytes.length - start < LOG_OVERHEAD_BYTES) return -1;
  return bytes.readInt32BE(start + at.batchLength) + LOG_OVERHEAD_BYTES;
}

/**
 * The whole batches in order, as slices. A last one that is cut off is left out, as a fetch answer may end
 * with one; a length that no batch can have throws RecordError, since what follows it cannot be found.
 */
export function* batches(bytes: Buffer): Generator<{ readonly header: BatchHeader; readonly bytes: Buffer }> {
  let start = 0;
  for (;;) {
    const size = batchSizeAt(bytes, start);
    if (size === -1) return;
    if (size < HEADER_BYTES) throw new RecordError('CORRUPT_MESSAGE', `a batch of ${size} bytes`);
    if (size > bytes.length - start) return;
    yield { header: readBatchHeader(bytes, start), bytes: bytes.subarray(start, start + size) };
    start += size;
  }
}

/**
 * Of what another replica or our own disk gives us: one whole batch, magic 2, checksum. Null when it is
 * sound.
 */
export function checkIntegrity(bytes: Buffer): RecordErrorName | null {
  if (bytes.length < HEADER_BYTES || batchSizeAt(bytes, 0) !== bytes.length) return 'CORRUPT_MESSAGE';
  if (bytes.readInt8(at.magic) !== 2) return 'CORRUPT_MESSAGE';
  if (crc32c(bytes, at.attributes) !== bytes.readUInt32BE(at.crc)) return 'CORRUPT_MESSAGE';
  return null;
}

/**
 * Of what a producer sends: exactly one whole batch, magic 2, checksum, offsets that fit the count; and when
 * it is not compressed, every record to its end. Null when it may be appended. A maxTimestamp that the
 * records contradict is put right in place, checksum and all, as Kafka's LogValidator does: retention and the
 * time index rely on it.
 *
 * Not checked: the inside of compressed batches (see `readRecords`), and whether control records may be
 * written by this peer (`header.isControl`), which only the caller knows.
 */
export function checkBatch(bytes: Buffer): RecordErrorName | null {
  const size = batchSizeAt(bytes, 0);
  if (size < HEADER_BYTES || size > bytes.length)
    return isOldFormat(bytes) ? 'INVALID_RECORD' : 'CORRUPT_MESSAGE';
  if (bytes.readInt8(at.magic) !== 2) return isOldFormat(bytes) ? 'INVALID_RECORD' : 'CORRUPT_MESSAGE';
  if (size !== bytes.length) return 'INVALID_RECORD';
  const header = readBatchHeader(bytes, 0);
  if (crc32c(bytes, at.attributes) !== header.crc) return 'CORRUPT_MESSAGE';
  if (header.compression === null) return 'UNSUPPORTED_COMPRESSION_TYPE';
  if (header.recordCount <= 0) return 'INVALID_RECORD';
  if (header.lastOffsetDelta + 1 !== header.recordCount) return 'INVALID_RECORD';
  if (!Number.isSafeInteger(header.producerId)) return 'INVALID_RECORD';
  if (header.producerId >= 0 && !header.isControl && header.baseSequence < 0) return 'INVALID_RECORD';
  if (header.compression !== 'none') return null;
  const maxDelta = walkRecords(bytes, HEADER_BYTES, header.recordCount);
  if (maxDelta === null) return 'INVALID_RECORD';
  if (header.timestampType === 'LogAppendTime') return null;
  const maxTimestamp = Math.max(header.baseTimestamp + maxDelta, NO_TIMESTAMP);
  const isExact = Number.isSafeInteger(maxTimestamp) && Number.isSafeInteger(maxDelta);
  if (isExact && maxTimestamp === header.maxTimestamp) return null;
  const exact = isExact
    ? BigInt(maxTimestamp)
    : exactMaxTimestamp(bytes, HEADER_BYTES, readExactInt64(bytes, at.baseTimestamp));
  if (exact === bytes.readBigInt64BE(at.maxTimestamp)) return null;
  bytes.writeBigInt64BE(exact, at.maxTimestamp);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return null;
}

/**
 * Gives a checked batch its place in the log, in place. Base offset and leader epoch lie outside the
 * checksum; a log append time (message.timestamp.type=LogAppendTime) lies inside, so then it is computed
 * again.
 */
export function assignOffsets(
  bytes: Buffer,
  place: { readonly baseOffset: number; readonly leaderEpoch: number; readonly logAppendTime?: number },
): void {
  writeInt64(bytes, at.baseOffset, place.baseOffset);
  bytes.writeInt32BE(place.leaderEpoch, at.partitionLeaderEpoch);
  if (place.logAppendTime === undefined) return;
  bytes.writeInt16BE(bytes.readInt16BE(at.attributes) | attribute.logAppendTime, at.attributes);
  writeInt64(bytes, at.maxTimestamp, place.logAppendTime);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
}

/** Makes the timestamps of a checked batch its records' own, in place, whatever its producer said. */
export function clearLogAppendTime(bytes: Buffer): void {
  bytes.writeInt16BE(bytes.readInt16BE(at.attributes) & ~attribute.logAppendTime, at.attributes);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
}

/** Message sets of magic 0 and 1 may be shorter than a header of magic 2; they deserve their own answer. */
function isOldFormat(bytes: Buffer): boolean {
  return bytes.length > at.magic && bytes.readInt8(at.magic) < 2 && bytes.readInt8(at.magic) >= 0;
}

export function compressionId(compression: Compression): number {
  return COMPRESSIONS.indexOf(compression);
}
