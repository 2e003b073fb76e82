import { below } from '../../src/base/random.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { chance } from '../chance.ts';
import { InSyncReplicasDeleteToo } from '../checkers/in-sync-replicas-delete-too.ts';
import type { Violations } from '../checkers/violations.ts';
import type { Administrator } from './administrator.ts';
import type { SimCluster } from './sim-cluster.ts';

export interface DeletedRecordsOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly cluster: SimCluster;
  readonly administrator: Administrator;
  readonly violations: Violations;
  /** The offset after the last acknowledged record. */
  readonly end: (partition: number) => number;
  /** The topic that had the name before: its unanswered requests may reach this topic. */
  readonly before?: DeletedRecords | undefined;
}

/**
 * Deletes the oldest records of a topic. No record at or above the offset that was asked for may go with
 * them, and an answer counts for every replica in sync.
 */
export class DeletedRecords {
  readonly #options: DeletedRecordsOptions;
  readonly #everywhere: InSyncReplicasDeleteToo;
  readonly #asked: number[];
  /** By partition: the highest offset that was asked for and not answered. */
  readonly #unanswered: number[];
  #isDrained = false;

  constructor(options: DeletedRecordsOptions) {
    this.#options = options;
    const { before, partitions, cluster, violations } = options;
    this.#everywhere = new InSyncReplicasDeleteToo(cluster, violations);
    this.#unanswered = before ? [...before.#unanswered] : Array.from({ length: partitions }, () => 0);
    this.#asked = [...this.#unanswered];
  }

  /** The highest offset that was asked for: records below it may be gone. */
  upTo(partition: number): number {
    return this.#asked[partition] ?? 0;
  }

  async run(isOver: () => boolean): Promise<void> {
    const { partitions, administrator, end } = this.#options;
    const { client } = administrator;
    while (!isOver()) {
      await client.pause(2500);
      if (isOver()) return;
      const partition = below(client.random, partitions);
      const last = end(partition);
      await this.#delete(partition, chance(client.random, 0.3) ? last : below(client.random, last + 1));
    }
  }

  /**
   * To be called when everything was healed and nobody else deletes: in each partition some more records are
   * deleted, with as many attempts as it takes. Resolves when all are answered, or when the history is over.
   */
  async runLast(isOver: () => boolean): Promise<void> {
    const { partitions, administrator, end } = this.#options;
    const { client } = administrator;
    for (let partition = 0; partition < partitions && !isOver(); partition++) {
      const from = this.upTo(partition);
      const offset = from + Math.floor((end(partition) - from) / 2);
      while (!isOver() && !(await this.#delete(partition, offset))) await client.pause();
    }
    this.#isDrained = true;
  }

  /** Whether `runLast` is through. */
  get isDrained(): boolean {
    return this.#isDrained;
  }

  /** One attempt: whether the answer is that the records are deleted. */
  async #delete(partition: number, offset: number): Promise<boolean> {
    const { topic, administrator } = this.#options;
    this.#asked[partition] = Math.max(this.upTo(partition), offset);
    let isDeleted = false;
    const isAnswered = await administrator.client.tried(async () => {
      const asked = this.#everywhere.asks(topic, partition);
      const start = await administrator.deleteRecords(topic, partition, offset);
      if (start === null) return;
      isDeleted = true;
      if (start < offset)
        this.#complain(`${topic}-${partition} was cut off below ${offset}, and begins at ${start}`);
      if (asked) this.#everywhere.answered(asked, offset);
    });
    if (!isAnswered) this.#unanswered[partition] = Math.max(offset, this.#unanswered[partition] ?? 0);
    return isDeleted;
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
