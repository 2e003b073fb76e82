import { batchSizeAt, HEADER_BYTES } from '../protocol/records/batch.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import type { Segment } from './segment.ts';

/** What is worked on in one step: a millisecond or two. */
const WINDOW_BYTES = 128 * 1024;

/**
 * The batches of a closed segment from a position on, as many whole ones at a time as fit a window, and at
 * least one. Read off the loop; each window is valid until the next is asked for. Ends early when `isThere`
 * no longer holds, which is asked before the file is touched. Throws RecordError where no batch begins, and
 * DiskError.
 */
export async function* windowsOf(
  segment: Segment,
  from: number,
  isThere: () => boolean,
): AsyncGenerator<Buffer> {
  const end = segment.sizeInBytes;
  let buffer = Buffer.allocUnsafe(Math.max(0, Math.min(WINDOW_BYTES, end - from)));
  let position = from;
  while (position < end && isThere()) {
    const wanted = Math.min(buffer.length, end - position);
    const read = await segment.log.read(position, buffer.subarray(0, wanted));
    const bytes = buffer.subarray(0, read);
    const whole = wholeBatches(bytes);
    if (whole > 0) {
      yield bytes.subarray(0, whole);
      position += whole;
      continue;
    }
    const size = batchSizeAt(bytes, 0);
    if (!isThere()) return;
    if (size < HEADER_BYTES || size <= read || size > end - position) {
      throw new RecordError('CORRUPT_MESSAGE', `no batch at ${position} of ${segment.log.path}`);
    }
    buffer = Buffer.allocUnsafe(size);
  }
}

/** How many bytes the whole batches at the beginning have. */
function wholeBatches(bytes: Buffer): number {
  let at = 0;
  for (;;) {
    const size = batchSizeAt(bytes, at);
    if (size < HEADER_BYTES || size > bytes.length - at) return at;
    at += size;
  }
}
