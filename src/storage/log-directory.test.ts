import { describe, expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import { readWhole, writeWhole } from '../base/disk.ts';
import { RefusedStart } from '../base/refused.ts';
import type { World } from '../base/world.ts';
import { defaultLogConfig, type LogConfig } from './log-config.ts';
import { LogDirectory, type LogDirectoryOptions } from './log-directory.ts';
import type { LogIntervals } from './log-housekeeping.ts';
import type { StoredLog } from './stored-logs.ts';
import { batchOf, put, values } from './testing/log-bench.ts';
import { watchedSyncs } from './testing/watched-disk.ts';

const PATH = '/data';
const TOPIC_ID = 'kFQz2rJ1TfSWb0dyLSZvcA';
const OTHER_ID = 'x9cK0O5SRDiNLuP7sXo7Eg';

function open(
  world: World,
  more: Partial<LogDirectoryOptions> & {
    settings?: Partial<LogConfig>;
    intervals?: Partial<LogIntervals>;
  } = {},
): Promise<LogDirectory> {
  return LogDirectory.open(world, {
    path: PATH,
    clusterId: 'c1',
    brokerId: 3,
    configOf: () => ({ ...defaultLogConfig, ...more.settings }),
    onStorageError: () => {},
    ...more,
  });
}

function make(directory: LogDirectory, topic: string, partition = 0, topicId = TOPIC_ID): StoredLog {
  const made = directory.create({ topic, partition }, topicId);
  if ('error' in made) throw new Error(made.message);
  return made;
}

/**
 * Opens a log anew, as the broker does: what must wait is asked for again. Rejects when its device refuses.
 */
async function openAnew(directory: LogDirectory, topic: string): Promise<StoredLog> {
  const made = directory.create({ topic, partition: 0 }, TOPIC_ID);
  if (!('error' in made) || made.error !== 'NOT_READY') throw new Error('it counts before it is settled');
  await made.ready;
  return make(directory, topic);
}

function text(world: World, name: string): string | undefined {
  return readWhole(world.disk, `${PATH}/${name}`)?.toString('utf8');
}

async function simulated(run: (simulation: Simulation) => Promise<void>): Promise<void> {
  const simulation = new Simulation(5);
  await simulation.run(() => run(simulation));
}

test('the mark of a clean stop does not come back when a start was killed before the device knew that it is gone', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const simulation = new Simulation(seed);
    const host = simulation.host('a');
    await simulation.run(async () => {
      const directory = await open(host.world);
      put(make(directory, 'orders').log, 'first');
      await directory.close(77);
      host.kill();
      const world = host.start();
      host.faults.syncMs = [50, 50];
      open(world).catch(() => {});
      await simulation.until(() => text(world, '.kafka_cleanshutdown') === undefined, 10);
      host.kill();
      await open(host.start());
      host.crash();
      expect(text(host.start(), '.kafka_cleanshutdown'), `seed ${seed}`).toBe(undefined);
    });
  }
});

describe('a new folder', () => {
  test('gets an identity, and keeps it', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const { directoryId } = await open(world);
      expect(text(world, 'meta.properties')).toBe(
        `#\nversion=1\ncluster.id=c1\nnode.id=3\ndirectory.id=${directoryId}\n`,
      );
      expect((await open(world)).directoryId).toBe(directoryId);
    }));

  test.each([
    ['another cluster', { clusterId: 'c2' }, /cluster c1, not of c2/],
    ['another broker', { brokerId: 4 }, /broker 3, not of 4/],
  ])('of %s is refused in words', (_, other, message) =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      await open(world);
      await expect(open(world, other)).rejects.toThrow(message);
      await expect(open(world, other)).rejects.toBeInstanceOf(RefusedStart);
    }),
  );
});

