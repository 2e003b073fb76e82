import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { Violations } from './violations.ts';

/** The start of a log never falls in one life of its replica, and is never above its high watermark. */
export class LogStartNeverFalls {
  readonly #violations: Violations;
  readonly #ofLog = new WeakMap<PartitionLog, { start: number; truncations: number }>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(replica: string, log: PartitionLog): void {
    const before = this.#ofLog.get(log);
    const { logStartOffset: start, highWatermark, truncations } = log;
    if (start > highWatermark)
      this.#complain(`${replica} begins at ${start}, above its high watermark ${highWatermark}`);
    if (before && start < before.start && truncations === before.truncations)
      this.#complain(`${replica} began at ${before.start} and now begins at ${start}`);
    this.#ofLog.set(log, { start, truncations });
  }

  #complain(message: string): void {
    this.#violations.add('LogStartNeverFalls', message);
  }
}
