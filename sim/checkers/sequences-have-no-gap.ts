import type { Violations } from './violations.ts';

/**
 * The records of an idempotent producer lie in the order in which they were sent: each once, none left out.
 */
export class SequencesHaveNoGap {
  readonly #violations: Violations;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** `values`: `producer:n`, in the order of the log. Values of other producers do not have this form. */
  check(partition: string, values: Iterable<string>): void {
    const next = new Map<string, number>();
    for (const value of values) {
      const [, producer, n] = /^(idempotent-.*):(\d+)$/.exec(value) ?? [];
      if (producer === undefined) continue;
      const expected = next.get(producer) ?? 0;
      if (Number(n) !== expected)
        this.#violations.add(
          'SequencesHaveNoGap',
          `${partition} holds ${value} where ${producer}:${expected} should be`,
        );
      next.set(producer, Number(n) + 1);
    }
  }
}
