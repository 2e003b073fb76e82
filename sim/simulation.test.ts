import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import { below } from '../src/base/random.ts';
import { Simulation } from './simulation.ts';
import { busyHour } from './testing/busy-hour.ts';

describe('the same seed', () => {
  test('gives the same trace twice in one process, and another seed another', async () => {
    expect(await busyHour(7)).toBe(await busyHour(7));
    expect(await busyHour(7)).not.toBe(await busyHour(8));
  });

  test('gives the same trace in another process', async () => {
    const script = `import { busyHour } from './sim/testing/busy-hour.ts'; console.log(await busyHour(7));`;
    const other = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(other.trim()).toBe(await busyHour(7));
  });
});

test('events of one moment happen in the order they were asked for, promises between them', async () => {
  const order: string[] = [];
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const { clock } = simulation.host('a').world;
    for (const n of [1, 2, 3]) {
      clock.after(5, () => {
        order.push(`timer ${n}`);
        void Promise.resolve().then(() => order.push(`promise ${n}`));
        clock.soon(() => order.push(`soon ${n}`));
      });
    }
    clock.after(5, () => order.push('never')).cancel();
    await sleep(simulation.clock, 6);
  });
  expect(order.join(', ')).toBe(
    'timer 1, promise 1, timer 2, promise 2, timer 3, promise 3, soon 1, soon 2, soon 3',
  );
});

test('random times come out in order', async () => {
  const simulation = new Simulation(3);
  let latest = 0;
  await simulation.run(async () => {
    for (let i = 0; i < 2000; i++) {
      const at = below(simulation.random, 1000);
      simulation.schedule(at, 'event', () => {
        expect(simulation.time).toBe(at);
        expect(at).toBeGreaterThanOrEqual(latest);
        latest = at;
      });
    }
    await sleep(simulation.clock, 1001);
  });
  expect(latest).toBeGreaterThan(900);
});

test('whoever arms a timer for the rest of a deadline comes there, however little it is', async () => {
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const host = simulation.host('a');
    host.kill();
    await sleep(simulation.clock, 20_000);
    const { clock } = host.start();
    const deadline = clock.monotonic() + 1e-12;
    for (let timers = 0; clock.monotonic() < deadline; timers++) {
      expect(timers).toBeLessThan(10);
      await sleep(clock, deadline - clock.monotonic());
    }
  });
});

test('a failure tells the seed and the last events', async () => {
  const simulation = new Simulation(42);
  const failing = simulation.run(async () => {
    simulation.host('broker').world.log.info('is about to fail', { offset: 3 });
    throw new Error('an acknowledged record is gone');
  });
  await expect(failing).rejects.toThrow(
    /SEED=42: an acknowledged record is gone\n.*\n.*broker info: is about to fail offset=3/,
  );
});

test('a scenario that nothing will wake again is a deadlock, not a hang', async () => {
  await expect(new Simulation(1).run(() => new Promise(() => {}))).rejects.toThrow('deadlock');
});

test('an assertion that fails in a timer fails the run', async () => {
  const simulation = new Simulation(1);
  const failing = simulation.run(async () => {
    simulation.host('a').world.clock.after(1, () => {
      throw new Error('broken invariant');
    });
    await sleep(simulation.clock, 10);
  });
  await expect(failing).rejects.toThrow('broken invariant');
});

test('timers of a process that crashed never fire, those of the next one do', async () => {
  const fired: string[] = [];
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const host = simulation.host('a');
    host.world.clock.after(5, () => fired.push('old'));
    host.crash();
    host.start().clock.after(5, () => fired.push('new'));
    await sleep(simulation.clock, 10);
  });
  expect(fired).toEqual(['new']);
});
