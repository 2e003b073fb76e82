import { expect, test } from 'vitest';
import { controllerCrash } from './scenarios/controller-crash.ts';
import { seeds } from './seeds.ts';

/** A seed takes a tenth of a second on an idle machine; a busy one may take ten times as long. */
const TIMEOUT_MS = 600_000;

test(
  'what a controller answered holds in every later life, and all images agree',
  async () => {
    for (const seed of seeds({ fixed: 250, fresh: 50 })) await controllerCrash(seed);
  },
  TIMEOUT_MS,
);

test('canary: a device that lies about syncs is found out', async () => {
  let found = 0;
  for (let seed = 1; seed <= 10; seed++)
    await controllerCrash(seed, 'the device lies about syncs').catch(() => {
      found += 1;
    });
  expect(found).toBeGreaterThan(0);
});
