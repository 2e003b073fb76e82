import type { Segment } from './segment.ts';
import type { AbortedTxn } from './txn-index.ts';

/**
 * Collects the aborted transactions that touch [fetchOffset, upTo). A step that cannot read (see
 * `OpenFiles.onPages`) is made again and goes on where it was.
 */
export class AbortedSearch {
  readonly found: AbortedTxn[] = [];
  readonly #segments: readonly Segment[];
  readonly #fetchOffset: number;
  readonly #upTo: number;
  #segmentAt = 0;
  #entryAt = 0;

  /** The segments from the one that holds `fetchOffset` on. */
  constructor(segments: readonly Segment[], range: { readonly fetchOffset: number; readonly upTo: number }) {
    this.#segments = segments;
    this.#fetchOffset = range.fetchOffset;
    this.#upTo = range.upTo;
  }

  /** Returns whether all were found. */
  step(): boolean {
    const segment = this.#segments[this.#segmentAt];
    if (!segment) return true;
    for (; this.#entryAt < segment.txnIndex.entries; this.#entryAt++) {
      const txn = segment.txnIndex.at(this.#entryAt);
      if (txn.lastOffset >= this.#fetchOffset && txn.firstOffset < this.#upTo) this.found.push(txn);
      // Older indexes hold larger offsets than a marker can have made stable: what follows the marker is not
      // stable by it.
      if (Math.min(txn.lastStableOffset, txn.lastOffset + 1) >= this.#upTo) return true;
    }
    this.#segmentAt++;
    this.#entryAt = 0;
    return false;
  }
}
