import { type BatchHeader, batchSizeAt, HEADER_BYTES, readBatchHeader } from '../protocol/records/batch.ts';

const HEADER_WINDOW_BYTES = 16 * 1024;
const BATCH_WINDOW_BYTES = 1024 * 1024;
const MAGIC = 2;

/** What a scan reads from: a log file, or bytes in a test. */
export interface Readable {
  readNow(at: number, into: Uint8Array): number;
}

export interface Range {
  readonly from: number;
  /** Exclusive; a batch that reaches beyond it is not whole. */
  readonly to: number;
}

/**
 * Visits the headers of the whole batches in a range of a file, in order, until the visitor returns false.
 * Returns the position where it stopped: the end of the range, of the last whole batch, or of the batch
 * before the one that was refused. Only lengths and magic are believed; checksums are `scanBatches`'s.
 */
export function scanHeaders(
  file: Readable,
  range: Range,
  visit: (header: BatchHeader, position: number) => boolean,
): number {
  const window = Buffer.allocUnsafe(
    Math.max(HEADER_BYTES, Math.min(HEADER_WINDOW_BYTES, range.to - range.from)),
  );
  let windowAt = 0;
  let windowBytes = 0;
  let position = range.from;
  while (position + HEADER_BYTES <= range.to) {
    if (position < windowAt || position + HEADER_BYTES > windowAt + windowBytes) {
      windowAt = position;
      windowBytes = file.readNow(position, window);
      if (windowBytes < HEADER_BYTES) return position;
    }
    const header = readBatchHeader(window, position - windowAt);
    if (!isWhole(header, range.to - position)) return position;
    if (!visit(header, position)) return position;
    position += header.sizeInBytes;
  }
  return position;
}

/** The same with the whole bytes of each batch, valid only during the visit. */
export function scanBatches(
  file: Readable,
  range: Range,
  visit: (batch: Buffer, position: number) => boolean,
): number {
  let window = Buffer.allocUnsafe(
    Math.max(HEADER_BYTES, Math.min(BATCH_WINDOW_BYTES, range.to - range.from)),
  );
  let windowAt = range.from;
  let windowBytes = 0;
  let position = range.from;
  while (position + HEADER_BYTES <= range.to) {
    let start = position - windowAt;
    let size = start + HEADER_BYTES > windowBytes ? -1 : batchSizeAt(window, start);
    if (size === -1 || (size >= HEADER_BYTES && start + size > windowBytes)) {
      // A length is believed only as far as the file reaches.
      if (size > range.to - position) return position;
      if (size > window.length) window = Buffer.allocUnsafe(size);
      windowAt = position;
      windowBytes = file.readNow(position, window.subarray(0, Math.min(window.length, range.to - position)));
      if (windowBytes < HEADER_BYTES) return position;
      start = 0;
      size = batchSizeAt(window, 0);
      if (size > windowBytes && size <= range.to - position && size > window.length) continue;
    }
    if (size < HEADER_BYTES || size > range.to - position) return position;
    if (start + size > windowBytes) return position;
    if (!visit(window.subarray(start, start + size), position)) return position;
    position += size;
  }
  return position;
}

function isWhole(header: BatchHeader, bytesLeft: number): boolean {
  if (header.sizeInBytes < HEADER_BYTES || header.sizeInBytes > bytesLeft) return false;
  return header.magic === MAGIC && header.lastOffsetDelta >= 0 && header.baseOffset >= 0;
}
