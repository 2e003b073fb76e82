import type { BatchHeader } from '../protocol/records/batch.ts';
import type { EpochEntry, LeaderEpochs } from './leader-epochs.ts';

/**
 * The leader epochs of what a recovery reads. Batches are the truth, and where they say nothing the
 * checkpoint is: an epoch whose records were all compacted away is in no batch, and without it this replica,
 * as a leader, would answer with an older one, and followers would cut back what is committed. What is in the
 * checkpoint and contradicts a batch is of a log that was truncated since, or not yet, and goes; so does what
 * begins at the end or beyond it.
 */
export class RecoveredEpochs {
  readonly #epochs: LeaderEpochs;
  /** Not confirmed by a batch yet; in order. */
  #claimed: EpochEntry[];

  /** Everything below `from` is believed. */
  constructor(epochs: LeaderEpochs, from: number) {
    this.#epochs = epochs;
    this.#claimed = epochs.entries.filter(({ startOffset }) => startOffset >= from);
    epochs.truncateFromEnd(from);
  }

  /** The next batch. False when it is left over from before a truncation that did not reach the device. */
  take({ partitionLeaderEpoch: epoch, baseOffset, lastOffset }: BatchHeader): boolean {
    if (epoch < 0) return true;
    // Leaders only grow younger.
    if (epoch < this.#epochs.latestEpoch) return false;
    for (const claim of this.#claimed) {
      if (claim.startOffset > baseOffset) break;
      if (claim.epoch <= epoch) this.#assign(claim);
    }
    this.#claimed = this.#claimed.filter((claim) => claim.startOffset > lastOffset && claim.epoch > epoch);
    this.#assign({ epoch, startOffset: baseOffset });
    return true;
  }

  /** The log ends here. */
  end(endOffset: number): void {
    for (const claim of this.#claimed) if (claim.startOffset < endOffset) this.#assign(claim);
  }

  #assign(entry: EpochEntry): void {
    if (entry.epoch > this.#epochs.latestEpoch) this.#epochs.assign(entry);
  }
}
