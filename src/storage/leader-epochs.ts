import type { LeaderEpoch } from '../base/brand.ts';

export interface EpochEntry {
  readonly epoch: LeaderEpoch;
  readonly startOffset: number;
}

/** Kafka's UNDEFINED_EPOCH and UNDEFINED_EPOCH_OFFSET. */
const UNDEFINED = { epoch: -1, endOffset: -1 } as const;

/**
 * Which leader wrote what: each epoch with the offset of its first record, both strictly growing. By it
 * replicas find where they part (KIP-101, KIP-279). Kept in `leader-epoch-checkpoint`; what a crash loses of
 * it is in the batches beyond the recovery point, from which recovery assigns it again.
 */
export class LeaderEpochs {
  #entries: EpochEntry[] = [];
  readonly #changed: () => void;
  /** The last epoch that began here before it had a record. */
  #ledEpoch: LeaderEpoch = UNDEFINED.epoch;

  constructor(entries: readonly EpochEntry[], changed: () => void) {
    this.#changed = () => {};
    for (const entry of entries) this.assign(entry);
    this.#changed = changed;
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** -1 when there is none. */
  get latestEpoch(): LeaderEpoch {
    return this.#entries.at(-1)?.epoch ?? UNDEFINED.epoch;
  }

  /** Ignored for the latest epoch; entries that contradict the new one go. */
  assign(entry: EpochEntry): void {
    const latest = this.#entries.at(-1);
    if (entry.epoch < 0 || entry.startOffset < 0) return;
    if (latest && latest.epoch === entry.epoch && entry.startOffset >= latest.startOffset) return;
    while (this.#contradicts(entry)) this.#entries.pop();
    this.#entries.push(entry);
    this.#changed();
  }

  /** An epoch in which this replica leads begins, before its first record. */
  lead(entry: EpochEntry): void {
    this.assign(entry);
    this.#ledEpoch = entry.epoch;
  }

  /**
   * OffsetForLeaderEpoch: the largest epoch known that is not above the requested one, and where the next
   * begins. For the latest epoch that is the end of the log.
   */
  endOffsetFor(
    epoch: LeaderEpoch,
    logEndOffset: number,
  ): { readonly epoch: LeaderEpoch; readonly endOffset: number } {
    if (epoch < 0) return UNDEFINED;
    if (epoch === this.latestEpoch) return { epoch, endOffset: logEndOffset };
    const higher = this.#entries.findIndex((entry) => entry.epoch > epoch);
    const next = this.#entries[higher];
    if (!next) return UNDEFINED;
    // Older than anything known: those records are gone, and the requested epoch ended where the log now
    // begins.
    const floor = this.#entries[higher - 1];
    return { epoch: floor?.epoch ?? epoch, endOffset: next.startOffset };
  }

  /** The epoch that wrote this offset; -1 when it is before all that is known. */
  epochFor(offset: number): LeaderEpoch {
    let epoch: LeaderEpoch = UNDEFINED.epoch;
    for (const entry of this.#entries) {
      if (entry.startOffset > offset) break;
      epoch = entry.epoch;
    }
    return epoch;
  }

  /** Epochs that begin at or after the new end are gone with their records. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset);
    this.#replace(kept);
  }

  /**
   * Appends that were not written are taken back, and epochs that came with them. The one that this replica
   * leads in began here without a record, and stays.
   */
  forgetAfter(endOffset: number): void {
    this.#replace(
      this.#entries.filter(
        ({ epoch, startOffset }) =>
          startOffset < endOffset || (startOffset === endOffset && epoch === this.#ledEpoch),
      ),
    );
  }

  /** The epoch at the new start now begins there; older ones go. */
  truncateFromStart(startOffset: number): void {
    const first = this.#entries.findLastIndex((entry) => entry.startOffset <= startOffset);
    const entry = this.#entries[first];
    if (!entry || (first === 0 && entry.startOffset === startOffset)) return;
    this.#replace([{ epoch: entry.epoch, startOffset }, ...this.#entries.slice(first + 1)]);
  }

  clear(): void {
    this.#replace([]);
  }

  #contradicts(entry: EpochEntry): boolean {
    const latest = this.#entries.at(-1);
    return latest !== undefined && (latest.epoch >= entry.epoch || latest.startOffset >= entry.startOffset);
  }

  #replace(entries: EpochEntry[]): void {
    const same =
      entries.length === this.#entries.length &&
      entries.every((entry, i) => entry.startOffset === this.#entries[i]?.startOffset);
    if (same) return;
    this.#entries = entries;
    this.#changed();
  }
}
