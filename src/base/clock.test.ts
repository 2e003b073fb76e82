import { expect, test } from 'vitest';
import { ManualClock, settle } from '../../test/coordinator/manual-clock.ts';
import { sleep } from './clock.ts';

function sleeping(...ends: AbortSignal[]) {
  const clock = new ManualClock();
  let isOver = false;
  void sleep(clock, 1_000, ...ends).then(() => {
    isOver = true;
  });
  return { clock, over: () => isOver };
}

test('a sleep lasts as long as was said', async () => {
  const { clock, over } = sleeping(new AbortController().signal);
  await clock.advance(999);
  expect(over()).toBe(false);
  await clock.advance(1);
  expect(over()).toBe(true);
});

test('each of its signals ends a sleep, and no timer is left', async () => {
  for (const which of [0, 1]) {
    const ends = [new AbortController(), new AbortController()];
    const { clock, over } = sleeping(...ends.map(({ signal }) => signal));
    await settle();
    expect(over()).toBe(false);
    ends[which]?.abort();
    await settle();
    expect([over(), clock.timers]).toEqual([true, 0]);
  }
});

test('nobody sleeps whose signal was aborted before', async () => {
  const { clock, over } = sleeping(AbortSignal.abort());
  await settle();
  expect([over(), clock.timers]).toEqual([true, 0]);
});

test('a signal that outlives many sleeps keeps nothing of them', async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  let listeners = 0;
  const added = signal.addEventListener.bind(signal);
  const removed = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof added>) => {
    listeners++;
    added(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removed>) => {
    listeners--;
    removed(...given);
  };
  for (let i = 0; i < 3; i++) {
    const slept = sleep(clock, 10, signal);
    await clock.advance(10);
    await slept;
  }
  expect(listeners).toBe(0);
});
