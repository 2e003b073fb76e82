import { expect, test } from 'vitest';
import { freePort, freePorts } from './free-port.ts';

test('who asks at the same time is given other ports', async () => {
  const singles = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  expect(new Set(singles).size).toBe(singles.length);
  const blocks = await Promise.all(Array.from({ length: 20 }, () => freePorts()));
  expect(new Set(blocks).size).toBe(blocks.length);
});
