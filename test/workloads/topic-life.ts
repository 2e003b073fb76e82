import type { StoredRecord } from './wire-client.ts';

/**
 * One life of a topic that is deleted and made again: it holds the records acknowledged in this life, and
 * none of another life.
 */
export class TopicLife {
  readonly name: string;
  readonly topicId: string;
  /** By partition: the value at each acknowledged offset. */
  readonly #acknowledged = new Map<number, Map<number, string>>();
  /** By partition: records below this offset may be gone, because their deletion was asked for. */
  readonly #deletedBelow = new Map<number, number>();

  constructor(name: string, topicId: string) {
    this.name = name;
    this.topicId = topicId;
  }

  valueOf(record: number): string {
    return `${this.name} record ${record}`;
  }

  acknowledged(partition: number, offset: number, values: readonly string[]): void {
    const known = this.#acknowledged.get(partition) ?? new Map<number, string>();
    for (const [i, value] of values.entries()) known.set(offset + i, value);
    this.#acknowledged.set(partition, known);
  }

  /** The offset at which the second half of the acknowledged records begins. */
  middleOf(partition: number): number | undefined {
    const offsets = [...(this.#acknowledged.get(partition)?.keys() ?? [])];
    return offsets[Math.floor(offsets.length / 2)];
  }

  mayBeDeletedBelow(partition: number, offset: number): void {
    this.#deletedBelow.set(partition, Math.max(offset, this.#deletedBelow.get(partition) ?? 0));
  }

  violations(partition: number, read: readonly StoredRecord[]): string[] {
    const found = new Map(read.map(({ offset, value }) => [offset, value]));
    const foreign = read.filter(({ value }) => !value?.startsWith(`${this.name} `));
    const acknowledged = [...(this.#acknowledged.get(partition) ?? [])];
    const from = this.#deletedBelow.get(partition) ?? 0;
    const lost = acknowledged.filter(([offset, value]) => offset >= from && found.get(offset) !== value);
    return [
      ...foreign.map(({ offset, value }) => `${partition} has "${value}" at ${offset} in ${this.name}`),
      ...lost.map(
        ([offset, value]) => `${partition} has "${found.get(offset)}" at ${offset}, not "${value}"`,
      ),
    ];
  }
}
