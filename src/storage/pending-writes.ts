import type { BatchHeader } from '../protocol/records/batch.ts';
import type { Placed } from './log-tail.ts';
import type { AbortedTxn } from './txn-index.ts';

/** A batch that is in memory and not in the file yet. */
export interface PendingBatch extends Placed {
  readonly sizeInBytes: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** What one log appended since its last write, in order. Its arenas are held until it is taken. */
export class PendingWrites {
  #batches: PendingBatch[] = [];
  #aborted: AbortedTxn[] = [];
  #sizeInBytes = 0;
  /** The largest timestamp of the first batch, from which an empty segment counts its time. */
  #firstTimestamp: number | null = null;

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  get sizeInBytes(): number {
    return this.#sizeInBytes;
  }

  get firstTimestamp(): number | null {
    return this.#firstTimestamp;
  }

  add(header: BatchHeader, placed: Placed): void {
    if (placed.arena) placed.arena.unwritten++;
    const { sizeInBytes, lastOffset, maxTimestamp } = header;
    this.#batches.push({ bytes: placed.bytes, arena: placed.arena, sizeInBytes, lastOffset, maxTimestamp });
    this.#sizeInBytes += sizeInBytes;
    this.#firstTimestamp ??= maxTimestamp;
  }

  /** Belongs to the transaction index once the marker is written. */
  addAborted(txn: AbortedTxn): void {
    this.#aborted.push(txn);
  }

  takeAll(): {
    readonly batches: readonly PendingBatch[];
    readonly aborted: readonly AbortedTxn[];
    readonly sizeInBytes: number;
  } {
    const taken = { batches: this.#batches, aborted: this.#aborted, sizeInBytes: this.#sizeInBytes };
    for (const { arena } of taken.batches) if (arena) arena.unwritten--;
    this.#batches = [];
    this.#aborted = [];
    this.#sizeInBytes = 0;
    this.#firstTimestamp = null;
    return taken;
  }
}

/** The bytes for one gathered write: neighbours in an arena become one part. */
export function gather(batches: readonly PendingBatch[]): Buffer[] {
  const parts: Buffer[] = [];
  let run: { readonly first: Buffer; bytes: number } | null = null;
  const finish = () => {
    if (run) parts.push(Buffer.from(run.first.buffer, run.first.byteOffset, run.bytes));
  };
  for (const { bytes } of batches) {
    if (run && run.first.buffer === bytes.buffer && run.first.byteOffset + run.bytes === bytes.byteOffset) {
      run.bytes += bytes.length;
      continue;
    }
    finish();
    run = { first: bytes, bytes: bytes.length };
  }
  finish();
  return parts;
}
