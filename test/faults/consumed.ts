/** Checks the records that a consumer got during faults, one by one. */
export class Consumed {
  readonly who: string;
  /** Values by partition and offset. */
  readonly values: string[][] = [];
  records = 0;
  readonly violations: string[] = [];
  readonly #positions = new Map<number, number>();
  readonly #committed = new Map<number, number>();
  /**
   * Partitions that were just assigned to this consumer: it may begin at its committed offset, or before its
   * last position.
   */
  readonly #fresh = new Set<number>();

  constructor(who: string) {
    this.who = who;
  }

  assigned(partitions: readonly number[]): void {
    for (const partition of partitions) this.#fresh.add(partition);
  }

  /**
   * `committed` means that the group's coordinator acknowledged it: from then on no member may begin before
   * it.
   */
  committed(partition: number, offset: number): void {
    const before = this.#committed.get(partition) ?? 0;
    if (offset < before) this.#violated(`committed ${offset} of ${partition} after ${before}`);
    this.#committed.set(partition, Math.max(before, offset));
  }

  record(partition: number, offset: number, value: string): void {
    this.records++;
    this.values[partition] ??= [];
    const known = this.values[partition][offset];
    if (known !== undefined && known !== value)
      this.#violated(`${partition}/${offset} was ${known} and then ${value}`);
    this.values[partition][offset] = value;
    const expected = this.#positions.get(partition) ?? 0;
    if (this.#fresh.delete(partition)) {
      const committed = this.#committed.get(partition) ?? 0;
      if (offset < committed)
        this.#violated(`the group committed ${committed} of ${partition} and began at ${offset}`);
      if (offset > expected) this.#violated(`${partition} was skipped from ${expected} to ${offset}`);
    } else if (offset !== expected)
      this.#violated(
        `${partition}: ${offset} was polled where ${expected} is next${offset < expected ? ', which is back' : ''}`,
      );
    this.#positions.set(partition, offset + 1);
  }

  #violated(what: string): void {
    this.violations.push(`${this.who}: ${what}`);
  }
}
