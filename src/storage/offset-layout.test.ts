import { describe, expect, test } from 'vitest';
import type { SimHost } from '../../sim/sim-host.ts';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { batches } from '../protocol/records/batch.ts';
import { buildBatch, readRecords } from '../protocol/records/record.ts';
import { LogCleaner } from './log-cleaner.ts';
import { defaultLogConfig } from './log-config.ts';
import { LogDirectory, type LogDirectoryOptions } from './log-directory.ts';
import type { PartitionLog } from './partition-log.ts';
import { batchOf, boundaries, FOLDER, openLog, overwrite, put, segmentBytes } from './testing/log-bench.ts';

const TIME = 1_750_000_000_000;
const TOPIC_ID = 'kFQz2rJ1TfSWb0dyLSZvcA';
const COMPACT = { cleanupPolicy: ['compact'] as const, minCleanableDirtyRatio: 0 };
const SETTINGS = { segmentBytes: 300, indexIntervalBytes: 150 };

function keyed(key: string, value: string): Buffer {
  return buildBatch({ records: [{ timestamp: TIME, key: Buffer.from(key), value: Buffer.from(value) }] });
}

/** `offset:key=value` of each record, from the files. */
function records(world: World, log: PartitionLog): string[] {
  const bytes = log.segments.map(({ log: { path } }) =>
    segmentBytes(world, path.slice(path.lastIndexOf('/') + 1)),
  );
  return bytes.flatMap((segment) =>
    [...batches(segment)].flatMap(({ bytes: batch }) =>
      readRecords(batch).map(({ offset, key, value }) => `${offset}:${key}=${value}`),
    ),
  );
}

/**
 * Ten keys, each written twice, and compacted to the later ones; `life` ends the process at some moment of
 * it.
 */
async function writeAndCompact(world: World, log: PartitionLog): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const appended = log.append(keyed(`k${i % 10}`, `v${i}`), { origin: 'coordinator', leaderEpoch: 0 });
    if ('error' in appended) throw new Error(appended.message);
    log.writeNow();
  }
  log.roll();
  log.updateHighWatermark(log.writtenEndOffset);
  const cleaner = new LogCleaner(world, {
    logs: () => [log],
    checkpoint: async () => {},
    limits: () => ({}),
  });
  while (await cleaner.cleanFilthiest());
}

const LATEST = Array.from({ length: 10 }, (_, i) => `${10 + i}:k${i}=v${10 + i}`);

/** As a broker opens its logs: before it has read that the topic is compacted. */
function openWithoutConfig(world: World, more: { recoveryPoint?: number } = {}): PartitionLog {
  return openLog(world, { settings: SETTINGS, isConfigProvisional: true, ...more });
}

describe('a compacted log whose broker starts without knowing that it is compacted', () => {
  test('has all its keys after kill -9, whatever the recovery point in the checkpoint file', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const host = simulation.host('a');
      await writeAndCompact(host.world, openLog(host.world, { settings: { ...SETTINGS, ...COMPACT } }));
      host.kill();
      const world = host.start();
      for (const recoveryPoint of [0, 5, 20]) {
        const log = openWithoutConfig(world, { recoveryPoint });
        expect(records(world, log).slice(-10)).toEqual(LATEST);
        expect([log.endOffset, world.disk.list(FOLDER).includes('segments-adjoin')]).toEqual([20, true]);
        log.abandon();
      }
    });
  });

  test('has them after a power loss at any change to the disk', async () => {
    let losses = 0;
    for (let operations = 1; operations < 160; operations++) {
      const simulation = new Simulation(operations);
      const host = simulation.host('a');
      const state = { flushed: false, done: false };
      const life = async (): Promise<void> => {
        const log = openLog(host.world, { settings: { ...SETTINGS, ...COMPACT } });
        host.crashAfter(operations);
        for (let i = 0; i < 20; i++) {
          log.append(keyed(`k${i % 10}`, `v${i}`), { origin: 'coordinator', leaderEpoch: 0 });
          log.writeNow();
        }
        log.roll();
        log.updateHighWatermark(log.writtenEndOffset);
        await log.flush();
        if (!host.alive) return;
        state.flushed = true;
        const cleaner = new LogCleaner(host.world, {
          logs: () => [log],
          checkpoint: async () => {},
          limits: () => ({}),
        });
        while (await cleaner.cleanFilthiest());
        state.done = true;
      };
      await simulation.run(async () => {
        life().catch(() => {});
        await simulation.until(() => state.done || !host.alive, 60_000);
      });
      host.crash();
      if (!state.flushed) continue;
      losses++;
      const world = host.start();
      expect(records(world, openWithoutConfig(world)).slice(-10), `operation ${operations}`).toEqual(LATEST);
    }
    expect(losses).toBeGreaterThan(20);
  });
});

