import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

const DURATION_MS = 25_000;

test('requests that are nearly right, of every API and version, harm neither node nor client', async () => {
  const seed = randomInt(2 ** 32);
  const { requests, failures } = await fuzz(seed, DURATION_MS);
  expect(failures, `npm run fuzz -- --seed ${seed}`).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  process.stdout.write(`fuzz: seed ${seed}, ${requests} requests\n`);
});
