import { describe, expect, test } from 'vitest';
import type { SimHost } from '../../sim/sim-host.ts';
import { Simulation } from '../../sim/simulation.ts';
import type { Uuid } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { DiskError, readWhole, writeWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { defaultLogConfig, type LogConfig } from './log-config.ts';
import { LogDirectory } from './log-directory.ts';
import type { StorageError } from './storage-error.ts';
import type { StoredLog } from './stored-logs.ts';
import { batchOf, put, values } from './testing/log-bench.ts';
import { watched } from './testing/watched-disk.ts';

const PATH = '/data';
const ORDERS = { topic: 'orders', partition: 0 };
const FIRST_ID = 'kFQz2rJ1TfSWb0dyLSZvcA';
const SECOND_ID = 'x9cK0O5SRDiNLuP7sXo7Eg';
const FILES = ['recovery-point', 'log-start', 'replication', 'cleaner'].map(
  (name) => `${name}-offset-checkpoint`,
);

function open(
  world: World,
  more: { settings?: Partial<LogConfig>; onStorageError?: (error: StorageError) => void } = {},
): Promise<LogDirectory> {
  return LogDirectory.open(world, {
    path: PATH,
    clusterId: 'c1',
    brokerId: 3,
    configOf: () => ({ ...defaultLogConfig, ...more.settings }),
    onStorageError: more.onStorageError ?? (() => {}),
  });
}

/** As the broker does: what must wait is asked for again. */
async function make(directory: LogDirectory, topicId: Uuid, partition = 0): Promise<StoredLog> {
  for (;;) {
    const made = directory.create({ ...ORDERS, partition }, topicId);
    if (!('error' in made)) return made;
    if (made.error !== 'NOT_READY') throw new Error(made.message);
    await made.ready;
  }
}

function onDisk(world: World): string {
  return FILES.map((name) => readWhole(world.disk, `${PATH}/${name}`)?.toString('utf8') ?? '').join('');
}

async function saveAll(directory: LogDirectory): Promise<void> {
  for (const name of ['recoveryPoint', 'logStartOffset', 'highWatermark'] as const)
    await directory.checkpoint(name);
}

/** Twenty records, of which the first fifteen were deleted, as all checkpoint files know. */
async function firstLife(directory: LogDirectory): Promise<void> {
  const { log } = await make(directory, FIRST_ID);
  for (let i = 0; i < 20; i++) put(log, `old ${i}`);
  await log.flush();
  log.updateHighWatermark(20);
  log.trimming.advanceLogStartOffset(15);
  log.cleaning.cleanedUpTo = 10;
  await saveAll(directory);
}

async function simulated(run: (simulation: Simulation) => Promise<void>): Promise<void> {
  const simulation = new Simulation(5);
  await simulation.run(() => run(simulation));
}

const SECOND_LIVES: [string, Uuid][] = [
  ['a topic that is made again', SECOND_ID],
  ['a partition that is moved away and back', FIRST_ID],
];

describe.each(SECOND_LIVES)('%s', (_, secondId) => {
  test('has nothing of its earlier life after kill -9', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      await firstLife(directory);
      directory.delete(ORDERS, FIRST_ID);
      const { log } = await make(directory, secondId);
      for (let i = 0; i < 5; i++) put(log, `new ${i}`);
      host.kill();
      const again = (await open(host.start())).get('orders', 0)?.log;
      expect(again && values(again, 0)).toEqual(['new 0', 'new 1', 'new 2', 'new 3', 'new 4']);
      expect([again?.logStartOffset, again?.highWatermark, again?.recoveryPoint]).toEqual([0, 0, 0]);
      expect(again?.cleaning.cleanedUpTo).toBe(null);
    }));

  test('nor when the process was killed between the two', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      await firstLife(directory);
      directory.delete(ORDERS, FIRST_ID);
      host.kill();
      const between = await open(host.start());
      const { log } = await make(between, secondId);
      put(log, 'new');
      host.kill();
      const again = (await open(host.start())).get('orders', 0)?.log;
      expect(again && values(again, 0)).toEqual(['new']);
    }));

  test('nor after a power loss at any change to the disk', async () => {
    let losses = 0;
    for (let operations = 1; operations < 90; operations++) {
      const simulation = new Simulation(operations);
      const host = simulation.host('a');
      const state = { synced: 0, done: false };
      const life = async (): Promise<void> => {
        const directory = await open(host.world);
        await firstLife(directory);
        host.crashAfter(operations);
        directory.delete(ORDERS, FIRST_ID);
        const { log } = await make(directory, secondId);
        for (let i = 0; i < 5; i++) {
          put(log, `new ${i}`);
          await log.flush();
          if (host.alive) state.synced = log.syncedEndOffset;
        }
        await saveAll(directory);
        state.done = true;
      };
      await simulation.run(async () => {
        life().catch(() => {});
        await simulation.until(() => state.done || !host.alive, 60_000);
        host.crash();
        if (state.synced === 0) return;
        losses++;
        const again = (await open(host.start())).get('orders', 0)?.log;
        const kept = again ? values(again, 0) : [];
        expect(kept.length, `operation ${operations}`).toBeGreaterThanOrEqual(state.synced);
        expect(kept).toEqual(['new 0', 'new 1', 'new 2', 'new 3', 'new 4'].slice(0, kept.length));
        expect(again?.logStartOffset).toBe(0);
      });
    }
    expect(losses).toBeGreaterThan(5);
  });
});

