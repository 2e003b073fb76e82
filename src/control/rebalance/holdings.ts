/**
 * Which broker holds which partitions, by topic, in the order in which they came: replicas, or leaderships.
 * All are numbers.
 */
export class Holdings {
  readonly #topicOf: readonly number[];
  readonly #held: readonly Map<number, Set<number>>[];
  readonly #loads: number[];

  constructor(brokers: number, topicOf: readonly number[]) {
    this.#topicOf = topicOf;
    this.#held = Array.from({ length: brokers }, () => new Map());
    this.#loads = Array.from({ length: brokers }, () => 0);
  }

  load(broker: number): number {
    return this.#loads[broker] ?? 0;
  }

  loadOfTopic(broker: number, topic: number): number {
    return this.#held[broker]?.get(topic)?.size ?? 0;
  }

  byTopic(broker: number): ReadonlyMap<number, ReadonlySet<number>> {
    return this.#held[broker] ?? new Map();
  }

  *partitions(broker: number): Generator<number> {
    for (const partitions of this.byTopic(broker).values()) yield* partitions;
  }

  add(broker: number, partition: number): void {
    const topics = this.#held[broker];
    const topic = this.#topicOf[partition] ?? -1;
    const partitions = topics?.get(topic);
    if (partitions) partitions.add(partition);
    else topics?.set(topic, new Set([partition]));
    this.#loads[broker] = this.load(broker) + 1;
  }

  remove(broker: number, partition: number): void {
    const topics = this.#held[broker];
    const topic = this.#topicOf[partition] ?? -1;
    const partitions = topics?.get(topic);
    if (partitions?.delete(partition)) this.#loads[broker] = this.load(broker) - 1;
    if (partitions?.size === 0) topics?.delete(topic);
  }
}
