import { below } from '../../src/base/random.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { chance } from '../chance.ts';
import type { Violations } from '../checkers/violations.ts';
import type { Administrator } from './administrator.ts';

export interface DeletedRecordsOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly administrator: Administrator;
  readonly violations: Violations;
  /** The offset after the last acknowledged record. */
  readonly end: (partition: number) => number;
  /** The topic that had the name before: its unanswered requests may reach this topic. */
  readonly before?: DeletedRecords | undefined;
}

/**
 * Deletes the oldest records of a topic. No record at or above the offset that was asked for may go with
 * them.
 */
export class DeletedRecords {
  readonly #options: DeletedRecordsOptions;
  readonly #asked: number[];
  /** By partition: the highest offset that was asked for and not answered. */
  readonly #unanswered: number[];

  constructor(options: DeletedRecordsOptions) {
    this.#options = options;
    const { before, partitions } = options;
    this.#unanswered = before ? [...before.#unanswered] : Array.from({ length: partitions }, () => 0);
    this.#asked = [...this.#unanswered];
  }

  /** The highest offset that was asked for: records below it may be gone. */
  upTo(partition: number): number {
    return this.#asked[partition] ?? 0;
  }

  async run(isOver: () => boolean): Promise<void> {
    const { topic, partitions, administrator, end } = this.#options;
    const { client } = administrator;
    while (!isOver()) {
      await client.pause(2500);
      if (isOver()) return;
      const partition = below(client.random, partitions);
      const last = end(partition);
      const offset = chance(client.random, 0.3) ? last : below(client.random, last + 1);
      this.#asked[partition] = Math.max(this.upTo(partition), offset);
      const answered = await client.tried(async () => {
        const start = await administrator.deleteRecords(topic, partition, offset);
        if (start !== null && start < offset)
          this.#complain(`${topic}-${partition} was cut off below ${offset}, and begins at ${start}`);
      });
      if (!answered) this.#unanswered[partition] = Math.max(offset, this.#unanswered[partition] ?? 0);
    }
  }

  check(partition: number, { on, log }: { readonly on: number; readonly log: PartitionLog }): void {
    const asked = this.upTo(partition);
    if (log.logStartOffset <= asked) return;
    const { topic } = this.#options;
    this.#complain(
      `${topic}-${partition} begins at ${log.logStartOffset} on broker ${on}, and only records below ${asked} were deleted`,
    );
  }

  #complain(message: string): void {
    this.#options.violations.add('OnlyDeletedRecordsAreGone', message);
  }
}
