import { expect, test } from 'vitest';
import { ManualClock } from '../../test/coordinator/manual-clock.ts';
import { Observers } from './observers.ts';

function fetched(observers: Observers, replicaId: number, fetchOffset: number): void {
  observers.fetched({ replicaId, directoryId: `d${replicaId}`, fetchOffset, leaderEndOffset: 100 });
}

test('whoever waits for observers is told when the last of them has fetched so far, or when the time is over', async () => {
  const clock = new ManualClock();
  const observers = new Observers(clock);
  const told: string[] = [];
  fetched(observers, 1, 10);
  fetched(observers, 2, 9);
  void observers.reached(10, [1, 2], 50).then(() => told.push('both'));
  void observers.reached(10, [1], 50).then(() => told.push('the first'));
  void observers.reached(10, [1, 3], 50).then(() => told.push('one who never fetches'));
  await clock.advance(1);
  expect(told).toEqual(['the first']);
  fetched(observers, 2, 10);
  await clock.advance(1);
  expect(told).toEqual(['the first', 'both']);
  await clock.advance(50);
  expect(told).toEqual(['the first', 'both', 'one who never fetches']);
});
