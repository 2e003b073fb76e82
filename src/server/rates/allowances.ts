/** Beyond these the one that used nothing for longest is forgotten. */
const OWNERS_MAX = 10_000;

interface Used {
  /** More than none: what is not given back yet. */
  readonly amount: number;
  /** Monotonic time of which that is true. */
  readonly at: number;
}

/** So much at once for each owner, of which so much comes back in a second. */
export class Allowances {
  readonly #perMs: number;
  readonly #atOnce: number;
  /** The one that used something last at the end. */
  readonly #byOwner = new Map<string, Used>();

  constructor({ perSecond, atOnce }: { readonly perSecond: number; readonly atOnce: number }) {
    this.#perMs = perSecond / 1000;
    this.#atOnce = atOnce;
  }

  /** From `atOnce` down; negative where more was used than there was. */
  left(owner: string, now: number): number {
    return this.#atOnce - this.#used(owner, now);
  }

  use(owner: string, now: number): void {
    // Who goes on and on owes no more than twice what there is: it waits no longer than one who stops.
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
