import { describe, expect, test } from 'vitest';
import { between } from '../../sim/chance.ts';
import { Simulation } from '../../sim/simulation.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { at, batches, HEADER_BYTES } from '../protocol/records/batch.ts';
import { endTransactionBatch } from '../protocol/records/control.ts';
import { crc32c } from '../protocol/records/crc32c.ts';
import { buildBatch, readRecords } from '../protocol/records/record.ts';
import { LogCleaner } from './log-cleaner.ts';
import type { PartitionLog } from './partition-log.ts';
import { batchOf, FOLDER, openLog, put } from './testing/log-bench.ts';

const ALL = { maxBytes: 1e6, minOneBatch: true, isUrgent: false, withAborted: true };
const SEEDS = 40;
/** A read of one slice takes at most half a millisecond in the simulator, and each read here has several. */
const WITHIN_MS = [0, 3] as const;

interface Seen {
  readonly values: string[];
  /** Offsets of the data batches of each producer, as `producer@offset`. */
  readonly transactional: string[];
  readonly aborted: string[];
}

/**
 * What a read gives while, at a time that the seed chooses, something else is done to the log; for many
 * seeds.
 */
async function readsBeside(
  fill: (log: PartitionLog, world: World) => Promise<void> | void,
  change: (log: PartitionLog, world: World) => Promise<void> | void,
  { settings = {}, startsWithinMs = 0 } = {},
): Promise<(Seen | 'changed')[]> {
  const results: (Seen | 'changed')[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const simulation = new Simulation(seed);
    const seen = await simulation.run(async () => {
      const { world } = simulation.host('a');
      const log = openLog(world, { settings });
      await fill(log, world);
      // Who replaces segments works for a while first.
      const changing = sleep(world.clock, between(simulation.random, WITHIN_MS)).then(() =>
        change(log, world),
      );
      await sleep(world.clock, between(simulation.random, [0, startsWithinMs]));
      const read = await log.reads.readCold(log.logStartOffset, ALL);
      await changing;
      if (read === null) return 'changed';
      if ('error' in read) throw new Error(read.error);
      const seen = whatIsIn(Buffer.concat([...read.parts]), read.abortedTransactions);
      read.release();
      return seen;
    });
    results.push(seen);
  }
  return results;
}

function whatIsIn(
  bytes: Buffer,
  aborted: readonly { producerId: number; firstOffset: number; lastOffset: number }[],
): Seen {
  const values: string[] = [];
  const transactional: string[] = [];
  for (const { header, bytes: batch } of batches(bytes)) {
    if (header.isControl) continue;
    for (const { value } of readRecords(batch)) values.push(value?.toString() ?? '');
    if (header.isTransactional) transactional.push(`${header.producerId}@${header.baseOffset}`);
  }
  return {
    values,
    transactional,
    aborted: transactional.filter((one) => {
      const [producerId, offset] = one.split('@').map(Number);
      return aborted.some(
        (txn) =>
          txn.producerId === producerId &&
          txn.firstOffset <= Number(offset) &&
          Number(offset) <= txn.lastOffset,
      );
    }),
  };
}

