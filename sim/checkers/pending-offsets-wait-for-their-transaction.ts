import type { Violations } from './violations.ts';

/**
 * An offset that was committed inside a transaction counts when the transaction commits, unless a later
 * commit or a deletion came between; and never before. One client uses a group, so what it must find is known.
 */
export class PendingOffsetsWaitForTheirTransaction {
  readonly #violations: Violations;
  #count = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** How many transactions ended with an offset that was looked at. */
  get count(): number {
    return this.#count;
  }

  /** `isOpen`: the transaction was open when the offset was fetched. -1: none. */
  fetched(
    group: string,
    { isOpen, offset, expected }: { isOpen: boolean; offset: number; expected: number },
  ) {
    if (!isOpen) this.#count++;
    if (offset !== expected)
      this.#violations.add(
        'PendingOffsetsWaitForTheirTransaction',
        `${offset} was fetched for ${group} ${isOpen ? 'during' : 'after'} the transaction, where ${expected} counts`,
      );
  }

  /** Readers who want stable offsets were given one though the transaction that committed had not ended. */
  wasStable(group: string): void {
    this.#violations.add(
      'PendingOffsetsWaitForTheirTransaction',
      `the offset of ${group} was stable before its transaction ended`,
    );
  }
}
