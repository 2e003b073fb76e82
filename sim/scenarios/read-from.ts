import { below, type Random } from '../../src/base/random.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { ReadFrom } from './compaction-model.ts';

/** Reads the log from the offset to its end, in reads of random sizes. Throws if a read fails. */
export function readFrom(
  log: PartitionLog,
  offset: number,
  options: { readonly random: Random; readonly now: number },
): ReadFrom {
  const { random, now } = options;
  const parts: Buffer[] = [];
  let next = offset;
  const end = log.writtenEndOffset;
  while (next < end) {
    const read = log.reads.read(next, { maxBytes: 1 + below(random, 5000), minOneBatch: true });
    if ('error' in read)
      throw new Error(`reading at ${next} of [${log.logStartOffset}, ${end}): ${read.error}`);
    const bytes = Buffer.concat(read.parts);
    read.release();
    const last = [...batches(bytes)].at(-1);
    // Compaction keeps the end offset of what it compacted; the offsets before that may have no records.
    if (!last) break;
    parts.push(bytes);
    next = last.header.nextOffset;
  }
  return {
    offset,
    bytes: Buffer.concat(parts),
    aborted: log.reads.abortedTransactions(offset, end),
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    endOffset: end,
    now,
  };
}
