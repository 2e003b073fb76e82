import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import type { PartitionLog } from './partition-log.ts';
import { batchOf, FOLDER, openLog } from './testing/log-bench.ts';

const TIME = 1_750_000_000_000;

function put(log: PartitionLog, timestamp: number): void {
  log.append(batchOf(['value'], { timestamp }), { origin: 'coordinator', leaderEpoch: 0 });
  log.writeNow();
}

/** A log whose closed segment is being synced with its indexes, for `ms`; `change` comes meanwhile. */
function whileSynced(
  ms: number,
  change: (log: PartitionLog) => void,
  expected: (log: PartitionLog, names: readonly string[]) => Promise<void>,
): Promise<void> {
  const simulation = new Simulation(5);
  return simulation.run(async () => {
    const host = simulation.host('a');
    host.faults.syncMs = [10, 10];
    const log = openLog(host.world);
    for (const timestamp of [TIME - 3, TIME - 2, TIME - 1]) put(log, timestamp);
    log.roll();
    put(log, TIME);
    log.updateHighWatermark(log.writtenEndOffset);
    const flushed = log.flush();
    await sleep(simulation.clock, ms);
    change(log);
    await flushed;
    expect(log.fault).toBe(null);
    await expected(log, host.world.disk.list(FOLDER));
  });
}

const INSTANTS = [5, 15, 25, 35, 45];

test.each(INSTANTS)('a segment that retention takes while it is synced leaves no file behind (%d ms)', (ms) =>
  whileSynced(
    ms,
    (log) => expect(log.trimming.deleteSegmentsBelow(3)).toBe(1),
    async (_, names) => {
      expect(names.filter((name) => /^0{20}\.(log|index|timeindex|txnindex)$/.test(name))).toEqual([]);
    },
  ),
);

test.each(INSTANTS)(
  'a log that begins anew while a segment is synced gets nothing of its indexes (%d ms)',
  (ms) =>
    whileSynced(
      ms,
      (log) => expect(log.truncateFully(0)).toBe(true),
      async (log) => {
        for (const timestamp of [TIME + 1, TIME + 2, TIME + 3]) put(log, timestamp);
        log.roll();
        await log.flush();
        expect(await log.reads.findTimestamp(TIME + 2)).toMatchObject({ found: { offset: 1 } });
      },
    ),
);