describe('a stop in order', () => {
  test('leaves Kafka’s files, and the next start takes everything as it is', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const directory = await open(world);
      expect(directory.previousBrokerEpoch).toBe(null);
      const { log } = make(directory, 'orders', 2);
      put(log, 'a');
      put(log, 'b');
      put(log, 'c');
      log.updateHighWatermark(2);
      log.trimming.advanceLogStartOffset(1);
      await directory.close(77);
      expect(text(world, '.kafka_cleanshutdown')).toBe('{"version":0,"brokerEpoch":77}');
      expect(text(world, 'recovery-point-offset-checkpoint')).toBe('0\n1\norders 2 2\n');
      expect(text(world, 'replication-offset-checkpoint')).toBe('0\n1\norders 2 2\n');
      expect(text(world, 'log-start-offset-checkpoint')).toBe('0\n1\norders 2 1\n');
      expect(text(world, 'orders-2/partition.metadata')).toBe(`version: 0\ntopic_id: ${TOPIC_ID}`);
      const again = await open(world);
      expect(again.previousBrokerEpoch).toBe(77);
      expect(text(world, '.kafka_cleanshutdown')).toBe(undefined);
      const stored = again.get('orders', 2);
      expect(stored?.topicId).toBe(TOPIC_ID);
      expect([stored?.log.logStartOffset, stored?.log.highWatermark, stored?.log.endOffset]).toEqual([
        1, 2, 3,
      ]);
    }));

  test('waits for the device for no log that has nothing new, and once for each file of one that has', () =>
    simulated(async (simulation) => {
      const { world, synced } = watchedSyncs(simulation.host('a').world);
      const first = await open(world);
      make(first, 'empty');
      const { log } = make(first, 'orders');
      put(log, 'a');
      log.assignEpoch(1, 1);
      put(make(first, 'other').log, 'b');
      await first.close(77);
      const inFolder = (topic: string) => synced.filter((path) => path.startsWith(`${PATH}/${topic}-0`));
      // Its topic's id, when it was made.
      expect(inFolder('empty')).toEqual([`${PATH}/empty-0/partition.metadata`, `${PATH}/empty-0`]);
      const logs = inFolder('orders').filter((path) => path.endsWith('.log'));
      expect(logs).toEqual([`${PATH}/orders-0/00000000000000000000.log`]);

      synced.length = 0;
      const second = await open(world);
      for (const { log: again } of second.all()) {
        again.assignEpoch(2, again.endOffset);
        again.updateHighWatermark(again.endOffset);
      }
      const written = second.get('other', 0);
      if (written) put(written.log, 'c');
      await second.close(78);
      expect([inFolder('empty'), inFolder('orders')]).toEqual([[], []]);
      expect(inFolder('other')).toContain(`${PATH}/other-0/00000000000000000000.log`);
      const third = await open(world);
      expect([...third.all()].map(({ topic, log: { endOffset } }) => [topic, endOffset])).toEqual([
        ['empty', 0],
        ['orders', 1],
        ['other', 2],
      ]);
    }));

  test('a checkpoint that the device has already is not written again', () =>
    simulated(async (simulation) => {
      const { world, synced } = watchedSyncs(simulation.host('a').world);
      const directory = await open(world);
      const { log } = make(directory, 'orders');
      put(log, 'a', 'b');
      const writes = async () => {
        synced.length = 0;
        await directory.checkpoint('highWatermark');
        return synced.filter((path) => path.includes('replication-offset-checkpoint')).length;
      };
      expect([await writes(), await writes()]).toEqual([1, 0]);
      log.updateHighWatermark(1);
      expect([await writes(), await writes()]).toEqual([1, 0]);
      make(directory, 'other');
      expect([await writes(), await writes()]).toEqual([1, 0]);
      directory.delete({ topic: 'other', partition: 0 }, TOPIC_ID);
      expect([await writes(), await writes()]).toEqual([1, 0]);
      expect(text(world, 'replication-offset-checkpoint')).toBe('0\n1\norders 0 1\n');
    }));

  test('of which one log was not written is not marked', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      put(make(directory, 'orders').log, 'a');
      host.faults.syncEio = 1;
      await directory.close(1);
      expect(text(host.world, '.kafka_cleanshutdown')).toBe(undefined);
    }));

  test('says nothing for a log that cannot be opened afterwards, nor does the next stop', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      await directory.close(77);
      await writeWhole(host.world.disk, `${directory.path}/orders-0`, Buffer.from('not a folder'));
      const again = await open(host.world);
      expect([again.get('orders', 0), again.previousBrokerEpoch]).toEqual([undefined, null]);
      await again.close(78);
      expect(text(host.world, '.kafka_cleanshutdown')).toBe(undefined);
    }));
});

