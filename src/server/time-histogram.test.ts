import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimeHistogram } from './time-histogram.ts';

test('quantiles are those of the sorted times, to a sixteenth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (times, share) => {
        const histogram = new TimeHistogram();
        for (const ms of times) histogram.record(ms);
        const exact = [...times].sort((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? Number.NaN;
        expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(exact / 16 + 0.001);
        expect(histogram.max).toBe(Math.max(...times));
        expect(histogram.count).toBe(times.length);
      },
    ),
  );
});

test('what is older than two windows is forgotten, and still counted', () => {
  const histogram = new TimeHistogram();
  histogram.record(100);
  histogram.turn();
  histogram.record(2);
  expect(histogram.max).toBe(100);
  expect(histogram.mean).toBe(51);
  histogram.turn();
  expect(histogram.max).toBe(2);
  histogram.turn();
  expect(histogram.quantile(0.99)).toBe(0);
  expect(histogram.mean).toBe(0);
  expect(histogram.count).toBe(2);
});