test('files of a log that is closed are not opened again: their names may be those of the next topic', () =>
  simulated(async (simulation) => {
    const { world } = simulation.host('a');
    const directory = await open(world);
    const { log } = await make(directory, FIRST_ID);
    put(log, 'old');
    const [segment] = log.segments;
    directory.delete(ORDERS, FIRST_ID);
    await make(directory, SECOND_ID);
    // As a flush that was under way goes on.
    await expect(segment?.sync(true)).rejects.toThrow('let go of');
    const index = readWhole(world.disk, `${PATH}/orders-0/00000000000000000000.timeindex`);
    expect(index?.length).toBe(0);
    directory.abandon();
  }));

describe('what a new folder waits for', () => {
  test('is nothing when no file speaks of its name', () =>
    simulated(async (simulation) => {
      const directory = await open(simulation.host('a').world);
      await firstLife(directory);
      expect(directory.create({ topic: 'other', partition: 0 }, SECOND_ID)).toMatchObject({ topic: 'other' });
    }));

  test('is the same few writes for a thousand partitions', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const opened: string[] = [];
      const counted = watched(world, (path) => {
        opened.push(path);
      });
      const directory = await open(counted);
      for (let i = 0; i < 1000; i++) await make(directory, FIRST_ID, i);
      await saveAll(directory);
      for (let i = 0; i < 1000; i++) directory.delete({ ...ORDERS, partition: i }, FIRST_ID);
      opened.length = 0;
      await Promise.all(Array.from({ length: 1000 }, (_, i) => make(directory, SECOND_ID, i)));
      expect(opened.filter((path) => path.includes('checkpoint.tmp')).length).toBeLessThanOrEqual(6);
      directory.abandon();
    }));
});

describe('a log that cannot be opened', () => {
  /** Once a first life ended in order, nothing in its folder can be opened until `heal`. */
  async function refusing(host: SimHost, more: { settings?: Partial<LogConfig> } = {}) {
    const first = await open(host.world);
    await firstLife(first);
    await first.close(7);
    const state = { refuses: true, faults: [] as string[] };
    const world = watched(host.world, (path) => {
      if (state.refuses && /orders-0\/0.*log$/.test(path)) throw new DiskError('EMFILE', path, 'open');
    });
    const directory = await open(world, {
      ...more,
      onStorageError: (error) => state.faults.push(error.fault),
    });
    return { directory, world, heal: () => (state.refuses = false), faults: state.faults };
  }

  test('keeps its checkpoints, and is opened with them when that is possible again', () =>
    simulated(async (simulation) => {
      const { directory, world, heal, faults } = await refusing(simulation.host('a'));
      const before = onDisk(world);
      await saveAll(directory);
      expect(onDisk(world)).toBe(before);
      expect(directory.previousBrokerEpoch).toBe(null);
      for (let i = 0; i < 3; i++)
        expect(directory.create(ORDERS, FIRST_ID)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
      // Told once, and as nothing that the others have to end for.
      expect(faults).toEqual(['open']);
      heal();
      const { log } = await make(directory, FIRST_ID);
      expect([log.logStartOffset, log.highWatermark, log.endOffset]).toEqual([15, 20, 20]);
      expect(values(log)).toEqual(['old 15', 'old 16', 'old 17', 'old 18', 'old 19']);
    }));

  test('is never taken for another topic’s, and is set aside with its records', () =>
    simulated(async (simulation) => {
      const { directory, world, heal } = await refusing(simulation.host('a'));
      heal();
      expect(directory.create(ORDERS, SECOND_ID)).toMatchObject({ error: 'INCONSISTENT_TOPIC_ID' });
      expect([...directory.unopened()]).toEqual([{ ...ORDERS, topicId: FIRST_ID }]);
      directory.makeStray(ORDERS);
      const { log } = await make(directory, SECOND_ID);
      expect([log.logStartOffset, log.endOffset]).toEqual([0, 0]);
      const [stray = ''] = world.disk.list(PATH).filter((name) => name.endsWith('-stray'));
      expect(readWhole(world.disk, `${PATH}/${stray}/partition.metadata`)?.toString()).toContain(FIRST_ID);
    }));

  test('is not marked as cleanly stopped, nor is one that could not be renamed away', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const state = { refuses: true };
      const world = watched(host.world, (path) => {
        if (state.refuses && path.endsWith('-delete')) throw new DiskError('EIO', path, 'rename');
      });
      const directory = await open(world);
      await firstLife(directory);
      directory.delete(ORDERS, FIRST_ID);
      expect(directory.create(ORDERS, SECOND_ID)).toMatchObject({ error: 'INCONSISTENT_TOPIC_ID' });
      await directory.close(7);
      expect(world.disk.list(PATH)).not.toContain('.kafka_cleanshutdown');
      expect((await open(host.world)).get('orders', 0)?.topicId).toBe(FIRST_ID);
    }));
});

