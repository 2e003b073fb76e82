import { expect, test } from 'vitest';
import { controllerCrash } from './scenarios/controller-crash.ts';
import { seeds } from './seeds.ts';

test('what a controller answered holds in every later life, and all images agree', async () => {
  for (const seed of seeds({ fixed: 300, fresh: 50 })) await controllerCrash(seed);
});

test('canary: a device that lies about syncs is found out', async () => {
  let found = 0;
  for (let seed = 1; seed <= 40; seed++)
    await controllerCrash(seed, 'the device lies about syncs').catch(() => {
      found += 1;
    });
  expect(found).toBeGreaterThan(0);
});
