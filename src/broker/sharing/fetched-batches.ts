import { at, attribute, HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../../protocol/records/batch.ts';
import { readInt64 } from '../../protocol/records/int64.ts';

/** Where one record batch lies, in offsets and in what was read. */
export interface FetchedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
}

export interface ReadBatch extends FetchedBatch {
  readonly producerId: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * The whole record batches of what was read, by their headers alone; nothing of them is unpacked or checked.
 */
export function fetchedBatches(bytes: Buffer): ReadBatch[] {
  const batches: ReadBatch[] = [];
  for (let start = 0; bytes.length - start >= HEADER_BYTES; ) {
    const end = start + LOG_OVERHEAD_BYTES + bytes.readInt32BE(start + at.batchLength);
    if (end > bytes.length) break;
    const baseOffset = readInt64(bytes, start + at.baseOffset);
    const attributes = bytes.readInt16BE(start + at.attributes);
    batches.push({
      baseOffset,
      lastOffset: baseOffset + bytes.readInt32BE(start + at.lastOffsetDelta),
      producerId: readInt64(bytes, start + at.producerId),
      isTransactional: (attributes & attribute.transactional) !== 0,
      isControl: (attributes & attribute.control) !== 0,
      start,
      end,
    });
    start = end;
  }
  return batches;
}

/**
 * The batches of aborted transactions among these: of each that was aborted, what its producer wrote from its
 * first offset up to the marker that ends it.
 */
export function abortedBatches(
  batches: readonly ReadBatch[],
  aborted: readonly { readonly producerId: number; readonly firstOffset: number }[],
): ReadBatch[] {
  if (aborted.length === 0) return [];
  const byFirst = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  const found: ReadBatch[] = [];
  let next = 0;
  for (const batch of batches) {
    for (let one = byFirst[next]; one && one.firstOffset <= batch.lastOffset; one = byFirst[next]) {
      open.add(one.producerId);
      next += 1;
    }
    if (!open.has(batch.producerId)) continue;
    if (batch.isControl) open.delete(batch.producerId);
    else if (batch.isTransactional) found.push(batch);
  }
  return found;
}
