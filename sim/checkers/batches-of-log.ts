import { type BatchHeader, batches } from '../../src/protocol/records/batch.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';

const PIECE_BYTES = 1_000_000;

/**
 * All batches of [from, upTo), without a batch that reaches beyond `upTo`: a high watermark from an old
 * checkpoint file may lie within a batch. The result is a string with the reason if the log cannot be read.
 * The log of a compacted topic leaves offsets out; the log's own config does not say that it is compacted
 * before its broker has heard of the topic.
 */
export function batchesOfLog(
  log: PartitionLog,
  from: number,
  upTo: number,
  { isCompacted }: { readonly isCompacted: boolean },
): { header: BatchHeader; bytes: Buffer }[] | { readonly error: string } {
  const all: { header: BatchHeader; bytes: Buffer }[] = [];
  for (let next = from; next < upTo; ) {
    const found = log.reads.read(next, { maxBytes: PIECE_BYTES, upTo, minOneBatch: true });
    if ('error' in found) return { error: `${found.error} at ${next}` };
    // The log uses the memory of a read again after its release, so the bytes are copied.
    const bytes = Buffer.concat(found.parts);
    found.release();
    const before = next;
    for (const batch of batches(bytes)) {
      all.push(batch);
      next = batch.header.nextOffset;
    }
    if (next > before) continue;
    if (isCompacted || reachesBeyond(log, next, upTo)) return all;
    return { error: `nothing at ${next}` };
  }
  return all;
}

function reachesBeyond(log: PartitionLog, offset: number, upTo: number): boolean {
  const found = log.reads.read(offset, { maxBytes: 1, minOneBatch: true });
  if ('error' in found) return false;
  const [batch] = [...batches(Buffer.concat(found.parts))];
  found.release();
  return batch !== undefined && batch.header.baseOffset <= offset && batch.header.nextOffset > upTo;
}
