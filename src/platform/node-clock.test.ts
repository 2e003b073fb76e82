import { expect, test } from 'vitest';
import { NodeClock } from './node-clock.ts';

const clock = new NodeClock();

test('a timer beyond 2^31 ms does not fire at once, and a cancelled one never does', async () => {
  let fired = 0;
  const far = clock.after(2 ** 31 + 1000, () => fired++);
  clock.after(1, () => fired++).cancel();
  await new Promise<void>((done) => {
    clock.after(5, done);
  });
  far.cancel();
  expect(fired).toBe(0);
});

test('soon runs after promises that are ready', async () => {
  const order: string[] = [];
  await new Promise<void>((done) => {
    clock.soon(() => {
      order.push('soon');
      done();
    });
    void Promise.resolve().then(() => order.push('promise'));
  });
  expect(order).toEqual(['promise', 'soon']);
});

test('a time that has passed is now, without a warning of Node', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  await new Promise<void>((done) => {
    clock.after(-280, done);
  });
  await new Promise<void>((done) => clock.soon(done));
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
