import { RecordError } from './record-error.ts';

/**
 * Reads the LZ4 frame format (the lz4 project's lz4_Frame_format.md) with a bound on what comes out, which
 * the native packages do not offer. Blocks may be independent or linked, raw or compressed; optional sizes
 * and checksums are stepped over: the batch's own CRC-32C has covered every byte already.
 */
const FRAME_MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;

const flag = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const;

/** The highest bit of a block's length says that it is not compressed. */
const RAW_BLOCK = 0x8000_0000;

/** Indexed by the three bits of the block descriptor. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20 };

/** No match is shorter. */
const MIN_MATCH = 4;

/**
 * One or more frames. Throws RecordError: MESSAGE_TOO_LARGE beyond maxBytes, CORRUPT_MESSAGE for bad data.
 */
export function decompressLz4Frame(bytes: Buffer, maxBytes: number): Buffer {
  const out = new BoundedOutput(maxBytes, bytes.length * 4);
  let at = 0;
  while (at < bytes.length) at = readFrame(bytes, at, out);
  return out.done();
}

/** Reads one frame and returns where the next begins. */
function readFrame(bytes: Buffer, start: number, out: BoundedOutput): number {
  const magic = word(bytes, start);
  let at = start + 4;
  if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE_MAGIC) return skip(bytes, at + 4, word(bytes, at));
  if (magic !== FRAME_MAGIC) throw corrupt('not a frame');
  const flags = byte(bytes, at++);
  if (flags >>> 6 !== 1) throw corrupt('unknown frame version');
  if (flags & flag.dictionary) throw corrupt('frames with a dictionary are not in Kafka');
  const blockBytes = BLOCK_BYTES[(byte(bytes, at++) >>> 4) & 7];
  if (blockBytes === undefined) throw corrupt('unknown block size');
  if (flags & flag.contentSize) at += 8;
  at += 1; // header checksum

  for (;;) {
    const length = word(bytes, at);
    at += 4;
    if (length === 0) break;
    const size = length % RAW_BLOCK;
    const end = skip(bytes, at, size);
    if (length >= RAW_BLOCK) out.copy(bytes, at, end);
    else readBlock(bytes, at, end, out, blockBytes);
    at = flags & flag.blockChecksum ? end + 4 : end;
  }
  return flags & flag.contentChecksum ? skip(bytes, at, 4) : at;
}

function readBlock(bytes: Buffer, start: number, end: number, out: BoundedOutput, blockBytes: number): void {
  const limit = out.length + blockBytes;
  let at = start;
  while (at < end) {
    const token = byte(bytes, at++);
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw corrupt('a literal length is cut off');
        more = byte(bytes, at++);
        literals += more;
      }
    }
    if (literals > end - at) throw corrupt('literals are cut off');
    if (out.length + literals > limit) throw corrupt('a block is larger than its frame allows');
    out.copy(bytes, at, at + literals);
    at += literals;
    // The last sequence of a block has no match.
    if (at === end) return;
    if (end - at < 2) throw corrupt('a match is cut off');
    const distance = byte(bytes, at) | (byte(bytes, at + 1) << 8);
    at += 2;
    let match = token & 15;
    if (match === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw corrupt('a match length is cut off');
        more = byte(bytes, at++);
        match += more;
      }
    }
    match += MIN_MATCH;
    if (distance === 0 || distance > out.length) throw corrupt('a match points before the beginning');
    if (out.length + match > limit) throw corrupt('a block is larger than its frame allows');
    out.repeat(distance, match);
  }
}

/** Grows by doubling, never beyond its limit. */
class BoundedOutput {
  length = 0;
  readonly #maxBytes: number;
  #buffer: Buffer;

  constructor(maxBytes: number, expectedBytes: number) {
    this.#maxBytes = maxBytes;
    this.#buffer = Buffer.allocUnsafe(Math.min(maxBytes, expectedBytes));
  }

  copy(from: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    const buffer = this.#buffer;
    // Most literals are a few bytes, where a loop beats the call.
    if (length <= 16) {
      for (let i = 0; i < length; i++) buffer[this.length + i] = from[start + i] ?? 0;
    } else {
      from.copy(buffer, this.length, start, end);
    }
    this.length += length;
  }

  /** Appends `length` bytes that begin `distance` before the end; where they overlap, they repeat. */
  repeat(distance: number, length: number): void {
    this.#reserve(length);
    const buffer = this.#buffer;
    const from = this.length - distance;
    if (length <= 32) {
      for (let i = 0; i < length; i++) buffer[this.length + i] = buffer[from + i] ?? 0;
    } else {
      // Each round doubles what may be copied without overlap.
      let done = 0;
      while (done < length) {
        const step = Math.min(length - done, distance + done);
        buffer.copyWithin(this.length + done, from, from + step);
        done += step;
      }
    }
    this.length += length;
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#buffer.length) return;
    if (needed > this.#maxBytes) {
      throw new RecordError('MESSAGE_TOO_LARGE', `lz4 data unfolds to more than ${this.#maxBytes} bytes`);
    }
    const larger = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(needed, this.#buffer.length * 2)));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
  }
}

function word(bytes: Buffer, at: number): number {
  if (bytes.length - at < 4) throw corrupt('the frame is cut off');
  return bytes.readUInt32LE(at);
}

function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

function skip(bytes: Buffer, at: number, length: number): number {
  if (length > bytes.length - at) throw corrupt('the frame is cut off');
  return at + length;
}

function corrupt(why: string): RecordError {
  return new RecordError('CORRUPT_MESSAGE', `lz4: ${why}`);
}