test('after a kill every record that was written is there, and the checkpoints only save work', () =>
  simulated(async (simulation) => {
    const host = simulation.host('a');
    const directory = await open(host.world, { intervals: { recoveryPointMs: 100, highWatermarkMs: 50 } });
    const { log } = make(directory, 'orders');
    put(log, 'a');
    await log.flush();
    log.updateHighWatermark(1);
    await new Promise<void>((done) => simulation.clock.after(300, done));
    put(log, 'b');
    host.kill();
    const world = host.start();
    // One less than is synced: the indexes of the segment that ends there are not yet, and the next may begin
    // there.
    expect(text(world, 'recovery-point-offset-checkpoint')).toBe('0\n1\norders 0 0\n');
    const again = await open(world);
    const recovered = again.get('orders', 0)?.log;
    expect([recovered?.highWatermark, recovered?.syncedEndOffset, recovered?.endOffset]).toEqual([1, 0, 2]);
  }));

test('after a power loss a partition that was synced is found, with its topic', () =>
  simulated(async (simulation) => {
    const host = simulation.host('a');
    const directory = await open(host.world);
    const { log } = make(directory, 'orders');
    put(log, 'a');
    await log.flush();
    await new Promise<void>((done) => simulation.clock.after(100, done));
    host.crash();
    const again = await open(host.start());
    const stored = again.get('orders', 0);
    expect(stored?.topicId).toBe(TOPIC_ID);
    expect(stored && values(stored.log)).toEqual(['a']);
  }));

