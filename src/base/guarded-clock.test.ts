import { expect, test } from 'vitest';
import { ManualClock } from '../../test/coordinator/manual-clock.ts';
import { GuardedClock } from './guarded-clock.ts';

const HOUR = 60 * 60 * 1000;
const WEEK = 7 * 24 * HOUR;

test('a jump of the wall clock is followed at twice the speed of time, until it is caught up with', async () => {
  const clock = new ManualClock();
  const guarded = new GuardedClock(clock);
  const start = clock.now();
  clock.skewMs = WEEK;
  expect(guarded.now()).toBe(start);
  await clock.advance(HOUR);
  expect(guarded.now()).toBe(start + 2 * HOUR);
  await clock.advance(WEEK);
  expect(guarded.now()).toBe(clock.now());
});

test('a wall clock that is set back is believed at once; that it comes again is no jump', async () => {
  const clock = new ManualClock();
  const guarded = new GuardedClock(clock);
  const start = clock.now();
  // As a machine without a clock of its own before it has asked for the time.
  clock.skewMs = -WEEK;
  expect([guarded.now(), guarded.stamp()]).toEqual([start - WEEK, start]);
  await clock.advance(HOUR);
  clock.skewMs = 0;
  expect(guarded.now()).toBe(start + HOUR);
});

test('after a jump between two processes the later one goes on from the trusted time, and stamps by the clock', async () => {
  const clock = new ManualClock();
  const guarded = new GuardedClock(clock, clock.now() - WEEK);
  expect(guarded.now()).toBe(clock.now() - WEEK);
  expect(guarded.stamp()).toBe(clock.now());
});

test('without a trusted time the clock is believed', () => {
  const clock = new ManualClock();
  expect(new GuardedClock(clock).now()).toBe(clock.now());
});
