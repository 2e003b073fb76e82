import { MeanRate } from './mean-rate.ts';

/**
 * The number of owners that are remembered; beyond it the one that was asked for longest ago is forgotten.
 */
const OWNERS_MAX = 10_000;

/** One rate for each owner of a quota. */
export class MeanRates {
  /** In the order in which they were last asked for. */
  readonly #byOwner = new Map<string, MeanRate>();

  of(owner: string): MeanRate {
    const rate = this.#byOwner.get(owner) ?? new MeanRate();
    this.#byOwner.delete(owner);
    const [silent] = this.#byOwner.keys();
    if (this.#byOwner.size >= OWNERS_MAX && silent !== undefined) this.#byOwner.delete(silent);
    this.#byOwner.set(owner, rate);
    return rate;
  }
}