describe('partitions', () => {
  test('are made once, and a folder of another topic of that name is not taken for it', () =>
    simulated(async (simulation) => {
      const directory = await open(simulation.host('a').world);
      const made = make(directory, 'orders');
      expect(make(directory, 'orders')).toBe(made);
      expect(directory.create({ topic: 'orders', partition: 0 }, OTHER_ID)).toMatchObject({
        error: 'INCONSISTENT_TOPIC_ID',
      });
    }));

  test('that are deleted are gone from sight at once and from the disk soon, and may be made again', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const directory = await open(world);
      put(make(directory, 'orders').log, 'old');
      directory.delete({ topic: 'orders', partition: 0 }, TOPIC_ID);
      expect(directory.get('orders', 0)).toBe(undefined);
      expect(values(make(directory, 'orders', 0, OTHER_ID).log)).toEqual([]);
      expect(world.disk.list(PATH).filter((name) => name.endsWith('-delete'))).toHaveLength(1);
      await simulation.until(() => !world.disk.list(PATH).some((name) => name.endsWith('-delete')), 100);
    }));

  test('whose removal a crash interrupted are removed at the next start', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      put(make(directory, 'orders').log, 'old');
      directory.delete({ topic: 'orders', partition: 0 }, TOPIC_ID);
      host.kill();
      const world = host.start();
      const again = await open(world);
      expect([...again.all()]).toEqual([]);
      expect(world.disk.list(PATH).filter((name) => name.startsWith('orders'))).toEqual([]);
    }));

  test('that are strays keep their data under a name that is not opened', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const directory = await open(world);
      put(make(directory, 'orders').log, 'kept');
      directory.makeStray({ topic: 'orders', partition: 0 });
      await directory.close(1);
      expect([...(await open(world)).all()]).toEqual([]);
      const [stray] = world.disk.list(PATH).filter((name) => name.endsWith('-stray'));
      expect(stray).toMatch(/^orders-0\.[0-9a-f]{32}-stray$/);
      expect(world.disk.list(`${PATH}/${stray}`)).toContain('00000000000000000000.log');
    }));

  test('names that the file system would refuse are cut, not the number', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      const directory = await open(world);
      make(directory, 'x'.repeat(249), 12);
      directory.makeStray({ topic: 'x'.repeat(249), partition: 12 });
      const [stray] = world.disk.list(PATH).filter((name) => name.endsWith('-stray'));
      expect(stray).toHaveLength(255);
      expect(stray).toMatch(/x-12\.[0-9a-f]{32}-stray$/);
    }));

  test('the metadata log is left to those who speak KRaft', () =>
    simulated(async (simulation) => {
      const { world } = simulation.host('a');
      world.disk.makeDirectory(`${PATH}/__cluster_metadata-0`);
      expect([...(await open(world)).all()]).toEqual([]);
    }));

  test('to which a write failed are opened anew, and go on', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      const { log } = make(directory, 'orders');
      put(log, 'a');
      log.updateHighWatermark(1);
      host.faults.writeEio = 1;
      put(log, 'b');
      host.faults.writeEio = 0;
      expect(log.fault?.fault).toBe('write');
      // What the write left was cut off, and a power loss must not bring it back under what is written next.
      const again = await openAnew(directory, 'orders');
      expect(again.log.highWatermark).toBe(1);
      put(again.log, 'b');
      expect(values(again.log)).toEqual(['a', 'b']);
    }));

  test('to which a sync failed are opened anew, and what it left out is on the device before they go on', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      const { log } = make(directory, 'orders');
      put(log, 'a');
      host.faults.syncEio = 1;
      await expect(log.flush()).rejects.toThrow('sync failed');
      host.faults.syncEio = 0;
      const again = await openAnew(directory, 'orders');
      put(again.log, 'b');
      await again.log.flush();
      host.crash();
      host.start();
      expect(values(make(await open(host.world), 'orders').log)).toEqual(['a', 'b']);
    }));

  describe('of which one cannot be synced', () => {
    const inDoubt = async (simulation: Simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world);
      put(make(directory, 'healthy').log, 'h');
      put(make(directory, 'orders').log, 'a');
      await directory.get('orders', 0)?.log.flush();
      await directory.checkpoint('recoveryPoint');
      put(make(directory, 'orders').log, 'b');
      host.faults.syncEioIn = `${PATH}/orders-0`;
      await expect(directory.get('orders', 0)?.log.flush()).rejects.toThrow('sync failed');
      host.kill();
      host.start();
      const faults: string[] = [];
      const again = await open(host.world, { onStorageError: ({ fault }) => faults.push(fault) });
      return { host, directory: again, faults };
    };

    test('are open but for that one, which counts for nothing and is told as one that cannot be opened', () =>
      simulated(async (simulation) => {
        const { directory, faults } = await inDoubt(simulation);
        expect([...directory.all()].map(({ topic }) => topic)).toEqual(['healthy']);
        expect([...directory.unopened()]).toMatchObject([{ topic: 'orders', topicId: TOPIC_ID }]);
        await expect(openAnew(directory, 'orders')).rejects.toThrow('cannot be opened');
        await expect(openAnew(directory, 'orders')).rejects.toThrow('cannot be opened');
        expect(new Set(faults)).toEqual(new Set(['open']));
        // It keeps the checkpoint that recovery needs.
        await directory.checkpoint('recoveryPoint');
        expect(text(simulation.host('a').world, 'recovery-point-offset-checkpoint')).toContain('orders 0 0');
      }));

    test('come back with all they had when the device takes it, also after a power loss', () =>
      simulated(async (simulation) => {
        const { host, directory } = await inDoubt(simulation);
        await expect(openAnew(directory, 'orders')).rejects.toThrow('cannot be opened');
        host.faults.syncEioIn = null;
        put((await openAnew(directory, 'orders')).log, 'c');
        await directory.get('orders', 0)?.log.flush();
        host.crash();
        host.start();
        expect(values(make(await open(host.world), 'orders').log)).toEqual(['a', 'b', 'c']);
      }));

    test('end their broker when one that was settled fails', () =>
      simulated(async (simulation) => {
        const { host, directory, faults } = await inDoubt(simulation);
        host.faults.syncEioIn = null;
        const { log } = await openAnew(directory, 'orders');
        host.faults.syncEioIn = `${PATH}/orders-0`;
        put(log, 'c');
        await expect(log.flush()).rejects.toThrow('sync failed');
        expect(faults.at(-1)).toBe('sync');
      }));

    test.each(['written anew', 'settled'])(
      'go without it when it is deleted while it is %s, and nothing is told',
      (moment) =>
        simulated(async (simulation) => {
          const { host, directory, faults } = await inDoubt(simulation);
          host.faults.syncEioIn = null;
          const told = faults.length;
          const of = { topic: 'orders', partition: 0 };
          const made = directory.create(of, TOPIC_ID);
          if (!('ready' in made)) throw new Error('it is not being settled');
          host.faults.syncMs = [50, 50];
          if (moment === 'settled')
            await simulation.until(() => directory.get('orders', 0) !== undefined, 1000);
          directory.delete(of, TOPIC_ID);
          await made.ready;
          expect([directory.holds(of), faults.length]).toEqual([false, told]);
        }),
    );
  });
});

