import type { Violations } from './violations.ts';

/** A record that was acknowledged with acks=all lies in the end at the offset that the producer was told. */
export class AcknowledgedRecordsSurvive {
  readonly #violations: Violations;
  readonly #acknowledged = new Map<string, Map<number, string>>();
  readonly #ends = new Map<string, number>();
  #count = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  get count(): number {
    return this.#count;
  }

  acknowledged(partition: string, offset: number, value: string): void {
    const known = this.#acknowledged.get(partition) ?? new Map<number, string>();
    this.#acknowledged.set(partition, known);
    known.set(offset, value);
    this.#ends.set(partition, Math.max(this.end(partition), offset + 1));
    this.#count++;
  }

  /** The offset after the last acknowledged record of the partition. */
  end(partition: string): number {
    return this.#ends.get(partition) ?? 0;
  }

  /**
   * `values`: all that a broker's replica of the partition holds, by offset. Records below `from` may be
   * deleted.
   */
  check(
    partition: string,
    values: ReadonlyMap<number, string>,
    { on, from = 0 }: { readonly on: number; readonly from?: number },
  ): void {
    for (const [offset, value] of this.#acknowledged.get(partition) ?? []) {
      if (offset >= from && values.get(offset) !== value)
        this.#violations.add(
          'AcknowledgedRecordsSurvive',
          `${value} was acknowledged at ${partition}/${offset}, which holds ${values.get(offset)} on broker ${on}`,
        );
    }
  }
}
