import { expect, test } from 'vitest';
import { inPortions } from './portions.ts';

const CLOCK = { soon: (run: () => void) => void setImmediate(run) };

test('others have their turn long before all of many items are begun', async () => {
  let begun = 0;
  const items = Array.from({ length: 10_000 }, (_, i) => i);
  const results = inPortions(CLOCK, items, async (item) => {
    begun++;
    return item * 2;
  });
  await new Promise((done) => setImmediate(done));
  expect(begun).toBeGreaterThan(0);
  expect(begun).toBeLessThan(1000);
  expect(await results).toEqual(items.map((item) => item * 2));
});

test('what an ordinary request names is begun at once, so that requests are decided in their order', () => {
  const begun: string[] = [];
  void inPortions(CLOCK, ['a', 'b', 'c'], (item) => begun.push(item));
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('one that fails fails the whole', async () => {
  const items = Array.from({ length: 1000 }, (_, i) => i);
  const failing = inPortions(CLOCK, items, async (item) => {
    if (item === 700) throw new Error('the item 700');
  });
  await expect(failing).rejects.toThrow('the item 700');
});
