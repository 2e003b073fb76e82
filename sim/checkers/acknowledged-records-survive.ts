import type { Violations } from './violations.ts';

/** What was acknowledged for all in-sync replicas is in the end where the producer was told it is. */
export class AcknowledgedRecordsSurvive {
  readonly #violations: Violations;
  readonly #acknowledged = new Map<string, Map<number, string>>();
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
    this.#count++;
  }

  /** `values`: all that the partition holds, by offset. */
  check(partition: string, values: ReadonlyMap<number, string>): void {
    for (const [offset, value] of this.#acknowledged.get(partition) ?? []) {
      if (values.get(offset) !== value)
        this.#violations.add(
          'AcknowledgedRecordsSurvive',
          `${value} was acknowledged at ${partition}/${offset}, which holds ${values.get(offset)}`,
        );
    }
  }
}
