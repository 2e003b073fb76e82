import { RecordError } from './record-error.ts';

/** RFC 8878, 3.1.1: a frame of data begins with this, little-endian. */
const MAGIC = 0xfd2f_b528;
/** 3.1.2: sixteen numbers that begin frames to be skipped. */
const SKIPPABLE_MAGIC = 0x184d_2a50;
const SKIPPABLE_MASK = 0xffff_fff0;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/**
 * Frames of a stream, besides one for each 4 KiB (producers write a single one): each takes the library a
 * tenth of a millisecond, and 1 MB of the smallest took half a minute.
 */
const FRAMES_MAX = 16;
const BYTES_PER_FRAME = 4096;

/**
 * The frames of data in a zstd stream, each whole, without those to be skipped. Throws RecordError
 * CORRUPT_MESSAGE.
 */
export function* zstdFrames(bytes: Buffer): Generator<Buffer> {
  let at = 0;
  let left = FRAMES_MAX + bytes.length / BYTES_PER_FRAME;
  while (at < bytes.length) {
    if (left-- < 1) throw new RecordError('CORRUPT_MESSAGE', 'zstd data is in too many small frames');
    const magic = readUint32(bytes, at);
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) {
      at = within(bytes, at + 8 + readUint32(bytes, at + 4));
      continue;
    }
    if (magic !== MAGIC) throw corrupt();
    const end = frameEnd(bytes, at);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** A frame says where it ends only block by block. */
function frameEnd(bytes: Buffer, start: number): number {
  const descriptor = readByte(bytes, start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSizeFlag = descriptor >> 6;
  const contentSizeBytes = contentSizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << contentSizeFlag;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes + contentSizeBytes;
  for (;;) {
    const header = readByte(bytes, at) | (readByte(bytes, at + 1) << 8) | (readByte(bytes, at + 2) << 16);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw corrupt();
    at = within(bytes, at + BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : header >> 3));
    if ((header & 1) === 1) break;
  }
  return within(bytes, at + ((descriptor & 0x04) === 0 ? 0 : CHECKSUM_BYTES));
}

function readByte(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw corrupt();
  return byte;
}

function readUint32(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw corrupt();
  return bytes.readUInt32LE(at);
}

function within(bytes: Buffer, at: number): number {
  if (at > bytes.length) throw corrupt();
  return at;
}

function corrupt(): RecordError {
  return new RecordError('CORRUPT_MESSAGE', 'zstd data is no sequence of frames');
}
