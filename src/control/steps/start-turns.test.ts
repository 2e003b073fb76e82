import { expect, test } from 'vitest';
import { ManualClock, settle } from '../../../test/coordinator/manual-clock.ts';
import { StartTurns } from './start-turns.ts';

/**
 * Five that ask for a turn one after the other, where two may begin at once; `begun` are those whose turn it
 * was.
 */
async function asked() {
  const clock = new ManualClock();
  const turns = new StartTurns(clock, 2);
  const begun: number[] = [];
  const all = [0, 1, 2, 3, 4].map((nth) => {
    const turn = turns.turn();
    const abort = new AbortController();
    void turn.begin(abort.signal).then(() => turn.isBegun && begun.push(nth));
    return { turn, abort };
  });
  await settle();
  const nth = (one: number) => {
    const found = all[one];
    if (!found) throw new Error(`nobody is number ${one}`);
    return found;
  };
  return { clock, turns, begun, nth };
}

test('so many begin at once, and the others in the order in which they asked', async () => {
  const { begun, nth } = await asked();
  expect(begun).toEqual([0, 1]);
  nth(1).turn.end();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  // Once is all that it can end.
  nth(1).turn.end();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  nth(2).turn.end();
  nth(0).turn.end();
  await settle();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

test('who is not wanted any more leaves its place to the next one', async () => {
  const { begun, nth } = await asked();
  nth(2).abort.abort();
  await settle();
  expect(nth(2).turn.isBegun).toBe(false);
  nth(0).turn.end();
  await settle();
  expect(begun).toEqual([0, 1, 3]);
});

test('one that does not come to its end holds up the others for ten seconds', async () => {
  const { clock, turns, begun, nth } = await asked();
  await clock.advance(9_999);
  expect(begun).toEqual([0, 1]);
  await clock.advance(1);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(nth(0).turn.isBegun).toBe(true);
  // What ends late lets nobody begin a second time.
  nth(0).turn.end();
  await clock.advance(0);
  expect(begun).toEqual([0, 1, 2, 3]);
  nth(3).turn.end();
  await clock.advance(0);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  const last = turns.turn();
  void last.begin(new AbortController().signal);
  nth(2).turn.end();
  nth(4).turn.end();
  last.end();
  await clock.advance(0);
  expect(clock.timers).toBe(0);
});
