import { expect, test } from 'vitest';
import { ManualClock, settle } from '../../test/coordinator/manual-clock.ts';
import { WakeUp } from './wake-up.ts';

function waiting() {
  const clock = new ManualClock();
  const wakeUp = new WakeUp(clock);
  let isOver = false;
  const wait = async () => {
    isOver = false;
    void wakeUp.wait(2_000).then(() => {
      isOver = true;
    });
    await settle();
    return isOver;
  };
  return { clock, wakeUp, wait, over: () => isOver };
}

test('a wait ends in its time, or with a call', async () => {
  const { clock, wakeUp, wait, over } = waiting();
  wakeUp.answer();
  expect(await wait()).toBe(false);
  await clock.advance(2_000);
  expect(over()).toBe(true);
  expect(await wait()).toBe(false);
  wakeUp.call();
  await settle();
  expect([over(), clock.timers]).toEqual([true, 0]);
});

test('a call that comes during a look is not lost, and wakes once', async () => {
  const { wakeUp, wait } = waiting();
  wakeUp.answer();
  wakeUp.call();
  expect(await wait()).toBe(true);
  wakeUp.answer();
  expect(await wait()).toBe(false);
});

test('a signal ends a wait as a call does', async () => {
  const clock = new ManualClock();
  const end = new AbortController();
  const waited = new WakeUp(clock).wait(2_000, end.signal);
  end.abort();
  await waited;
  expect(clock.timers).toBe(0);
});
