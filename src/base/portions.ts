import type { Clock } from './clock.ts';

/** More than a client names as a rule; what each costs is some ten microseconds. */
const PORTION_ITEMS = 200;

/**
 * Runs for each item, a portion of them at a time, and resolves with the results in the order of the items.
 * Other clients are served between two portions: a request may name a hundred thousand things, and promises
 * for all of them at once would hold the event loop for many seconds. The first portion is begun at once, and
 * each other one when the one before has its results: what a result waits for must end in a bounded time.
 */
export async function inPortions<Item, Result>(
  clock: Pick<Clock, 'soon'>,
  items: readonly Item[],
  run: (item: Item) => Result | Promise<Result>,
): Promise<Result[]> {
  if (items.length <= PORTION_ITEMS) return Promise.all(items.map(run));
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += PORTION_ITEMS) {
    if (from > 0) await new Promise<void>((resolve) => clock.soon(resolve));
    for (const result of await Promise.all(items.slice(from, from + PORTION_ITEMS).map(run)))
      results.push(result);
  }
  return results;
}
