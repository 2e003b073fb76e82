import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { Violations } from './violations.ts';

/**
 * Neither the high watermark of one replica in one life nor the end that clients are told ever falls. An
 * empty log is not checked: a follower that begins at its leader's log start moves to the start of the batch
 * that holds it.
 */
export class HighWatermarkNeverFalls {
  readonly #violations: Violations;
  readonly #ofLog = new WeakMap<PartitionLog, number>();
  readonly #told = new Map<string, Told>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(replica: string, log: PartitionLog): void {
    const before = this.#ofLog.get(log) ?? -1;
    const now = log.highWatermark;
    if (now < before)
      this.#violations.add('HighWatermarkNeverFalls', `${replica} went from ${before} to ${now}`);
    this.#ofLog.set(log, log.endOffset > log.logStartOffset ? now : -1);
  }

  /**
   * Callers read it before they send the question: no later answer of the same or a newer leader may be
   * lower.
   */
  told(partition: string): Told {
    return this.#told.get(partition) ?? { end: -1, leaderEpoch: -1 };
  }

  /** A broker that has not heard yet that it leads no longer may answer with an older end. */
  answered(partition: string, answer: Told, before: Told): void {
    if (answer.end < before.end && answer.leaderEpoch >= before.leaderEpoch)
      this.#violations.add(
        'HighWatermarkNeverFalls',
        `clients were told that ${partition} ends at ${before.end}, and then at ${answer.end}`,
      );
    if (answer.end > this.told(partition).end) this.#told.set(partition, answer);
  }
}

/** The end that the leader of an epoch answered. */
export interface Told {
  readonly end: number;
  readonly leaderEpoch: number;
}
