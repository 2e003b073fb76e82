import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { Partition } from './partition.ts';
import { ReplicationThrottle, throttledPartitions } from './replication-throttle.ts';

function throttleOf(rate: number, list: string[] = ['0:1', '1:2']) {
  let at = 1000;
  const set = { rate };
  const never = () => {
    throw new Error('a throttle waits for nothing itself');
  };
  const clock: Clock = { now: () => at, monotonic: () => at, after: never, soon: never };
  const throttle = new ReplicationThrottle(clock, {
    rate: () => set.rate,
    throttled: () => throttledPartitions(list, 1),
    windows: () => ({ count: 11, lengthMs: 1000 }),
  });
  const advance = (ms: number) => {
    at += ms;
  };
  return { throttle, set, advance };
}

const partition = (index: number) => ({ topic: 'orders', index }) as Partition;

test('bytes beyond the rate are waited for, until the mean is at the rate again', () => {
  const { throttle, advance } = throttleOf(100);
  throttle.count(partition(0), 500);
  expect(throttle.holdsBack(partition(0))).toBe(true);
  advance(4990);
  expect(throttle.holdsBack(partition(0))).toBe(true);
  advance(10);
  expect(throttle.holdsBack(partition(0))).toBe(false);
});

test('over a minute of asking as often as it may, a replica gets the rate', () => {
  const { throttle, advance } = throttleOf(1_000_000);
  let bytes = 0;
  for (let ms = 0; ms < 60_000; ms += 10) {
    if (!throttle.holdsBack(partition(0))) {
      throttle.count(partition(0), 50_000);
      bytes += 50_000;
    }
    advance(10);
  }
  expect(bytes / 60).toBeGreaterThan(900_000);
  expect(bytes / 60).toBeLessThan(1_150_000);
});

test('only replicas that are named with this broker are throttled, and only their bytes count', () => {
  const { throttle } = throttleOf(100);
  throttle.count(partition(1), 500);
  expect(throttle.holdsBack(partition(0))).toBe(false);
  throttle.count(partition(0), 500);
  expect(throttle.holdsBack(partition(0))).toBe(true);
  expect(throttle.holdsBack(partition(1))).toBe(false);
  expect(throttleOf(100, ['*']).throttle.holdsBack(partition(7))).toBe(false);
});

test('a higher rate counts at once', () => {
  const { throttle, set } = throttleOf(100);
  throttle.count(partition(0), 500);
  set.rate = 500;
  expect(throttle.holdsBack(partition(0))).toBe(false);
});
