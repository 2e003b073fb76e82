import { PartitionLog } from '../../src/storage/partition-log.ts';
import type { Violations } from './violations.ts';

/**
 * A replica never truncates its log below its own high watermark, unless an unclean election allows it.
 * `watch` checks every truncation until the function that it returns is called. Only one simulation runs at a
 * time.
 */
export class NoReplicaCutsWhatIsCommitted {
  readonly #violations: Violations;
  readonly #mayLose: (directory: string) => boolean;

  constructor(violations: Violations, mayLose: (directory: string) => boolean) {
    this.#violations = violations;
    this.#mayLose = mayLose;
  }

  watch(): () => void {
    const { truncateTo, truncateFully } = PartitionLog.prototype;
    const check = (log: PartitionLog, offset: number) => this.#check(log, offset);
    PartitionLog.prototype.truncateTo = function (offset) {
      check(this, offset);
      return truncateTo.call(this, offset);
    };
    PartitionLog.prototype.truncateFully = function (offset) {
      check(this, offset);
      return truncateFully.call(this, offset);
    };
    return () => {
      Object.assign(PartitionLog.prototype, { truncateTo, truncateFully });
    };
  }

  #check({ directory, highWatermark, logStartOffset, endOffset }: PartitionLog, offset: number): void {
    const isEmpty = endOffset === logStartOffset;
    if (!isEmpty && offset < highWatermark && !this.#mayLose(directory))
      this.#violations.add(
        'NoReplicaCutsWhatIsCommitted',
        `${directory} is cut to ${offset}, below its high watermark ${highWatermark}`,
      );
  }
}
