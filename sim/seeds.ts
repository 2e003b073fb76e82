import { randomInt } from 'node:crypto';

/** New seeds are below this: short enough to type. */
const FRESH_MAX = 2 ** 31;

/**
 * A fixed range of seeds that every run repeats, and some new ones, which a failure names. SEED=n runs that
 * seed alone.
 */
export function seeds(counts: { readonly fixed: number; readonly fresh: number }): number[] {
  const one = process.env.SEED;
  if (one !== undefined) return [Number(one)];
  return [
    ...Array.from({ length: counts.fixed }, (_, i) => i + 1),
    ...Array.from({ length: counts.fresh }, freshSeed),
  ];
}

export function freshSeed(): number {
  return randomInt(1, FRESH_MAX);
}
