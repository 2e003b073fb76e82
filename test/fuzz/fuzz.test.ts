import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { fuzzIam } from './iam.ts';
import { fuzzParsing } from './parsing.ts';
import { LEAST_REQUESTS } from './run-length.ts';
import { fuzzSignIn } from './sign-in.ts';
import { fuzzStrangers } from './strangers.ts';

const DURATION_MS = 14_000;
const SIGN_IN_MS = 7000;
const WITHOUT_SOCKETS_MS = 2000;

test('requests that are nearly right, of every API and version, harm neither node nor client', async () => {
  const seed = randomInt(2 ** 32);
  const { requests, failures } = await fuzz(seed, DURATION_MS);
  expect(failures, `npm run fuzz -- --only requests --seed ${seed}`).toEqual([]);
  expect(requests).toBeGreaterThanOrEqual(LEAST_REQUESTS);
  process.stdout.write(`fuzz: seed ${seed}, ${requests} requests\n`);
});

test('nobody comes in, or is told anything, by a sign-in that is nearly right', async () => {
  const seed = randomInt(2 ** 32);
  const { requests, failures } = await fuzzSignIn(seed, SIGN_IN_MS);
  expect(failures, `npm run fuzz -- --only sign-in --seed ${seed}`).toEqual([]);
  expect(requests).toBeGreaterThanOrEqual(LEAST_REQUESTS);
  process.stdout.write(`sign-in: seed ${seed}, ${requests} frames\n`);
});

test.each([
  ['strangers', fuzzStrangers],
  ['parsing', fuzzParsing],
  ['iam', fuzzIam],
] as const)('%s: bytes that are nearly right come no further than they may', async (name, run) => {
  const seed = randomInt(2 ** 32);
  const { requests, failures } = await run(seed, WITHOUT_SOCKETS_MS);
  expect(failures, `npm run fuzz -- --only ${name} --seed ${seed}`).toEqual([]);
  expect(requests).toBeGreaterThanOrEqual(LEAST_REQUESTS);
  process.stdout.write(`${name}: seed ${seed}, ${requests} frames\n`);
});
