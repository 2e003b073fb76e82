/** The number of owners that are remembered; beyond it the one whose last use is oldest is forgotten. */
const OWNERS_MAX = 10_000;

interface Used {
  /** What was used and is not restored yet; above 0. */
  readonly amount: number;
  /** The monotonic time at which `amount` was so. */
  readonly at: number;
}

/** A token bucket for each owner: `atOnce` tokens, of which `perSecond` are restored in a second. */
export class Allowances {
  readonly #perMs: number;
  readonly #atOnce: number;
  /** In the order of last use. */
  readonly #byOwner = new Map<string, Used>();

  constructor({ perSecond, atOnce }: { readonly perSecond: number; readonly atOnce: number }) {
    this.#perMs = perSecond / 1000;
    this.#atOnce = atOnce;
  }

  /** How many tokens the owner has; negative where it used more than there were. */
  left(owner: string, now: number): number {
    return this.#atOnce - this.#used(owner, now);
  }

  use(owner: string, now: number): void {
    // The debt is bounded by `atOnce`, so that an owner that never stops can recover within a bounded time.
    const amount = Math.min(this.#used(owner, now) + 1, 2 * this.#atOnce);
    this.#byOwner.delete(owner);
    const [silent] = this.#byOwner.keys();
    if (this.#byOwner.size >= OWNERS_MAX && silent !== undefined) this.#byOwner.delete(silent);
    this.#byOwner.set(owner, { amount, at: now });
  }

  #used(owner: string, now: number): number {
    const used = this.#byOwner.get(owner);
    return used ? Math.max(0, used.amount - (now - used.at) * this.#perMs) : 0;
  }
}
