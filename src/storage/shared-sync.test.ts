import { expect, test } from 'vitest';
import { SharedSync } from './shared-sync.ts';

test('two syncs are never under way, whenever somebody asks', async () => {
  let underWay = 0;
  let most = 0;
  const syncs = new SharedSync(async () => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
  });
  const asked: Promise<void>[] = [];
  // At each step between the end of one and the begin of the next.
  for (let step = 0; step < 200; step++) {
    asked.push(syncs.sync());
    if (step % 7 === 0) asked.push(syncs.sync());
    for (let wait = 0; wait < step % 6; wait++) await Promise.resolve();
  }
  await Promise.all(asked);
  expect(most).toBe(1);
});
