import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { Turns } from './turns.ts';

test('no turn of the loop holds more than one step, and steps come in the order they were asked for', async () => {
  let turn = 0;
  const soon: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after: () => expect.fail('turns set no timer'),
    soon: (run) => void soon.push(run),
  };
  const turns = new Turns(clock);
  const steps: string[] = [];
  const work = async (name: string) => {
    for (let i = 0; i < 2; i++) {
      await turns.next();
      steps.push(`${name}${i} in turn ${turn}`);
    }
  };
  const working = [work('a'), work('b'), work('c')];
  while (soon.length > 0) {
    turn++;
    for (const run of soon.splice(0)) run();
    await new Promise((done) => setImmediate(done));
  }
  await Promise.all(working);
  expect(steps).toEqual([
    'a0 in turn 1',
    'b0 in turn 2',
    'c0 in turn 3',
    'a1 in turn 4',
    'b1 in turn 5',
    'c1 in turn 6',
  ]);
});