const letters = (from: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${String.fromCharCode(from.charCodeAt(0) + i)}`);

function fillWithLetters(log: PartitionLog): void {
  for (const value of letters('a', 4)) put(log, value.repeat(3000));
  log.roll();
  for (const value of letters('e', 4)) put(log, value.repeat(3000));
  log.updateHighWatermark(log.writtenEndOffset);
}

const firstLetters = ({ values }: Seen) => values.map((value) => value[0]).join('');

describe('a read of files that waits for the device', () => {
  test('gives nothing of a log that was cut and written anew meanwhile', async () => {
    const results = await readsBeside(fillWithLetters, async (log) => {
      log.truncateTo(2);
      await log.flush();
      for (const value of letters('A', 6)) put(log, value.repeat(3000));
    });
    const whole = results.filter((result) => result !== 'changed');
    expect(new Set(whole.map(firstLetters))).toEqual(new Set(['abcdefgh']));
    expect(whole.length).toBeLessThan(SEEDS);
  });

  test('gives what was there when it began though more is appended', async () => {
    const results = await readsBeside(fillWithLetters, (log) => {
      for (const value of letters('i', 4)) put(log, value.repeat(3000));
      log.roll();
      put(log, 'm');
    });
    expect(new Set(results.map((result) => (result === 'changed' ? result : firstLetters(result))))).toEqual(
      new Set(['abcdefgh']),
    );
  });

  test('makes no file again of a segment that was deleted meanwhile', async () => {
    const names = new Set<string>();
    const fill = async (log: PartitionLog) => {
      fillWithLetters(log);
      await log.flush();
    };
    const change = async (log: PartitionLog, world: World) => {
      log.trimming.deleteOldSegments();
      await sleep(world.clock, 10);
      for (const name of world.disk.list(FOLDER)) names.add(name);
    };
    const results = await readsBeside(fill, change, { settings: { retentionBytes: 1 } });
    expect([...names].filter((name) => name.startsWith('00000000000000000000.'))).toEqual([]);
    expect(results).toContain('changed');
  });

  test('gives nothing from below a log start that moved meanwhile', async () => {
    const results = await readsBeside(fillWithLetters, (log) => {
      log.trimming.advanceLogStartOffset(3);
    });
    expect(results).toContain('changed');
  });

  test('knows of every aborted batch it gives, also when a compaction replaces the segments meanwhile', async () => {
    const fill = (log: PartitionLog) => {
      const append = (bytes: Buffer) => {
        const appended = log.append(bytes, { origin: 'coordinator', leaderEpoch: 0 });
        if ('error' in appended) throw new Error(appended.message);
        log.writeNow();
      };
      for (let producerId = 1; producerId <= 6; producerId++) {
        const record = {
          timestamp: 1,
          key: Buffer.from(`k${producerId}`),
          value: Buffer.from('x'.repeat(2000)),
        };
        append(
          buildBatch({
            records: [record],
            producerId,
            producerEpoch: 0,
            baseSequence: 0,
            isTransactional: true,
          }),
        );
        const end = { producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1 };
        append(endTransactionBatch({ ...end, outcome: producerId % 2 === 0 ? 'COMMIT' : 'ABORT' }));
        if (producerId % 2 === 0) log.roll();
      }
      log.roll();
      append(batchOf(['end']));
      log.updateHighWatermark(log.writtenEndOffset);
    };
    const results = await readsBeside(
      async (log) => {
        fill(log);
        await log.flush();
      },
      async (log, world) => {
        const cleaner = new LogCleaner(world, {
          logs: () => [log],
          checkpoint: async () => {},
          limits: () => ({}),
        });
        while (await cleaner.cleanFilthiest());
      },
      {
        settings: { cleanupPolicy: ['compact'], minCleanableDirtyRatio: 0, deleteRetentionMs: 0 },
        startsWithinMs: 40,
      },
    );
    const isAborted = (one: string) => Number(one.split('@')[0]) % 2 === 1;
    for (const result of results) {
      if (result !== 'changed') expect(result.aborted).toEqual(result.transactional.filter(isAborted));
    }
    expect(results).toContain('changed');
    expect(results.some((result) => result !== 'changed' && result.aborted.length === 3)).toBe(true);
  });
});

/** A batch whose header says another time than its only record, as nothing checks when it is compressed. */
function liar(timestamp: number, claimed: number): Buffer {
  const records = [{ timestamp, key: null, value: Buffer.alloc(1000) }];
  const batch = buildBatch({ records, compression: 'gzip' });
  batch.writeBigInt64BE(BigInt(claimed), at.maxTimestamp);
  batch.writeUInt32BE(crc32c(batch, at.attributes), at.crc);
  return batch;
}

describe('a search by time that waits for the device', () => {
  test('opens batches that hold nothing in a turn of the loop each', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const { world } = simulation.host('a');
      let turns = 0;
      const clock: Clock = {
        now: () => world.clock.now(),
        monotonic: () => world.clock.monotonic(),
        after: (ms, run) => world.clock.after(ms, run),
        soon(run) {
          turns++;
          world.clock.soon(run);
        },
      };
      const log = openLog({ ...world, clock }, {});
      for (let i = 0; i < 20; i++) {
        log.append(liar(1000, 5000), { origin: 'coordinator', leaderEpoch: 0 });
        log.writeNow();
      }
      turns = 0;
      expect(await log.reads.findTimestamp(4000)).toEqual({ found: null });
      expect(turns).toBe(20);
    });
  });

  test('is answered with CORRUPT_MESSAGE where a batch cannot be opened', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const { world } = simulation.host('a');
      const log = openLog(world, {});
      const broken = liar(1000, 5000);
      broken.fill(7, HEADER_BYTES);
      broken.writeUInt32BE(crc32c(broken, at.attributes), at.crc);
      log.append(broken, { origin: 'coordinator', leaderEpoch: 0 });
      log.writeNow();
      expect(await log.reads.findTimestamp(4000)).toEqual({ error: 'CORRUPT_MESSAGE' });
    });
  });

  test('finds the record at or after the time, or says that the log changed', async () => {
    let changed = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulation = new Simulation(seed);
      await simulation.run(async () => {
        const { world } = simulation.host('a');
        const log = openLog(world, { settings: { indexIntervalBytes: 1 } });
        for (let i = 0; i < 40; i++) {
          log.append(batchOf([`v${i}`], { timestamp: 1000 + 10 * i }), {
            origin: 'coordinator',
            leaderEpoch: 0,
          });
          log.writeNow();
          if (i % 10 === 9) log.roll();
        }
        const first = { offset: 0, timestamp: 1000, leaderEpoch: 0 };
        const middle = { offset: 16, timestamp: 1160, leaderEpoch: 0 };
        const last = { offset: 39, timestamp: 1390, leaderEpoch: 0 };
        expect(await log.reads.findTimestamp(0)).toEqual({ found: first });
        expect(await log.reads.findTimestamp(1000)).toEqual({ found: first });
        expect(await log.reads.findTimestamp(1155)).toEqual({ found: middle });
        expect(await log.reads.findTimestamp(1390)).toEqual({ found: last });
        expect(await log.reads.findTimestamp(1391)).toEqual({ found: null });
        expect(await log.reads.findTimestamp('largest')).toEqual({ found: last });
        const searching = log.reads.findTimestamp(1205);
        await sleep(world.clock, between(simulation.random, [0, 1]));
        log.truncateTo(15);
        const search = await searching;
        if (search === 'changed') changed++;
        else expect(search).toMatchObject({ found: { offset: 21 } });
      });
    }
    expect(changed).toBeGreaterThan(0);
  });
});
