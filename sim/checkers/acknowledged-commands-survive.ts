import type { Violations } from './violations.ts';

/** A topic whose creation was answered is there in every later image, unless somebody may have deleted it. */
export class AcknowledgedCommandsSurvive {
  readonly #violations: Violations;
  /**
   * The metadata offset at which the answer came at the latest is not known to clients: only what is healed
   * is checked.
   */
  readonly #created = new Set<string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  created(topic: string): void {
    this.#created.add(topic);
  }

  check(has: (topic: string) => boolean): void {
    for (const topic of this.#created)
      if (!has(topic))
        this.#violations.add(
          'AcknowledgedCommandsSurvive',
          `the creation of ${topic} was answered, and it is gone`,
        );
  }
}
