/** One record of a transfer: a change of one account. */
export interface Entry {
  readonly transfer: string;
  readonly account: number;
  readonly amount: number;
}

/**
 * Transfers between accounts. Each is a transaction of records with the sum 0: while none is open, a reader
 * of committed records finds each transfer whole and once, or not at all.
 */
export class TransferHistory {
  readonly #committed = new Set<string>();
  readonly #aborted = new Set<string>();

  /** A transfer whose end was not answered is there as a whole or not at all. */
  ended(transfer: string, committed: boolean): void {
    (committed ? this.#committed : this.#aborted).add(transfer);
  }

  violations(entries: readonly Entry[]): string[] {
    const accounts = new Map<string, Set<number>>();
    const sums = new Map<string, number>();
    const found: string[] = [];
    let sum = 0;
    for (const { transfer, account, amount } of entries) {
      const ofTransfer = accounts.get(transfer) ?? new Set<number>();
      if (ofTransfer.has(account)) found.push(`transfer ${transfer} is twice in account ${account}`);
      accounts.set(transfer, ofTransfer.add(account));
      sums.set(transfer, (sums.get(transfer) ?? 0) + amount);
      sum += amount;
    }
    if (sum !== 0) found.push(`the sum of all accounts has changed by ${sum}`);
    for (const [transfer, difference] of sums) {
      if (difference !== 0) found.push(`half of transfer ${transfer} is there`);
      if (this.#aborted.has(transfer)) found.push(`transfer ${transfer} was aborted and is there`);
    }
    for (const transfer of this.#committed)
      if (!sums.has(transfer)) found.push(`transfer ${transfer} is lost`);
    return found;
  }
}
