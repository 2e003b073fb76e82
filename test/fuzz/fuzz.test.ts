import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { fuzzSignIn } from './sign-in.ts';

const DURATION_MS = 17_000;
const SIGN_IN_MS = 8000;

test('requests that are nearly right, of every API and version, harm neither node nor client', async () => {
  const seed = randomInt(2 ** 32);
  const { requests, failures } = await fuzz(seed, DURATION_MS);
  expect(failures, `npm run fuzz -- --only requests --seed ${seed}`).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  process.stdout.write(`fuzz: seed ${seed}, ${requests} requests\n`);
});

test('nobody comes in, or is told anything, by a sign-in that is nearly right', async () => {
  const seed = randomInt(2 ** 32);
  const { requests, failures } = await fuzzSignIn(seed, SIGN_IN_MS);
  expect(failures, `npm run fuzz -- --only sign-in --seed ${seed}`).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  process.stdout.write(`sign-in: seed ${seed}, ${requests} frames\n`);
});
