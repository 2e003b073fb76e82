import type { Violations } from './violations.ts';

/** A fetch of offsets that begins after a commit was acknowledged finds that commit or a later one. */
export class CommittedOffsetsNeverFall {
  readonly #violations: Violations;
  readonly #committed = new Map<string, number>();
  #count = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * A commit was acknowledged. `before`: what `before` gave when it was sent, where another process may take
   * the partition over and commit before the answer is here.
   */
  committed(partition: string, offset: number, before = this.before(partition)): void {
    if (offset < before)
      this.#violations.add(
        'CommittedOffsetsNeverFall',
        `${offset} was committed for ${partition} after ${before}`,
      );
    this.#committed.set(partition, Math.max(this.before(partition), offset));
    this.#count++;
  }

  /** Callers read it before they send a fetch or a commit. */
  before(partition: string): number {
    return this.#committed.get(partition) ?? -1;
  }

  fetched(partition: string, offset: number, before: number): void {
    if (offset < before)
      this.#violations.add(
        'CommittedOffsetsNeverFall',
        `${before} was committed for ${partition}, and ${offset} was fetched`,
      );
  }
}
