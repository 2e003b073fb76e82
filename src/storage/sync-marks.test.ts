import { describe, expect, test } from 'vitest';
import type { SimHost } from '../../sim/sim-host.ts';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { defaultLogConfig } from './log-config.ts';
import { LogDirectory } from './log-directory.ts';
import type { StoredLog } from './stored-logs.ts';
import { batchOf, put, values } from './testing/log-bench.ts';

const TOPIC_ID = 'kFQz2rJ1TfSWb0dyLSZvcA';
const SEGMENT = '/data/orders-0/00000000000000000000.log';

function open(world: World): Promise<LogDirectory> {
  return LogDirectory.open(world, {
    path: '/data',
    clusterId: 'c1',
    brokerId: 3,
    configOf: () => defaultLogConfig,
    onStorageError: () => {},
  });
}

/** As the broker does: what must wait is asked for again. */
async function make(directory: LogDirectory, partition = 0): Promise<StoredLog> {
  for (;;) {
    const made = directory.create({ topic: 'orders', partition }, TOPIC_ID);
    if (!('error' in made)) return made;
    if (made.error !== 'NOT_READY') throw new Error(made.message);
    await made.ready;
  }
}

/** A log that was there before: its folder is on the device, and nothing but its records waits for it. */
async function made(world: World, partitions = 1): Promise<LogDirectory> {
  const directory = await open(world);
  for (let n = 0; n < partitions; n++) await (await make(directory, n)).log.flush();
  return directory;
}

/** What pages a failed sync takes with it is up to the seed. */
async function underSeeds(
  run: (host: SimHost, simulation: Simulation) => Promise<void>,
  { count = 12 } = {},
): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    const simulation = new Simulation(seed);
    const host = simulation.host('a');
    await simulation.run(() => run(host, simulation));
  }
}

/** Flushes all logs, loses power, and returns the records of each that the next start finds. */
async function afterFlushAndPowerLoss(host: SimHost, directory: LogDirectory): Promise<string[][]> {
  for (const { log } of directory.all()) {
    await log.flush();
    expect(log.syncedEndOffset).toBe(log.endOffset);
  }
  host.crash();
  const next = await open(host.start());
  const found = [...next.all()].map(({ log }) => values(log));
  next.abandon();
  return found;
}

describe('records that a failed sync left in the page cache alone are on the device when a flush says so', () => {
  test('in the next process, when the one whose sync failed ended', () =>
    underSeeds(async (host) => {
      const { log } = await make(await made(host.world));
      put(log, 'first', 'second');
      host.faults.syncEio = 1;
      await expect(log.flush()).rejects.toThrow('a sync failed');
      host.kill();
      host.faults.syncEio = 0;
      expect(await afterFlushAndPowerLoss(host, await open(host.start()))).toEqual([['first', 'second']]);
    }));

  test('and in the one after that, when the next flushed nothing', () =>
    underSeeds(async (host) => {
      const { log } = await make(await made(host.world));
      put(log, 'first');
      host.faults.syncEio = 1;
      await expect(log.flush()).rejects.toThrow('a sync failed');
      host.kill();
      host.faults.syncEio = 0;
      await open(host.start());
      host.kill();
      expect(await afterFlushAndPowerLoss(host, await open(host.start()))).toEqual([['first']]);
    }));

  test('when the process was killed before it heard of the failure', () =>
    underSeeds(async (host) => {
      const { log } = await make(await made(host.world));
      put(log, 'first');
      host.faults.syncEio = 1;
      log.flush().catch(() => {});
      host.kill();
      host.faults.syncEio = 0;
      expect(await afterFlushAndPowerLoss(host, await open(host.start()))).toEqual([['first']]);
    }));

  test('also when more logs were synced than can be named', () =>
    underSeeds(
      async (host) => {
        const directory = await made(host.world, 140);
        host.faults.syncEio = 1;
        for (const { log } of directory.all()) {
          put(log, 'first');
          log.flush().catch(() => {});
        }
        host.kill();
        host.faults.syncEio = 0;
        const found = await afterFlushAndPowerLoss(host, await open(host.start()));
        expect(found).toEqual(Array.from({ length: 140 }, () => ['first']));
      },
      { count: 2 },
    ));

  test('in a log that is opened again in one process, while that sync is under way', () =>
    underSeeds(async (host) => {
      const directory = await made(host.world);
      const { log } = await make(directory);
      put(log, 'first');
      host.faults.syncEio = 1;
      log.flush().catch(() => {});
      host.faults.syncEio = 0;
      // The partition moves away and back, and its folder cannot be renamed.
      host.faults.renameEio = 1;
      directory.delete({ topic: 'orders', partition: 0 }, TOPIC_ID);
      host.faults.renameEio = 0;
      await make(directory);
      expect(await afterFlushAndPowerLoss(host, directory)).toEqual([['first']]);
    }));
});

test('a log is not opened while a sync of its folder is under way, and a new folder waits for nothing', () =>
  underSeeds(async (host) => {
    const directory = await made(host.world);
    const of = { topic: 'orders', partition: 0 };
    host.faults.syncMs = [50, 50];
    const { log } = await make(directory);
    put(log, 'first');
    log.flush().catch(() => {});
    host.faults.renameEio = 1;
    directory.delete(of, TOPIC_ID);
    expect(directory.create(of, TOPIC_ID)).toMatchObject({ error: 'NOT_READY' });
    host.faults.renameEio = 0;
    directory.delete(of, TOPIC_ID);
    expect(directory.create(of, TOPIC_ID)).toMatchObject({ topicId: TOPIC_ID });
  }));

