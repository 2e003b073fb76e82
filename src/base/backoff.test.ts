import { expect, test } from 'vitest';
import { Backoff, backoffMs } from './backoff.ts';
import { Sfc32 } from './random.ts';

function waits(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.failed());
}

test('each wait is twice as long as the one before, up to the last', () => {
  expect(waits(new Backoff({ firstMs: 50, lastMs: 300 }), 5)).toEqual([50, 100, 200, 300, 300]);
});

test('after a success the waits begin anew', () => {
  const backoff = new Backoff({ firstMs: 50, lastMs: 300 });
  waits(backoff, 3);
  backoff.succeeded();
  expect(backoff.hasFailed).toBe(false);
  expect(waits(backoff, 2)).toEqual([50, 100]);
  expect(backoff.hasFailed).toBe(true);
});

test('a limit that changes is obeyed from the next wait on, and is never below the first wait', () => {
  const limit = { ms: 1000 };
  const backoff = new Backoff({ firstMs: 50, lastMs: () => limit.ms });
  expect(waits(backoff, 3)).toEqual([50, 100, 200]);
  limit.ms = 120;
  expect(waits(backoff, 1)).toEqual([120]);
  limit.ms = 10;
  expect(waits(backoff, 1)).toEqual([50]);
});

test('with randomness a wait is up to a fifth shorter or longer, and after many failures still about the last', () => {
  const random = new Sfc32(1);
  for (const [failures, ms] of [
    [1, 50],
    [3, 200],
    [2000, 300],
  ] as const) {
    const drawn = Array.from({ length: 1000 }, () =>
      backoffMs(failures, { firstMs: 50, lastMs: 300 }, random),
    );
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.8 * ms);
    expect(Math.min(...drawn)).toBeLessThan(0.85 * ms);
    expect(Math.max(...drawn)).toBeLessThan(1.2 * ms);
    expect(Math.max(...drawn)).toBeGreaterThan(1.15 * ms);
  }
});