describe('after a log was cut', () => {
  test('and power was lost before the checkpoint files were as low, they are before anything is appended', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const first = await open(host.world);
      const { log } = await make(first, FIRST_ID);
      for (let i = 0; i < 10; i++) put(log, `value ${i}`);
      await log.flush();
      await sleep(simulation.clock, 100);
      const path = `${PATH}/${FILES[0]}`;
      await writeWhole(host.world.disk, path, Buffer.from('0\n1\norders 0 26\n'));
      host.crash();
      const again = await open(host.start());
      expect(again.get('orders', 0)?.log.endOffset).toBe(10);
      expect(Number(/orders 0 (\d+)/.exec(onDisk(host.world))?.[1])).toBeLessThanOrEqual(10);
      again.abandon();
    }));

  test('nothing is appended before the checkpoint files on the device are as low', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const directory = await open(world);
      await firstLife(directory);
      const log = directory.get('orders', 0)?.log ?? expect.fail('no log');
      log.truncateTo(4);
      const append = () => log.append(batchOf(['new']), { origin: 'client', leaderEpoch: 1 });
      expect(append()).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
      expect(onDisk(world)).toMatch(/orders 0 (1\d|20)/);
      await log.settle();
      expect(onDisk(world)).not.toMatch(/orders 0 ([5-9]|1\d|20)/);
      expect(append()).toMatchObject({ baseOffset: 4 });
    }));

  test.each(['and the device did not know of the cut', 'and the device knew of the cut'])(
    'nor when it was given up before they were, %s, could not be renamed, and is opened again',
    (device) =>
      simulated(async (simulation) => {
        const world = watched(simulation.host('a').world, (path) => {
          if (path.endsWith('-stray')) throw new DiskError('EIO', path, 'rename');
        });
        const directory = await open(world);
        await firstLife(directory);
        const cut = directory.get('orders', 0)?.log ?? expect.fail('no log');
        cut.truncateTo(4);
        if (device === 'and the device knew of the cut') await cut.flush();
        directory.makeStray(ORDERS);
        expect(directory.create(ORDERS, FIRST_ID)).toMatchObject({ error: 'NOT_READY' });
        expect(onDisk(world)).toMatch(/orders 0 (1\d|20)/);
        const { log } = await make(directory, FIRST_ID);
        expect([log.logStartOffset, log.endOffset]).toEqual([4, 4]);
        expect(onDisk(world)).not.toMatch(/orders 0 ([5-9]|1\d|20)/);
        expect(log.append(batchOf(['new']), { origin: 'client', leaderEpoch: 1 })).toMatchObject({
          baseOffset: 4,
        });
      }),
  );

  test('what came in its place is looked at by the recovery after a power loss', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const simulation = new Simulation(seed);
      await simulation.run(async () => {
        const host = simulation.host('a');
        host.faults.crashLeavesHoles = 1;
        const settings = { segmentBytes: 400 };
        const directory = await open(host.world, { settings });
        const { log } = await make(directory, FIRST_ID);
        for (let i = 0; i < 30; i++) put(log, `old ${i}`);
        await log.flush();
        await saveAll(directory);
        log.truncateTo(5);
        await log.settle();
        for (let i = 5; i < 30; i++) {
          log.append(batchOf([`new ${i}`]), { origin: 'client', leaderEpoch: 1 });
          log.writeNow();
        }
        host.crash();
        const again = (await open(host.start(), { settings })).get('orders', 0)?.log ?? expect.fail('no log');
        const kept = values(again, 0);
        expect(kept).toEqual(
          Array.from({ length: kept.length }, (_, i) => (i < 5 ? `old ${i}` : `new ${i}`)),
        );
        expect([again.endOffset, kept.length >= 5]).toEqual([kept.length, true]);
      });
    }
  });
});

