import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { FakeAccess } from '../../../test/aws/fake-access.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { inSync } from './in-sync.ts';
import { describeLagging, type LaggingPartition } from './lagging.ts';
import { Patience, STALLED_MS } from './patience.ts';

const running = new AbortController().signal;

/** How long a wait for the replicas of this cluster lasts, and what was behind when it ended without them. */
async function wait(clock: Clock, access: FakeAccess): Promise<{ ms: number; gaveUpOn: string | null }> {
  const from = clock.monotonic();
  const patience = new Patience(clock);
  let last: readonly LaggingPartition[] = [];
  try {
    await inSync(clock, access, running, async (lagging) => {
      last = lagging;
      await patience.watch(access, lagging);
      if (patience.isOver) throw new Error('it gave up');
    });
    return { ms: clock.monotonic() - from, gaveUpOn: null };
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'it gave up') throw error;
    return { ms: clock.monotonic() - from, gaveUpOn: describeLagging(last) };
  }
}

function simulated(run: (clock: Clock, access: FakeAccess) => Promise<void>): Promise<void> {
  const simulation = new Simulation(1);
  const access = new FakeAccess(Array.from({ length: 5 }, () => [1, 2, 3]));
  return simulation.run(() => run(simulation.clock, access));
}

test('a wait in which nothing moves ends after its time, and names who is behind in what', () =>
  simulated(async (clock, access) => {
    access.lag(3);
    const { ms, gaveUpOn } = await wait(clock, access);
    expect(ms).toBeGreaterThanOrEqual(STALLED_MS);
    expect(ms).toBeLessThan(STALLED_MS + 10_000);
    expect(gaveUpOn).toBe('broker 3 is behind in 5 partition(s) (t-0, t-1, t-2 and others)');
  }));

test('a replica that grows is waited for, however long it takes', () =>
  simulated(async (clock, access) => {
    access.lag(3);
    const waiting = wait(clock, access);
    for (let minutes = 0; minutes < 60; minutes++) {
      await sleep(clock, 60_000);
      access.grow(3, 1);
    }
    access.catchUp(3);
    expect(await waiting).toMatchObject({ gaveUpOn: null });
  }));

test('a replica that comes back now and then, and falls out again, is no movement', () =>
  simulated(async (clock, access) => {
    access.lag(2, [0]);
    access.lag(3, [0, 1]);
    const waiting = wait(clock, access);
    for (let times = 0; times < 100; times++) {
      await sleep(clock, 10_000);
      if (times % 2 === 0) access.catchUp(3);
      else access.lag(3, [0, 1]);
    }
    expect(await waiting).toMatchObject({ gaveUpOn: 'broker 2 is behind in 1 partition(s) (t-0)' });
  }));

test('a partition that nobody leads is named, too', () =>
  simulated(async (clock, access) => {
    access.lead(4, -1);
    expect(await wait(clock, access)).toMatchObject({ gaveUpOn: 'nobody leads 1 partition(s) (t-4)' });
  }));
