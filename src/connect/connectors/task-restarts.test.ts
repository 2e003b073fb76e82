import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { silent } from '../../base/log.ts';
import type { ConnectorPort } from '../worker/connector-port.ts';
import { TaskRestarts } from './task-restarts.ts';

/** A connector whose tasks are looked at every 300 ms, and fail as soon as they are started again. */
function failing() {
  const clock = new ManualClock();
  const restarts = new TaskRestarts({ clock, log: silent });
  const at: number[] = [];
  const rest = { restart: async () => void at.push(clock.monotonic()) } as unknown as ConnectorPort;
  const look = async (ms: number, isRunning = false) => {
    for (let passed = 0; passed < ms; passed += 300) {
      if (isRunning) restarts.ran();
      else await restarts.failed('orders', rest);
      await clock.advance(300);
    }
  };
  return { at, look };
}

test('failed tasks are started again at once, then after waits that double to a minute, ten times in all', async () => {
  const { at, look } = failing();
  await look(3_600_000);
  expect(at).toHaveLength(10);
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 60, 60, 60].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(seconds * 1000);
    expect(waits[index]).toBeLessThan(seconds * 1000 + 300);
  }
});

test('a connector that fails again soon after a restart is nearer to its limit, and one that ran for long begins anew', async () => {
  const { at, look } = failing();
  await look(600);
  await look(5_000, true);
  await look(600);
  expect(at).toHaveLength(2);
  await look(600_000, true);
  await look(3_600_000);
  expect(at).toHaveLength(12);
});
