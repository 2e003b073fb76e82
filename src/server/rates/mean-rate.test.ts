import { expect, test } from 'vitest';
import { MeanRate } from './mean-rate.ts';

const windows = { count: 11, lengthMs: 1000 };

test('what ten seconds allow may come at once, and what is more is waited for', () => {
  const rate = new MeanRate();
  rate.count(1000, 0, windows);
  expect(rate.waitMs(100, 0, windows)).toBe(0);
  rate.count(500, 0, windows);
  // 150 a second over ten seconds: half of them too many.
  expect(rate.waitMs(100, 0, windows)).toBe(5000);
});

test('who waits as long as told is within the quota again', () => {
  const rate = new MeanRate();
  let now = 0;
  let sent = 0;
  for (let i = 0; i < 2000; i++) {
    rate.count(50, now, windows);
    sent += 50;
    now += rate.waitMs(100, now, windows);
  }
  expect(sent / (now / 1000)).toBeGreaterThan(90);
  expect(sent / (now / 1000)).toBeLessThan(120);
});

test('windows that are over are forgotten', () => {
  const rate = new MeanRate();
  rate.count(5000, 0, windows);
  expect(rate.room(100, 10_999, windows)).toBeLessThan(0);
  expect(rate.room(100, 11_000, windows)).toBe(1000);
});
