import type { Violations } from './violations.ts';

/** A topic whose creation was answered is in every later image, unless somebody may have deleted it. */
export class AcknowledgedCommandsSurvive {
  readonly #violations: Violations;
  /** Clients do not know the metadata offset of a creation, so only the images after healing are checked. */
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
