import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decompressLz4Frame } from './lz4-frame.ts';
import { hasFunctions, loadNative } from './native.ts';
import { RecordError } from './record-error.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { zstdFrames } from './zstd-frames.ts';

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/**
 * Synchronous, because asynchronous codecs run on threads whose order no seed controls; and bounded, because
 * a few bytes from a peer may claim to unfold to gigabytes.
 */
export interface Codec {
  /** The level is gzip's or zstd's own; the other codecs have none. */
  compress(bytes: Buffer, level?: number | null): Buffer;
  /**
   * Throws RecordError: MESSAGE_TOO_LARGE when more than maxBytes would come out, CORRUPT_MESSAGE for bad
   * data.
   */
  decompress(bytes: Buffer, maxBytes: number): Buffer;
}

/** How much zlib adds to its output at a time: fewer, larger pieces than its default of 16 KiB. */
const CHUNK_BYTES = 64 * 1024;
/** Kafka's default. */
const ZSTD_LEVEL = 3;

export const codecs: Readonly<Record<Exclude<Compression, 'none'>, Codec>> = {
  gzip: {
    compress: (bytes, level) => gzipSync(bytes, level == null ? {} : { level }),
    decompress: (bytes, maxBytes) =>
      bounded('gzip', maxBytes, () =>
        gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: CHUNK_BYTES }),
      ),
  },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: { compress: compressLz4, decompress: decompressLz4Frame },
  zstd: {
    compress: (bytes, level) =>
      zstdCompressSync(bytes, {
        // The content size lets readers reserve exactly what they need.
        params: {
          [constants.ZSTD_c_compressionLevel]: level ?? ZSTD_LEVEL,
          [constants.ZSTD_c_contentSizeFlag]: 1,
        },
        pledgedSrcSize: bytes.length,
      }),
    decompress: decompressZstd,
  },
};

/**
 * The library call ends with the first frame; a producer may write several, and such as are to be skipped.
 */
function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  let left = maxBytes;
  for (const frame of zstdFrames(bytes)) {
    // With nothing left, a frame of nothing may still follow; and zlib knows no limit of 0.
    const limit = parts.length > 0 ? Math.max(left, 1) : left;
    const part = bounded('zstd', limit, () =>
      zstdDecompressSync(frame, { maxOutputLength: limit, chunkSize: CHUNK_BYTES }),
    );
    left -= part.length;
    if (left < 0) throw tooLarge('zstd', maxBytes);
    parts.push(part);
  }
  const [first, ...others] = parts;
  return first && others.length === 0 ? first : Buffer.concat(parts);
}

function bounded(codec: string, maxBytes: number, decompress: () => Buffer): Buffer {
  if (maxBytes < 1) throw new RecordError('MESSAGE_TOO_LARGE', 'no bytes left for decompression');
  try {
    return decompress();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(codec, maxBytes, { cause });
    }
    throw new RecordError('CORRUPT_MESSAGE', `${codec} data cannot be read`, { cause });
  }
}

function tooLarge(codec: string, maxBytes: number, options?: ErrorOptions): RecordError {
  return new RecordError(
    'MESSAGE_TOO_LARGE',
    `${codec} data unfolds to more than ${maxBytes} bytes`,
    options,
  );
}

let lz4: { compressFrameSync(bytes: Buffer): Buffer } | undefined;

/** Independent blocks and a header checksum: the kind of frame that Java's reader accepts. */
function compressLz4(bytes: Buffer): Buffer {
  if (lz4 === undefined) {
    const loaded = loadNative('lz4-napi', isLz4);
    if (loaded.module === null) {
      throw new Error('lz4-napi has no binary for this platform', { cause: loaded.reason });
    }
    lz4 = loaded.module;
  }
  return lz4.compressFrameSync(bytes);
}

function isLz4(value: unknown): value is { compressFrameSync(bytes: Buffer): Buffer } {
  return hasFunctions(value, 'compressFrameSync');
}
