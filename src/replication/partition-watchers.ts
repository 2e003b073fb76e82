import type { Partition } from './partition.ts';

export interface PartitionWatcher {
  moved(): void;
}

/**
 * Who wants to know when there is something new of a partition: its end, its high watermark, its start, its
 * role or its ISR. What nobody watches costs nothing, and an event costs those who watch that partition.
 */
export class PartitionWatchers {
  readonly #byPartition = new Map<Partition, Set<PartitionWatcher>>();

  add(partition: Partition, watcher: PartitionWatcher): void {
    const watchers = this.#byPartition.get(partition);
    if (watchers) watchers.add(watcher);
    else this.#byPartition.set(partition, new Set([watcher]));
  }

  delete(partition: Partition, watcher: PartitionWatcher): void {
    const watchers = this.#byPartition.get(partition);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byPartition.delete(partition);
  }

  moved(partition: Partition): void {
    const watchers = this.#byPartition.get(partition);
    // Whoever is told may leave, and others may come.
    if (watchers) for (const watcher of [...watchers]) if (watchers.has(watcher)) watcher.moved();
  }

  /** How many partitions are watched. */
  get size(): number {
    return this.#byPartition.size;
  }
}