describe('a power loss soon after a folder was made', () => {
  /** What a next life finds when the power fails at the n-th change to the disk after the folder was made. */
  async function afterLoss(
    operations: number,
    check: (found: { readonly again: LogDirectory; readonly world: World; readonly synced: number }) => void,
  ): Promise<void> {
    const simulation = new Simulation(operations);
    await simulation.run(async () => {
      const host = simulation.host('a');
      host.faults.crashLeavesHoles = 1;
      const directory = await open(host.world);
      const state = { synced: 0, done: false };
      const life = async (): Promise<void> => {
        // Their ids are on the way to the device when this one is made.
        for (let i = 1; i < 8; i++) await make(directory, FIRST_ID, i);
        host.crashAfter(operations);
        const { log } = await make(directory, FIRST_ID);
        for (let i = 0; i < 3; i++) {
          put(log, `first ${i}`);
          await log.flush();
          if (host.alive) state.synced = log.syncedEndOffset;
        }
        state.done = true;
      };
      life().catch(() => {});
      await simulation.until(() => state.done || !host.alive, 60_000);
      host.crash();
      const world = host.start();
      const again = await open(world);
      check({ again, world, synced: state.synced });
      again.abandon();
    });
  }

  test('takes no topic id from records that a flush has confirmed', async () => {
    let confirmed = 0;
    for (let operations = 1; operations < 60; operations++) {
      await afterLoss(operations, ({ again, synced }) => {
        if (synced === 0) return;
        confirmed++;
        expect(again.get('orders', 0)?.topicId, `operation ${operations}`).toBe(FIRST_ID);
      });
    }
    expect(confirmed).toBeGreaterThan(3);
  });

  test('takes no topic id that a killed process could not sync, and the next one did', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const simulation = new Simulation(seed);
      await simulation.run(async () => {
        const host = simulation.host('a');
        const directory = await open(host.world);
        host.faults.syncEio = 1;
        const { log } = await make(directory, FIRST_ID);
        put(log, 'first');
        log.writeNow();
        await sleep(simulation.clock, 1000);
        host.kill();
        host.faults.syncEio = 0;
        const second = await open(host.start());
        const found = second.get('orders', 0);
        await found?.log.flush();
        expect(found?.log.syncedEndOffset).toBe(1);
        host.crash();
        const third = await open(host.start());
        expect(third.get('orders', 0)?.topicId, `seed ${seed}`).toBe(FIRST_ID);
        third.abandon();
      });
    }
  });

  test('never gives records without a topic id to the next topic of the name', async () => {
    let nameless = 0;
    for (let operations = 1; operations < 60; operations++) {
      await afterLoss(operations, ({ again, world }) => {
        const stored = again.get('orders', 0);
        if (!stored || stored.topicId !== null) return;
        nameless++;
        const kept = values(stored.log, 0);
        expect(again.create(ORDERS, SECOND_ID)).toMatchObject({ error: 'INCONSISTENT_TOPIC_ID' });
        again.makeStray(ORDERS);
        const made = again.create(ORDERS, SECOND_ID);
        expect('error' in made ? made.error : values(made.log, 0)).toEqual([]);
        // Nothing is deleted: an administrator can look at what it was.
        const strays = world.disk.list(PATH).filter((name) => name.endsWith('-stray'));
        expect(strays).toHaveLength(1);
        expect(kept.every((value) => value.startsWith('first '))).toBe(true);
      });
    }
    expect(nameless).toBeGreaterThan(0);
  });
});