describe('housekeeping', () => {
  describe('a wall clock that jumps seven days ahead', () => {
    const WEEK = 7 * 24 * 60 * 60 * 1000;
    const HALF_HOUR = 30 * 60 * 1000;
    const aging = {
      settings: { segmentBytes: 100, retentionMs: HALF_HOUR, producerIdExpirationMs: HALF_HOUR },
      intervals: { retentionCheckMs: 1000, producerExpiryMs: 1000 },
    };

    /** Four segments, and a producer in the last one. */
    function fill({ log }: StoredLog): void {
      for (let i = 0; i < 4; i++) put(log, `value ${i}`.repeat(3));
      const batch = batchOf(['of a producer'], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
      log.append(batch, { origin: 'client', leaderEpoch: 0 });
      log.writeNow();
      log.updateHighWatermark(5);
    }

    function left({ log }: StoredLog): unknown {
      return { from: log.logStartOffset, producers: log.producers.size };
    }

    test('deletes no segment and forgets no producer before their time', () =>
      simulated(async (simulation) => {
        const host = simulation.host('a');
        const directory = await open(host.world, aging);
        const stored = make(directory, 'orders');
        fill(stored);
        host.clockSkewMs = WEEK;
        await sleep(simulation.clock, 14 * 60 * 1000);
        expect(left(stored)).toEqual({ from: 0, producers: 1 });
        host.clockSkewMs = 0;
        await sleep(simulation.clock, 17 * 60 * 1000);
        expect(left(stored)).toEqual({ from: 5, producers: 0 });
        directory.abandon();
      }));

    test.each(['killed', 'stopped in order'])('while the broker was down, having been %s, neither', (how) =>
      simulated(async (simulation) => {
        const host = simulation.host('a');
        const directory = await open(host.world, aging);
        fill(make(directory, 'orders'));
        await sleep(simulation.clock, 1000);
        if (how === 'killed') directory.abandon();
        else await directory.close(1);
        host.clockSkewMs = WEEK;
        const again = await open(host.world, aging);
        await sleep(simulation.clock, 14 * 60 * 1000);
        const stored = again.get('orders', 0);
        expect(stored && left(stored)).toEqual({ from: 0, producers: 1 });
        again.abandon();
      }),
    );
  });

  test('flush.ms bounds how long records wait for the device', () =>
    simulated(async (simulation) => {
      const directory = await open(simulation.host('a').world, { settings: { flushMs: 1000 } });
      const { log } = make(directory, 'orders');
      put(log, 'a');
      await simulation.until(() => log.syncedEndOffset === 1, 2000);
      directory.abandon();
    }));

  test('what acknowledgements wait for is flushed when a full disk has room again, without an append', () =>
    simulated(async (simulation) => {
      const host = simulation.host('a');
      const directory = await open(host.world, { settings: { flushMessages: 1 } });
      const { log } = make(directory, 'orders');
      await sleep(simulation.clock, 100);
      // The record fits, and the epoch that begins with it does not.
      const record = batchOf(['a']);
      host.faults.capacityBytes = host.files.usedBytes() + record.length;
      log.append(record, { origin: 'coordinator', leaderEpoch: 1 });
      await simulation.until(() => log.fault !== null, 1000);
      await sleep(simulation.clock, 5000);
      expect([log.fault?.fault, log.writtenEndOffset, log.durableEndOffset]).toEqual(['full', 1, 0]);
      host.faults.capacityBytes = Number.POSITIVE_INFINITY;
      await simulation.until(() => log.durableEndOffset === 1, 2000);
      expect(log.syncedEndOffset).toBe(1);
      directory.abandon();
    }));
});

test('a thousand partitions keep few files open', () =>
  simulated(async (simulation) => {
    const { world } = simulation.host('a');
    const directory = await open(world, { openFiles: 50 });
    for (let i = 0; i < 1000; i++) put(make(directory, 'wide', i).log, `value ${i}`);
    expect(directory.shared.files.count).toBeLessThanOrEqual(50);
    for (let i = 0; i < 1000; i += 99) {
      const stored = directory.get('wide', i);
      expect(stored && values(stored.log)).toEqual([`value ${i}`]);
    }
    directory.abandon();
  }));
