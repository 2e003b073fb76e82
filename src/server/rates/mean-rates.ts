import { MeanRate } from './mean-rate.ts';

/** Beyond these the one that was silent for longest is forgotten. */
const OWNERS_MAX = 10_000;

/** One rate for everybody who shares a quota. */
export class MeanRates {
  /** The one that was asked for last at the end. */
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
