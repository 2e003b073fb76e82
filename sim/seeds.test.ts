import { expect, test } from 'vitest';
import { seedsToRun } from './seeds.ts';
import { Tally } from './tally.ts';

/** A clock that is a minute later each time it is read. */
function minutes(): () => number {
  let minute = 0;
  return () => 60_000 * minute++;
}

test('a range is run whole, however long it takes', () => {
  expect([...seedsToRun({ from: 7, count: 3, minutes: 1 }, minutes())]).toEqual([7, 8, 9]);
});

test('a range without a count goes on while time lasts', () => {
  expect([...seedsToRun({ from: 7, minutes: 2 }, minutes())]).toEqual([7, 8]);
});

test('new seeds are run while time lasts, at least one', () => {
  expect([...seedsToRun({ minutes: 0 }, minutes())]).toHaveLength(1);
  expect(new Set(seedsToRun({ minutes: 4 }, minutes())).size).toBe(4);
});

test('one seed is run alone', () => {
  expect([...seedsToRun({ seed: 5, from: 7, count: 2, minutes: 3 }, minutes())]).toEqual([5]);
});

test('each scenario is counted for itself', () => {
  let ms = 0;
  const tally = new Tally(['log-crash', 'cluster'], () => ms);
  for (const seed of [11, 12]) {
    ms += 250;
    tally.ran('log-crash', seed, true);
    ms += 2000;
    tally.ran('cluster', seed, seed === 11);
  }
  expect(tally.failures).toBe(1);
  expect(tally.text()).toBe(
    'log-crash: 2 seeds, the last is 12; 0 failures; 4.00 a second\n' +
      'cluster: 2 seeds, the last is 12; 1 failures; 0.50 a second\n',
  );
});
