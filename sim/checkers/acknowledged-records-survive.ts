import type { Violations } from './violations.ts';

/** What was acknowledged for all in-sync replicas is in the end where the producer was told it is. */
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

  /** After the last record of the partition that was acknowledged. */
  end(partition: string): number {
    return this.#ends.get(partition) ?? 0;
  }

  /**
   * `values`: all that a broker's replica of the partition holds, by offset. Below `from` records may be
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
