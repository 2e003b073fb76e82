import { hasFunctions, loadNative } from './native.ts';
import { RecordError } from './record-error.ts';

/**
 * Kafka's snappy comes in two framings. Java's is snappy-java's stream: a header of 16 bytes, then blocks
 * that each have an int32 length. Raw blocks without any header come from other clients. Readers take both;
 * we write Java's.
 */
const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const STREAM_HEADER = Buffer.concat([STREAM_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);

/** What snappy-java puts into one block, and what its readers have buffers for. */
const BLOCK_BYTES = 32 * 1024;

/**
 * Snappy's densest element makes 64 bytes of 3, so a block that claims to unfold further is a lie, and is
 * refused before anything is reserved for it.
 */
const MAX_RATIO = 22;

/**
 * Blocks of a stream, besides one for each 256 bytes (producers' blocks of 32 KiB are never less than 1.4
 * KB): a call of the native code takes some microseconds, and 1 MB of the smallest took seconds.
 */
const BLOCKS_MAX = 64;
const BYTES_PER_BLOCK = 256;

/**
 * Each small block as an external buffer burdens the collector: the same median, but one run in ten was 14
 * times slower.
 */
const OPTIONS = { asBuffer: true, copyOutputData: true } as const;

export function compressSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [STREAM_HEADER];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = native().compressSync(bytes.subarray(at, at + BLOCK_BYTES), OPTIONS);
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** Either framing. Throws RecordError: MESSAGE_TOO_LARGE beyond maxBytes, CORRUPT_MESSAGE for bad data. */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  if (!isStreamHeader(bytes, 0)) return decompressBlock(bytes, maxBytes);
  const parts: Buffer[] = [];
  let total = 0;
  let at = 0;
  let left = BLOCKS_MAX + bytes.length / BYTES_PER_BLOCK;
  while (at < bytes.length) {
    if (left-- < 1) throw corrupt('too many small blocks');
    // Streams that were concatenated have their header again in the middle.
    if (isStreamHeader(bytes, at)) {
      at += STREAM_HEADER.length;
      continue;
    }
    if (bytes.length - at < 4) throw corrupt('a block length is cut off');
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length <= 0 || length > bytes.length - at) throw corrupt(`a block of ${length} bytes`);
    const part = decompressBlock(bytes.subarray(at, at + length), maxBytes - total);
    parts.push(part);
    total += part.length;
    at += length;
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, total);
}

function isStreamHeader(bytes: Buffer, at: number): boolean {
  return (
    bytes.length - at >= STREAM_HEADER.length &&
    bytes.compare(STREAM_MAGIC, 0, STREAM_MAGIC.length, at, at + STREAM_MAGIC.length) === 0
  );
}

function decompressBlock(block: Buffer, maxBytes: number): Buffer {
  const stated = statedLength(block);
  if (stated > maxBytes) {
    throw new RecordError(
      'MESSAGE_TOO_LARGE',
      `snappy data unfolds to ${stated} bytes, ${maxBytes} are allowed`,
    );
  }
  if (stated > block.length * MAX_RATIO) throw corrupt(`${block.length} bytes claim to hold ${stated}`);
  try {
    const out = native().uncompressSync(block, OPTIONS);
    if (typeof out === 'string' || out.length !== stated)
      throw corrupt('another length came out than was stated');
    return out;
  } catch (cause) {
    if (cause instanceof RecordError) throw cause;
    throw new RecordError('CORRUPT_MESSAGE', 'snappy data cannot be read', { cause });
  }
}

/** The unsigned varint of 32 bits at the start of a raw block. */
function statedLength(block: Buffer): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw corrupt('the stated length is cut off');
}

function corrupt(why: string): RecordError {
  return new RecordError('CORRUPT_MESSAGE', `snappy: ${why}`);
}

interface Snappy {
  compressSync(bytes: Buffer, options: typeof OPTIONS): Buffer;
  uncompressSync(bytes: Buffer, options: typeof OPTIONS): Buffer | string;
}

let loaded: Snappy | undefined;

function native(): Snappy {
  if (loaded === undefined) {
    const { module, reason } = loadNative('snappy', isSnappy);
    if (module === null) throw new Error('snappy has no binary for this platform', { cause: reason });
    loaded = module;
  }
  return loaded;
}

function isSnappy(value: unknown): value is Snappy {
  return hasFunctions(value, 'compressSync', 'uncompressSync');
}
