import { type BatchHeader, batches, checkIntegrity } from '../../protocol/records/batch.ts';
import { controlType } from '../../protocol/records/control.ts';
import { readRecords } from '../../protocol/records/record.ts';
import { RecordError } from '../../protocol/records/record-error.ts';

interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

interface FetchedBatch {
  readonly header: BatchHeader;
  readonly bytes: Buffer;
  /** Its records are for the application: it is no control batch and belongs to no aborted transaction. */
  readonly isData: boolean;
}

/**
 * The batches of a fetch answer, in order. `aborted`: the transactions that the leader names for these
 * offsets; null reads everything. As in Java's consumer a transaction is aborted from its first offset up to
 * its own abort marker, so a producer may have several here, and an aborted one may have begun or may end in
 * another answer. Throws RecordError for what is damaged.
 */
export function* committedBatches(
  records: Buffer,
  aborted: readonly AbortedTransaction[] | null,
): Generator<FetchedBatch> {
  const begins = [...(aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  let next = 0;
  for (const { header, bytes } of batches(records)) {
    if (checkIntegrity(bytes) !== null)
      throw new RecordError('CORRUPT_MESSAGE', `the batch at offset ${header.baseOffset} is damaged`);
    for (;;) {
      const begin = begins[next];
      if (!begin || begin.firstOffset > header.lastOffset) break;
      open.add(begin.producerId);
      next++;
    }
    if (header.isControl && isAbortMarker(bytes)) open.delete(header.producerId);
    const isAborted = header.isTransactional && open.has(header.producerId);
    yield { header, bytes, isData: !header.isControl && !isAborted };
  }
}

function isAbortMarker(bytes: Buffer): boolean {
  return controlType(readRecords(bytes)[0]?.key ?? null) === 'ABORT';
}
