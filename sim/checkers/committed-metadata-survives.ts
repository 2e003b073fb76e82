import type { Violations } from './violations.ts';

/**
 * A controller that serves has every record of the metadata log that anybody ever saw committed, however its
 * last life ended.
 */
export class CommittedMetadataSurvives {
  readonly #violations: Violations;
  #committed = -1;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** A broker or the controller has an image up to this offset. */
  saw(offset: number): void {
    this.#committed = Math.max(this.#committed, offset);
  }

  /** The controller serves and has an image up to this offset. */
  serves(offset: number): void {
    if (offset < this.#committed)
      this.#violations.add(
        'CommittedMetadataSurvives',
        `the controller is at offset ${offset}, and ${this.#committed} was committed`,
      );
    this.saw(offset);
  }
}
