import type { Violations } from './violations.ts';

/**
 * An offset keeps for ever the record that anybody was told lies there, and some producer has sent that
 * record.
 */
export class OffsetsNeverChangeTheirRecord {
  readonly #violations: Violations;
  readonly #known = new Map<string, string>();
  readonly #sent = new Set<string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  sent(value: string): void {
    this.#sent.add(value);
  }

  told(partition: string, offset: number, value: string): void {
    const place = `${partition}/${offset}`;
    const known = this.#known.get(place);
    if (known === undefined) {
      if (!this.#sent.has(value))
        this.#violations.add('OffsetsNeverChangeTheirRecord', `nobody sent ${value}, found at ${place}`);
      this.#known.set(place, value);
    } else if (known !== value)
      this.#violations.add('OffsetsNeverChangeTheirRecord', `${place} held ${known} and now holds ${value}`);
  }
}