describe('a follower of a leader that compacted', () => {
  const fromLeader = [0, 1, 7, 8, 15].map((baseOffset) => batchOf([`value ${baseOffset}`], { baseOffset }));

  async function follow(log: PartitionLog): Promise<void> {
    for (const batch of fromLeader) {
      await log.admit(batch);
      const appended = log.append(batch, { origin: 'replication', leaderEpoch: 0 });
      if ('error' in appended) throw new Error(appended.message);
      log.writeNow();
    }
  }

  test('keeps the gaps in its active segment after kill -9', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const host = simulation.host('a');
      await follow(openLog(host.world));
      host.kill();
      expect(openWithoutConfig(host.start()).endOffset).toBe(16);
    });
  });

  test('has what it synced after a power loss at any change to the disk', async () => {
    let losses = 0;
    for (let operations = 1; operations < 40; operations++) {
      const simulation = new Simulation(operations);
      const host = simulation.host('a');
      const state = { synced: 0, done: false };
      const life = async (): Promise<void> => {
        const log = openLog(host.world, { settings: { segmentBytes: 170 } });
        host.crashAfter(operations);
        for (const batch of fromLeader) {
          await log.admit(batch);
          log.append(batch, { origin: 'replication', leaderEpoch: 0 });
          await log.flush();
          if (host.alive) state.synced = log.syncedEndOffset;
        }
        state.done = true;
      };
      await simulation.run(async () => {
        life().catch(() => {});
        await simulation.until(() => state.done || !host.alive, 60_000);
      });
      host.crash();
      if (state.synced > 0) losses++;
      expect(openWithoutConfig(host.start()).endOffset).toBeGreaterThanOrEqual(state.synced);
    }
    expect(losses).toBeGreaterThan(10);
  });

  test('takes no gap before the device has let go of the promise that there is none', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const { world } = simulation.host('a');
      const log = openLog(world);
      const [first, , third = Buffer.alloc(0)] = fromLeader;
      log.append(first ?? third, { origin: 'replication', leaderEpoch: 0 });
      const admitted = log.admit(third);
      const append = () => log.append(third, { origin: 'replication', leaderEpoch: 0 });
      expect(append()).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
      await admitted;
      expect(append()).toMatchObject({ baseOffset: 7 });
      expect(log.admit(batchOf(['x'], { baseOffset: 30 }))).toBe(null);
    });
  });
});

describe('a gap that a power loss left', () => {
  function threeSegments(): { readonly host: SimHost; readonly names: readonly string[] } {
    const host = new Simulation(1).host('a');
    const log = openLog(host.world, { settings: SETTINGS });
    for (let i = 0; i < 9; i++) put(log, `value ${i}`.repeat(8));
    expect(log.segmentBaseOffsets).toEqual([0, 2, 4, 6, 8]);
    const names = host.world.disk.list(FOLDER).filter((name) => name.endsWith('.log'));
    host.kill();
    return { host, names };
  }

  /** The last batch of the second segment did not reach the device. */
  function loseTail(world: World, name = ''): void {
    const whole = segmentBytes(world, name);
    overwrite(world, `${FOLDER}/${name}`, whole.subarray(0, boundaries(whole)[1]));
  }

  test.each([
    ['that has every offset', null],
    ['that was compacted', 'segments-adjoin'],
  ])('between the segments of a folder %s ends the log before it', (_, mark) => {
    const { host, names } = threeSegments();
    const world = host.start();
    if (mark) world.disk.rename(`${FOLDER}/offsets-are-dense`, `${FOLDER}/${mark}`);
    loseTail(world, names[1]);
    expect(openWithoutConfig(world).endOffset).toBe(3);
  });

  test('within a segment ends a log that has every offset', () => {
    const { host, names } = threeSegments();
    const world = host.start();
    const whole = segmentBytes(world, names[1]);
    overwrite(world, `${FOLDER}/${names[1]}`, whole.subarray(boundaries(whole)[1]));
    expect(openWithoutConfig(world).endOffset).toBe(2);
  });

  test('is believed where nothing is promised, as by Kafka: in folders from before', () => {
    const { host, names } = threeSegments();
    const world = host.start();
    world.disk.remove(`${FOLDER}/offsets-are-dense`);
    loseTail(world, names[1]);
    expect(openWithoutConfig(world).endOffset).toBe(9);
  });
});

test('no log loses anything to a config that may not be its topic’s', async () => {
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const { world } = simulation.host('a');
    const real = { ...defaultLogConfig, segmentBytes: 200, retentionMs: -1 };
    const options: LogDirectoryOptions = {
      path: '/data',
      clusterId: 'c1',
      brokerId: 1,
      configOf: () => real,
      onStorageError: () => {},
      intervals: { retentionCheckMs: 1000, producerExpiryMs: 1000 },
      cleaner: () => ({ backoffMs: 1000 }),
    };
    const directory = await LogDirectory.open(world, options);
    const made = directory.create({ topic: 'orders', partition: 0 }, TOPIC_ID);
    if ('error' in made) throw new Error(made.message);
    const batch = batchOf(['a'.repeat(80)], {
      timestamp: TIME - 9e9,
      producerId: 1,
      producerEpoch: 0,
      baseSequence: 0,
    });
    made.log.append(batch, { origin: 'client', leaderEpoch: 0 });
    for (let i = 0; i < 5; i++) put(made.log, 'b'.repeat(80));
    made.log.updateHighWatermark(6);
    await directory.close(1);

    const short = {
      retentionMs: 1,
      producerIdExpirationMs: 1,
      ...COMPACT,
      cleanupPolicy: ['compact', 'delete'] as const,
    };
    const again = await LogDirectory.open(world, { ...options, configOf: () => ({ ...real, ...short }) });
    await sleep(simulation.clock, 5000);
    const log = again.get('orders', 0)?.log;
    expect([log?.logStartOffset, log?.producers.entry(1)?.producerId]).toEqual([0, 1]);
    log?.updateConfig({ ...real, retentionMs: 1 });
    await sleep(simulation.clock, 5000);
    expect(log?.logStartOffset).toBe(6);
    again.abandon();
  });
});
