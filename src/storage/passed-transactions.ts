import type { ProducerId } from '../base/brand.ts';
import type { BatchHeader } from '../protocol/records/batch.ts';
import type { AbortedTxn } from './txn-index.ts';

interface PassedAbort {
  readonly txn: AbortedTxn;
  /** A batch of it was there. */
  readonly met: boolean;
}

/**
 * Which transaction the compactor is in the middle of, per producer, while it walks a log in the order of
 * offsets. A marker may go once no batch of its transaction was met on the way to it; data of an aborted one
 * goes at once. A transaction ends at the offset of its marker, whether or not the walk meets that: retention
 * may take the segment of a marker during the walk.
 */
export class PassedTransactions {
  /** Aborted transactions by first offset, the largest first. */
  readonly #ahead: AbortedTxn[];
  readonly #committed: Set<ProducerId>;
  readonly #aborted: Map<ProducerId, PassedAbort>;

  constructor(
    aborted: readonly AbortedTxn[],
    passed?: {
      readonly committed: ReadonlySet<ProducerId>;
      readonly aborted: ReadonlyMap<ProducerId, PassedAbort>;
    },
  ) {
    this.#ahead = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset);
    this.#committed = new Set(passed?.committed);
    this.#aborted = new Map(passed?.aborted);
  }

  /** A copy for a walk that may have to begin again from here. */
  copy(): PassedTransactions {
    return new PassedTransactions(this.#ahead, { committed: this.#committed, aborted: this.#aborted });
  }

  /** Of a batch that is no control batch: whether it belongs to a transaction that was aborted. */
  isAborted(header: BatchHeader): boolean {
    const aborted = this.#abortedAt(header);
    if (!header.isTransactional) return false;
    if (!aborted) {
      this.#committed.add(header.producerId);
      return false;
    }
    if (!aborted.met) this.#aborted.set(header.producerId, { txn: aborted.txn, met: true });
    return true;
  }

  /**
   * Of an end-transaction marker: whether it may go, and if not, what the transaction index must go on to say
   * of an aborted transaction that still has batches.
   */
  end(
    header: BatchHeader,
    outcome: 'COMMIT' | 'ABORT',
  ): { readonly isDone: boolean; readonly aborted: AbortedTxn | null } {
    const aborted = this.#abortedAt(header);
    const { producerId } = header;
    if (outcome === 'COMMIT') return { isDone: !this.#committed.delete(producerId), aborted: null };
    this.#aborted.delete(producerId);
    return aborted?.met ? { isDone: false, aborted: aborted.txn } : { isDone: true, aborted: null };
  }

  /** The aborted transaction of the batch's producer that reaches to the batch, which may be its marker. */
  #abortedAt({ producerId, lastOffset }: BatchHeader): PassedAbort | undefined {
    for (let next = this.#ahead.at(-1); next && next.firstOffset <= lastOffset; next = this.#ahead.at(-1)) {
      this.#ahead.pop();
      this.#aborted.set(next.producerId, { txn: next, met: false });
    }
    const aborted = this.#aborted.get(producerId);
    return aborted && aborted.txn.lastOffset >= lastOffset ? aborted : undefined;
  }
}
