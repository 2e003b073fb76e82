import type { Violations } from './violations.ts';

type Fate =
  /** Nobody asked for a commit: no reader of committed records may ever see it. */
  | 'not committed'
  /** A commit was asked for and not answered. */
  | 'unknown'
  | 'committed';

/**
 * Readers of committed records see all of a transaction or nothing. If its commit was answered, they see all.
 */
export class TransactionsAreAtomic {
  readonly #violations: Violations;
  readonly #fates = new Map<
    string,
    { fate: Fate; readonly values: { partition: number; value: string }[] }
  >();
  readonly #transactionOf = new Map<string, string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** The number of committed transactions. */
  get count(): number {
    return [...this.#fates.values()].filter(({ fate }) => fate === 'committed').length;
  }

  begins(transaction: string): void {
    this.#fates.set(transaction, { fate: 'not committed', values: [] });
  }

  sends(transaction: string, partition: number, value: string): void {
    this.#fates.get(transaction)?.values.push({ partition, value });
    this.#transactionOf.set(value, transaction);
  }

  commits(transaction: string, fate: 'unknown' | 'committed'): void {
    const known = this.#fates.get(transaction);
    if (known) known.fate = fate;
  }

  /** A reader of committed records saw the value, at any time. */
  saw(who: string, value: string): void {
    const transaction = this.#transactionOf.get(value);
    if (transaction === undefined) this.#complain(`${who} shows ${value}, which nobody sent`);
    else if (this.#fates.get(transaction)?.fate === 'not committed')
      this.#complain(`${who} shows ${value} of ${transaction}, whose commit nobody asked for`);
  }

  /**
   * `shown`: by partition, all that a replica shows to readers of committed records after every transaction
   * has ended.
   */
  check(who: string, shown: readonly (readonly string[])[]): void {
    for (const values of shown) {
      for (const value of values) this.saw(who, value);
      const twice = values.find((value, i) => values.indexOf(value) !== i);
      if (twice !== undefined) this.#complain(`${who} shows ${twice} twice`);
    }
    for (const [transaction, { fate, values }] of this.#fates) {
      const there = values.filter(({ partition, value }) => shown[partition]?.includes(value));
      if (fate === 'committed' && there.length < values.length)
        this.#complain(
          `${who} shows ${there.length} of the ${values.length} records of ${transaction}, which was committed`,
        );
      else if (there.length > 0 && there.length < values.length)
        this.#complain(`${who} shows ${there.length} of the ${values.length} records of ${transaction}`);
    }
  }

  #complain(message: string): void {
    this.#violations.add('TransactionsAreAtomic', message);
  }
}
