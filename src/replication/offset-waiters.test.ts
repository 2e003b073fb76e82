import { expect, test } from 'vitest';
import { OffsetWaiters } from './offset-waiters.ts';

test('those who left are not kept, and the others are told in order', () => {
  const waiters = new OffsetWaiters();
  const told: number[] = [];
  const gone = new Set<number>();
  for (let offset = 1; offset <= 1000; offset++)
    waiters.add(
      offset,
      () => told.push(offset),
      () => gone.has(offset),
    );
  for (let offset = 1; offset <= 1000; offset++) {
    if (offset % 100 === 0) continue;
    gone.add(offset);
    waiters.left();
  }
  // Ten wait; as many again may lie between them.
  expect(waiters.size).toBeLessThanOrEqual(20);
  waiters.reached(1000);
  expect(told.filter((offset) => !gone.has(offset))).toEqual([
    100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
  ]);
  expect(waiters.size).toBe(0);
});
