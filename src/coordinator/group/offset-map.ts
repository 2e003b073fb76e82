import type { OffsetCommitValue } from './group-record.ts';

export type CommittedOffset = OffsetCommitValue & {
  /** Where the log holds the commit: of two, the later one counts, whatever order they become final in. */
  readonly recordOffset: number;
};

/** Committed offsets by group, topic and partition; empty levels are not kept. */
export class OffsetMap {
  readonly #byGroup = new Map<string, Map<string, Map<number, CommittedOffset>>>();

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#byGroup.get(group)?.get(topic)?.get(partition);
  }

  set(group: string, topic: string, partition: number, offset: CommittedOffset): void {
    const topics = getOrAdd(this.#byGroup, group, () => new Map<string, Map<number, CommittedOffset>>());
    const partitions = getOrAdd(topics, topic, () => new Map<number, CommittedOffset>());
    partitions.set(partition, offset);
  }

  delete(group: string, topic: string, partition: number): void {
    const topics = this.#byGroup.get(group);
    const partitions = topics?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.#byGroup.delete(group);
  }

  groups(): IterableIterator<string> {
    return this.#byGroup.keys();
  }

  has(group: string): boolean {
    return this.#byGroup.has(group);
  }

  topics(group: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#byGroup.get(group) ?? new Map();
  }

  *entries(group: string): IterableIterator<{ topic: string; partition: number; offset: CommittedOffset }> {
    for (const [topic, partitions] of this.topics(group)) {
      for (const [partition, offset] of partitions) yield { topic, partition, offset };
    }
  }
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
