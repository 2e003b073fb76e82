import { expect, test } from 'vitest';
import { AcceptedConnections } from './accepted-connections.ts';
import { busyFor, turnsUntil } from './testing/turns.ts';

test('many that come at once are let in over many turns of the loop, in their order', async () => {
  const arrivals = new AcceptedConnections();
  const entered: number[] = [];
  const all = Array.from({ length: 20 }, (_, i) => i);
  for (const i of all)
    arrivals.add(() => {
      busyFor(1);
      entered.push(i);
    });
  expect(await turnsUntil(() => entered.length === all.length)).toBeGreaterThanOrEqual(10);
  expect(entered).toEqual(all);
});
