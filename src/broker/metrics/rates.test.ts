import { expect, test } from 'vitest';
import { Rates } from './rates.ts';

const MINUTE = 60_000;

test('a steady stream has its rate in every window, however seldom one looks', () => {
  for (const step of [1_000, 15_000, MINUTE]) {
    const rates = new Rates();
    for (let now = 0; now <= 60 * MINUTE; now += step) rates.of('in', now / 10, now);
    const found = rates.of('in', (60 * MINUTE) / 10, 60 * MINUTE);
    for (const rate of found.values()) expect(rate).toBeCloseTo(100, 6);
  }
});

// e^-1 and e^-0.2: what an exponential window of one and of five minutes keeps after a minute.
test('a stream that ends fades by the length of the window', () => {
  const rates = new Rates();
  rates.of('in', 0, 0);
  rates.of('in', 6_000, MINUTE);
  const found = rates.of('in', 6_000, 2 * MINUTE);
  expect(found.get('OneMinuteRate')).toBeCloseTo(100 * Math.exp(-1), 6);
  expect(found.get('FiveMinuteRate')).toBeCloseTo(100 * Math.exp(-0.2), 6);
  expect(found.get('MeanRate')).toBeCloseTo(50, 6);
});

test('a counter that began anew has no rate below zero', () => {
  const rates = new Rates();
  rates.of('in', 0, 0);
  rates.of('in', 6_000, MINUTE);
  for (const rate of rates.of('in', 10, 2 * MINUTE).values()) expect(rate).toBe(0);
});
