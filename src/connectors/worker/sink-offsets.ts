import { partitionKey } from '../../base/topic-partition.ts';
import type { PartitionOffset } from '../kernel/sink-task.ts';

/** How far a sink's task is in each partition, by `partitionKey`. Each offset is that of the next record. */
export class SinkOffsets {
  /** What follows the last record that the task took. */
  readonly #taken = new Map<string, PartitionOffset>();
  /** The same, once it has taken what is pending. */
  readonly #afterPut = new Map<string, PartitionOffset>();
  readonly #committed = new Map<string, number>();

  /** Up to this offset the task is given what there is. */
  given(key: string, next: PartitionOffset): void {
    this.#afterPut.set(key, next);
  }

  /** The task took all that it was given. */
  took(): void {
    for (const [key, next] of this.#afterPut) this.#taken.set(key, next);
    this.#afterPut.clear();
  }

  get taken(): readonly PartitionOffset[] {
    return [...this.#taken.values()];
  }

  /** Of what the task says is durable: what it took, and what is not committed yet. */
  toCommit(durable: readonly PartitionOffset[]): readonly PartitionOffset[] {
    return durable.filter((one) => {
      const key = partitionKey(one);
      const taken = this.#taken.get(key);
      return taken !== undefined && one.offset <= taken.offset && one.offset !== this.#committed.get(key);
    });
  }

  committed(offsets: readonly PartitionOffset[]): void {
    for (const one of offsets) this.#committed.set(partitionKey(one), one.offset);
  }

  /** The partition is read again from there. */
  rewind(next: PartitionOffset): void {
    const key = partitionKey(next);
    this.#taken.set(key, next);
    this.#afterPut.delete(key);
  }

  /** The partitions are another's. */
  forget(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#taken.delete(key);
      this.#afterPut.delete(key);
      this.#committed.delete(key);
    }
  }
}