test('what a killed process cut off does not come back below what the next one writes', () =>
  underSeeds(
    async (host, simulation) => {
      const { log } = await make(await made(host.world));
      put(log, 'first');
      put(log, 'second');
      await log.flush();
      host.faults.syncMs = [50, 50];
      log.truncateTo(1);
      await sleep(simulation.clock, 1);
      host.kill();
      host.faults.syncMs = [0.05, 3];
      const next = await make(await open(host.start()));
      put(next.log, 'other');
      // The segment of the first two batches is synced later than its successor may reach the device.
      next.log.roll();
      put(next.log, 'last');
      host.crash();
      const found = (await open(host.start())).get('orders', 0);
      expect(found && values(found.log)).toEqual(['first', 'other', 'last'].slice(0, found?.log.endOffset));
    },
    { count: 30 },
  ));

test('nor does it where the process was killed at any instant of the cut', async () => {
  let cuts = 0;
  for (let operations = 1; operations <= 8; operations++)
    await underSeeds(
      async (host) => {
        const { log } = await make(await made(host.world));
        put(log, 'first');
        put(log, 'second');
        log.roll();
        put(log, 'third');
        await log.flush();
        host.crashAfter(operations, { isKill: true });
        log.truncateTo(1);
        host.kill();
        const next = await make(await open(host.start()));
        const kept = values(next.log);
        if (kept.length === 1) cuts++;
        put(next.log, 'other');
        next.log.roll();
        put(next.log, 'last');
        const whole = values(next.log);
        host.crash();
        const found = (await open(host.start())).get('orders', 0);
        const what = found ? values(found.log) : [];
        const before = ['first', 'second', 'third'].slice(0, what.length);
        expect([whole.slice(0, what.length), before]).toContainEqual(what);
      },
      { count: 30 },
    );
  expect(cuts).toBeGreaterThan(0);
});

test('what a write did not take whole does not come back below what the next process writes', () =>
  underSeeds(
    async (host) => {
      const { log } = await make(await made(host.world));
      put(log, 'first');
      await log.flush();
      // A part of it is written, and the rest refused.
      let writes = 0;
      Object.defineProperty(host.faults, 'writeEio', { get: () => (++writes === 2 ? 1 : 0) });
      host.faults.shortWrite = 1;
      for (const value of ['second', 'third'])
        log.append(batchOf([value]), { origin: 'client', leaderEpoch: 0 });
      log.writeNow();
      if (log.fault === null) return;
      expect(log.fault.fault).toBe('write');
      host.faults.shortWrite = 0;
      host.kill();
      const next = await make(await open(host.start()));
      put(next.log, 'other');
      next.log.roll();
      put(next.log, 'last');
      host.crash();
      const found = (await open(host.start())).get('orders', 0);
      expect(found && values(found.log)).toEqual(['first', 'other', 'last'].slice(0, found?.log.endOffset));
    },
    { count: 60 },
  ));

test('a cut is on the device when the log says so, though the first sync of it could not be noted', () =>
  underSeeds(async (host, simulation) => {
    const { log } = await make(await made(host.world));
    put(log, 'first');
    put(log, 'second');
    await log.flush();
    // The file of the marks is not there with all its bytes, and a full disk does not take them.
    host.files.file('/data/syncs-under-way')?.truncate(0);
    host.faults.capacityBytes = host.files.usedBytes();
    log.truncateTo(1);
    await expect(log.settle()).rejects.toThrow('no space left');
    host.faults.capacityBytes = Number.POSITIVE_INFINITY;
    await sleep(simulation.clock, 1001);
    // Whoever appends next finds that there is room again.
    expect(() => put(log, 'third')).toThrow('the log was cut');
    await log.settle();
    expect(log.isUnsettled).toBe(false);
    host.crash();
    const found = (await open(host.start())).get('orders', 0);
    expect(found && values(found.log)).toEqual(['first']);
  }));

test('a start writes nothing anew when every sync succeeded', () =>
  underSeeds(async (host) => {
    const { log } = await make(await made(host.world));
    put(log, 'first');
    await log.flush();
    host.kill();
    const changes = () => host.files.file(SEGMENT)?.position();
    const before = changes();
    const found = (await open(host.start())).get('orders', 0);
    expect(found && values(found.log)).toEqual(['first']);
    expect(changes()).toBe(before);
  }));

test('the close of a log that failed ends when the last sync of its files has', () =>
  underSeeds(async (host, simulation) => {
    const { log } = await make(await made(host.world));
    put(log, 'first');
    host.faults.syncMs = [50, 50];
    const flushed = { isOver: false };
    const flushing = log.flush().catch(() => {});
    void flushing.finally(() => {
      flushed.isOver = true;
    });
    host.faults.writeEio = 1;
    await sleep(simulation.clock, 1);
    expect(() => put(log, 'second')).not.toThrow();
    expect(log.fault?.fault).toBe('write');
    await expect(log.close()).rejects.toThrow('a write failed');
    expect(flushed.isOver).toBe(true);
  }));
