/** Takes so many milliseconds of the turn. */
export function busyFor(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** Resolves with how many turns of the loop passed until the condition held. */
export async function turnsUntil(condition: () => boolean): Promise<number> {
  let turns = 0;
  for (; !condition(); turns++) await new Promise((done) => setImmediate(done));
  return turns;
}
