import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { Violations } from './violations.ts';

/** Neither that of one replica in one life, nor what clients are told to be the end. */
export class HighWatermarkNeverFalls {
  readonly #violations: Violations;
  readonly #ofLog = new WeakMap<PartitionLog, number>();
  readonly #told = new Map<string, number>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(replica: string, log: PartitionLog): void {
    const before = this.#ofLog.get(log) ?? -1;
    const now = log.highWatermark;
    if (now < before)
      this.#violations.add('HighWatermarkNeverFalls', `${replica} went from ${before} to ${now}`);
    this.#ofLog.set(log, now);
  }

  /** To be asked before the question is sent: no later answer may be less. */
  told(partition: string): number {
    return this.#told.get(partition) ?? -1;
  }

  answered(partition: string, end: number, toldBefore: number): void {
    if (end < toldBefore)
      this.#violations.add(
        'HighWatermarkNeverFalls',
        `clients were told that ${partition} ends at ${toldBefore}, and then at ${end}`,
      );
    this.#told.set(partition, Math.max(end, this.told(partition)));
  }
}
