import { afterEach, expect, test, vi } from 'vitest';
import { silent } from '../base/log.ts';
import { nodeWorld } from './node-world.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a test that fakes time and timers does not stop the clock of a cluster beside it', async () => {
  const { clock } = nodeWorld(silent);
  const before = clock.monotonic();
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'setImmediate', 'Date', 'performance'] });
  await new Promise<void>((done) => clock.after(5, done));
  await new Promise<void>((done) => clock.soon(done));
  expect(clock.monotonic()).toBeGreaterThan(before);
  expect(clock.now()).toBeGreaterThan(1_700_000_000_000);
});
