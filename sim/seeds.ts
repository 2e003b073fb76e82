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

/** One seed; or those from `from` on, `count` of them or as long as time lasts; or new ones that long. */
export function* seedsToRun(
  options: {
    readonly seed?: number | undefined;
    readonly from?: number | undefined;
    readonly count?: number | undefined;
    readonly minutes: number;
  },
  now: () => number = Date.now,
): Generator<number> {
  const { seed, from, count } = options;
  if (seed !== undefined) return yield seed;
  const deadline = now() + options.minutes * 60_000;
  const isLast = (run: number) =>
    from !== undefined && count !== undefined ? run >= count : now() >= deadline;
  for (let run = 0; run === 0 || !isLast(run); run++) yield from === undefined ? freshSeed() : from + run;
}
