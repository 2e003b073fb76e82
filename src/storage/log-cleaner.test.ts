import { describe, expect, test } from 'vitest';
import type { SimHost } from '../../sim/sim-host.ts';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import { readWhole } from '../base/disk.ts';
import { batches } from '../protocol/records/batch.ts';
import type { Compression } from '../protocol/records/compression.ts';
import { endTransactionBatch } from '../protocol/records/control.ts';
import { buildBatch, type NewBatch, readRecords } from '../protocol/records/record.ts';
import { SLOT_BYTES } from './key-offsets.ts';
import { type CleanerLimits, LogCleaner } from './log-cleaner.ts';
import type { LogConfig } from './log-config.ts';
import { defaultLogConfig } from './log-config.ts';
import { LogDirectory } from './log-directory.ts';
import type { PartitionLog } from './partition-log.ts';
import { FOLDER, openLog, values } from './testing/log-bench.ts';

const TIME = 1_750_000_000_000;
const COMPACT: Partial<LogConfig> = { cleanupPolicy: ['compact'], minCleanableDirtyRatio: 0 };

/** A log in a simulated world, and the cleaner of it. */
class Bench {
  readonly simulation: Simulation;
  readonly host: SimHost;
  readonly cleaner: LogCleaner;
  log: PartitionLog;
  checkpoints = 0;

  constructor(
    simulation: Simulation,
    settings: Partial<LogConfig> = {},
    limits: Partial<CleanerLimits> = {},
  ) {
    this.simulation = simulation;
    this.host = simulation.host('a');
    this.log = openLog(this.host.world, { settings: { ...COMPACT, ...settings } });
    this.cleaner = new LogCleaner(this.host.world, {
      logs: () => [this.log],
      checkpoint: async () => void this.checkpoints++,
      limits: () => limits,
    });
  }

  /** Appends one batch: `a=1`, `a` deletes the key a, `=1` has none. */
  put(text: string, more: Partial<NewBatch> = {}): void {
    const records = text.split(' ').map((pair, i) => {
      const [key = '', value] = pair.split('=');
      return {
        timestamp: TIME + i,
        key: key === '' ? null : Buffer.from(key),
        value: value === undefined ? null : Buffer.from(value),
      };
    });
    this.append(buildBatch({ records, ...more }));
  }

  append(bytes: Buffer, origin: 'client' | 'coordinator' = 'coordinator'): void {
    const appended = this.log.append(bytes, { origin, leaderEpoch: 0 });
    if ('error' in appended) throw new Error(appended.message);
    this.log.writeNow();
  }

  end(producerId: number, outcome: 'COMMIT' | 'ABORT'): void {
    this.append(
      endTransactionBatch({ producerId, producerEpoch: 0, outcome, coordinatorEpoch: 0, timestamp: TIME }),
    );
  }

  roll(): void {
    this.log.roll();
    this.log.updateHighWatermark(this.log.writtenEndOffset);
  }

  /** Rolls and compacts all there is. */
  async compact(): Promise<void> {
    this.roll();
    while (await this.cleaner.cleanFilthiest());
  }

  /** From the files: that is what a compaction writes. */
  bytes(): Buffer {
    const { disk } = this.host.world;
    return Buffer.concat(
      this.log.segments.map((segment) => readWhole(disk, segment.log.path) ?? Buffer.alloc(0)),
    );
  }

  /** `0:a=1` for each record that is left. */
  records(): string[] {
    const found: string[] = [];
    for (const { header, bytes } of batches(this.bytes())) {
      if (header.isControl) continue;
      for (const { offset, key, value } of readRecords(bytes)) {
        found.push(`${offset}:${key ?? ''}${value === null ? '' : `=${value}`}`);
      }
    }
    return found;
  }

  markers(): number[] {
    return [...batches(this.bytes())]
      .filter(({ header }) => header.isControl)
      .map(({ header }) => header.baseOffset);
  }

  names(ending: string): string[] {
    return this.host.world.disk.list(FOLDER).filter((name) => name.endsWith(ending));
  }
}

function bench(
  run: (bench: Bench) => Promise<void>,
  settings?: Partial<LogConfig>,
  limits?: Partial<CleanerLimits>,
): Promise<void> {
  const simulation = new Simulation(3);
  return simulation.run(() => run(new Bench(simulation, settings, limits)));
}

describe('what a compaction leaves', () => {
  test('is the last record of each key, at its own offset', () =>
    bench(async (bench) => {
      bench.put('a=1 b=1');
      bench.put('a=2 c=1 a=3');
      await bench.compact();
      expect(bench.records()).toEqual(['1:b=1', '3:c=1', '4:a=3']);
      expect([...batches(bench.bytes())].map(({ header }) => [header.baseOffset, header.lastOffset])).toEqual(
        [
          [0, 1],
          [2, 4],
        ],
      );
      expect(bench.log.endOffset).toBe(5);
    }));

  test('drops what a later compaction finds replaced', () =>
    bench(async (bench) => {
      bench.put('a=1 b=1');
      await bench.compact();
      bench.put('b=2');
      await bench.compact();
      expect(bench.records()).toEqual(['0:a=1', '2:b=2']);
    }));

  test.each<Compression>(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'has the codec of the producer: %s',
    (compression) =>
      bench(async (bench) => {
        bench.put('a=1 b=1 c=1', { compression });
        bench.put('b=2', { compression });
        await bench.compact();
        expect(bench.records()).toEqual(['0:a=1', '2:c=1', '3:b=2']);
        for (const { header } of batches(bench.bytes())) expect(header.compression).toBe(compression);
      }),
  );

  test('has no records without a key: nothing could ever replace them', () =>
    bench(async (bench) => {
      bench.put('=1 a=1');
      await bench.compact();
      expect(bench.records()).toEqual(['1:a=1']);
    }));

  test('keeps the bytes of headers that are no text', () =>
    bench(async (bench) => {
      const headers = [{ key: 'h', value: Buffer.from([0xff, 0xfe]) }];
      const record = (key: string) => ({
        timestamp: TIME,
        key: Buffer.from(key),
        value: Buffer.from('1'),
        headers,
      });
      bench.append(buildBatch({ records: [record('a'), record('b')] }));
      bench.put('a=2');
      await bench.compact();
      const [first] = batches(bench.bytes());
      expect(first && readRecords(first.bytes)[0]?.headers).toEqual(headers);
    }));

  test('takes several rounds when not all keys fit into memory', () =>
    bench(
      async (bench) => {
        for (let i = 0; i < 100; i++) bench.put(`key${i % 50}=${i} x=${i}`);
        bench.roll();
        expect(await bench.cleaner.cleanFilthiest()).toBe(true);
        expect(bench.log.cleaning.cleanedUpTo).toBeLessThan(100);
        while (await bench.cleaner.cleanFilthiest());
        expect(bench.log.cleaning.cleanedUpTo).toBe(200);
        // A round drops what it has a newer record for; older rounds' survivors went with later ones.
        const keys = bench.records().map((line) => line.slice(line.indexOf(':') + 1, line.indexOf('=')));
        expect(new Set(keys).size).toBe(51);
        expect(keys.length).toBe(51);
      },
      {},
      { keyBytes: 40 * SLOT_BYTES },
    ));
});

describe('what is never compacted', () => {
  test('the active segment', () =>
    bench(async (bench) => {
      bench.put('a=1');
      bench.roll();
      bench.put('a=2 a=3');
      bench.log.updateHighWatermark(3);
      await bench.cleaner.cleanFilthiest();
      expect(bench.records()).toEqual(['0:a=1', '1:a=2', '2:a=3']);
    }));

  test('what is not replicated', () =>
    bench(async (bench) => {
      bench.put('a=1 a=2');
      bench.log.roll();
      bench.log.updateHighWatermark(1);
      expect(await bench.cleaner.cleanFilthiest()).toBe(false);
      bench.log.updateHighWatermark(2);
      expect(await bench.cleaner.cleanFilthiest()).toBe(true);
    }));

  test('a transaction that is open, and what comes after it', () =>
    bench(async (bench) => {
      bench.put('a=1 a=2');
      bench.roll();
      bench.put('b=1 b=2', { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true });
      bench.put('c=1 c=2');
      await bench.compact();
      expect(bench.records()).toEqual(['1:a=2', '2:b=1', '3:b=2', '4:c=1', '5:c=2']);
      bench.end(7, 'COMMIT');
      await bench.compact();
      expect(bench.records()).toEqual(['1:a=2', '3:b=2', '5:c=2']);
    }));
});

describe('tombstones and markers', () => {
  test('a deletion is readable for delete.retention.ms after the first compaction that met it', () =>
    bench(
      async (bench) => {
        bench.put('a=1 b=1');
        bench.put('a');
        await bench.compact();
        expect(bench.records()).toEqual(['1:b=1', '2:a']);
        const horizon = [...batches(bench.bytes())].find(({ header }) => header.deleteHorizon);
        expect(horizon?.header.baseTimestamp).toBeGreaterThan(TIME + 1000);
        expect(horizon && readRecords(horizon.bytes)[0]?.timestamp).toBe(TIME);
        bench.put('c=1');
        await bench.compact();
        expect(bench.records()).toContain('2:a');
        await sleep(bench.simulation.clock, 1001);
        bench.put('d=1');
        await bench.compact();
        expect(bench.records()).toEqual(['1:b=1', '3:c=1', '4:d=1']);
      },
      { deleteRetentionMs: 1000 },
    ));

  test('a deletion is readable for as long when the wall clock jumps seven days ahead', () =>
    bench(
      async (bench) => {
        bench.put('a=1 b=1');
        bench.put('a');
        await bench.compact();
        bench.host.clockSkewMs = 7 * 24 * 60 * 60 * 1000;
        bench.put('c=1');
        await bench.compact();
        expect(bench.records()).toContain('2:a');
        await sleep(bench.simulation.clock, 1001);
        bench.put('d=1');
        await bench.compact();
        expect(bench.records()).toEqual(['1:b=1', '3:c=1', '4:d=1']);
      },
      { deleteRetentionMs: 1000 },
    ));

  test('aborted data goes at once, its marker when the data was gone for delete.retention.ms', () =>
    bench(
      async (bench) => {
        const txn = { producerId: 7, producerEpoch: 0, isTransactional: true };
        bench.put('a=1');
        bench.put('a=2 b=2', { ...txn, baseSequence: 0 });
        bench.end(7, 'ABORT');
        bench.put('x=1', { ...txn, baseSequence: 2 });
        bench.end(7, 'COMMIT');
        const rounds: unknown[] = [];
        for (let round = 0; round < 4; round++) {
          bench.put(`r=${round}`);
          await bench.compact();
          rounds.push([bench.records().filter((line) => !line.includes('r=')), bench.markers()]);
          await sleep(bench.simulation.clock, 1001);
        }
        expect(rounds).toEqual([
          // The marker stays as long as a batch of its transaction was there to be read with it.
          [
            ['0:a=1', '4:x=1'],
            [3, 5],
          ],
          [
            ['0:a=1', '4:x=1'],
            [3, 5],
          ],
          [['0:a=1', '4:x=1'], [5]],
          [['0:a=1', '4:x=1'], [5]],
        ]);
        expect(bench.log.reads.abortedTransactions(0, 100)).toEqual([]);
      },
      { deleteRetentionMs: 1000 },
    ));

  test('while an aborted batch is there for its sequence, the index tells of its transaction', () =>
    bench(async (bench) => {
      bench.put('a=1', { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true });
      bench.end(7, 'ABORT');
      await bench.compact();
      expect(bench.records()).toEqual([]);
      expect(bench.log.reads.abortedTransactions(0, 10)).toMatchObject([
        { producerId: 7, firstOffset: 0, lastOffset: 1 },
      ]);
    }));

  test('aborted data is not read from memory when the index tells of its transaction no more', () =>
    bench(async (bench) => {
      bench.put('a=1');
      bench.put('a=aborted', { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true });
      bench.end(7, 'ABORT');
      bench.put('b=1', { producerId: 7, producerEpoch: 0, baseSequence: 1 });
      await bench.compact();
      bench.put('b=2');
      await bench.compact();
      expect(bench.log.reads.abortedTransactions(0, 10)).toEqual([]);
      expect(values(bench.log)).not.toContain('aborted');
      expect(values(bench.log)).toEqual(expect.arrayContaining(['1', '2']));
    }));
});

test('a producer goes on where it was, though all its records are replaced', () =>
  bench(async (bench) => {
    const producer = { producerId: 7, producerEpoch: 0, baseSequence: 0 };
    const batch = (baseSequence: number) =>
      buildBatch({
        ...producer,
        baseSequence,
        records: [{ timestamp: TIME, key: Buffer.from('a'), value: Buffer.from('1') }],
      });
    bench.append(batch(0), 'client');
    bench.append(batch(1), 'client');
    bench.put('a=2');
    await bench.compact();
    expect(bench.records()).toEqual(['2:a=2']);
    for (const name of bench.names('.snapshot')) bench.host.world.disk.remove(`${FOLDER}/${name}`);
    await bench.log.flush();
    bench.log.abandon();
    bench.log = openLog(bench.host.world, { settings: COMPACT, recoveryPoint: 3 });
    expect(bench.log.append(batch(1), { origin: 'client', leaderEpoch: 0 })).toMatchObject({
      duplicate: true,
      baseOffset: 1,
    });
    expect(bench.log.append(batch(2), { origin: 'client', leaderEpoch: 0 })).toMatchObject({ baseOffset: 3 });
  }));

describe('segments', () => {
  test('small ones become one, and their files are gone', () =>
    bench(async (bench) => {
      for (let i = 0; i < 5; i++) {
        bench.put(`a=${i} b=${i}`);
        bench.log.roll();
      }
      expect(bench.names('.log').length).toBe(6);
      await bench.compact();
      expect(bench.log.segmentBaseOffsets).toEqual([0, 10]);
      expect(
        bench.names('').filter((name) => !/^\d{20}\.(log|index|timeindex|snapshot)$|^leader/.test(name)),
      ).toEqual(['segments-adjoin']);
      expect(bench.names('.log').length).toBe(2);
    }));

  test('adjoin: the end of what was compacted does not fall', () =>
    bench(async (bench) => {
      bench.put('a=1');
      bench.put('b=1');
      bench.log.roll();
      bench.put('a=2 b=2');
      bench.log.truncateTo(4);
      await bench.compact();
      bench.log.abandon();
      bench.log = openLog(bench.host.world, { settings: COMPACT, recoveryPoint: 0 });
      expect([bench.log.endOffset, bench.records()]).toEqual([4, ['2:a=2', '3:b=2']]);
    }));

  test('that would stay as they are, are not replaced', () =>
    bench(async (bench) => {
      bench.put('a=1');
      await bench.compact();
      const { disk } = bench.host.world;
      const renamed: string[] = [];
      const rename = disk.rename.bind(disk);
      disk.rename = (from, to) => {
        renamed.push(to);
        rename(from, to);
      };
      bench.log.updateConfig({ ...bench.log.config, segmentBytes: 100 });
      bench.put('b=1');
      await bench.compact();
      expect(renamed.filter((name) => name.includes('.swap'))).toEqual([]);
    }));

  test('the active one is closed when max.compaction.lag.ms is over', () =>
    bench(
      async (bench) => {
        bench.put('a=1');
        const record = { timestamp: TIME + 1001, key: Buffer.from('a'), value: Buffer.from('2') };
        bench.append(buildBatch({ records: [record] }));
        expect(bench.log.segmentBaseOffsets).toEqual([0, 1]);
      },
      { maxCompactionLagMs: 1000 },
    ));

  test('of compact,delete are deleted when they are old, while they are compacted too', () =>
    bench(
      async (bench) => {
        for (let i = 0; i < 50; i++) bench.put(`key${i}=${'x'.repeat(200)} same=${i}`);
        bench.roll();
        const cleaning = bench.cleaner.cleanFilthiest();
        await sleep(bench.simulation.clock, 0.1);
        expect(bench.log.trimming.deleteOldSegments()).toBeGreaterThan(0);
        await cleaning;
        while (await bench.cleaner.cleanFilthiest());
        const left = bench.records();
        expect(left.filter((line) => line.includes('same='))).toEqual(['99:same=49']);
        expect(bench.log.logStartOffset).toBeGreaterThan(0);
        expect(left.filter((line) => line.includes('key')).length).toBeGreaterThan(5);
      },
      { cleanupPolicy: ['compact', 'delete'], segmentBytes: 2000, retentionBytes: 5000, retentionMs: -1 },
    ));
});

test('retention may take the marker of an aborted transaction at any instant of a compaction', async () => {
  const txn = { producerId: 7, producerEpoch: 0, isTransactional: true };
  const settings: Partial<LogConfig> = {
    cleanupPolicy: ['compact', 'delete'],
    segmentBytes: 200,
    retentionMs: -1,
  };
  const atOnce = { hasCleaned: 0, hasNotCleaned: 0 };
  for (let n = 0; n < 80; n++) {
    await bench(async (bench) => {
      bench.put('x=1');
      bench.put('a=aborted', { ...txn, baseSequence: 0 });
      bench.end(7, 'ABORT');
      bench.roll();
      bench.put('a=2 c=1', { ...txn, baseSequence: 1 });
      bench.end(7, 'COMMIT');
      bench.roll();
      bench.put('a=3', { ...txn, baseSequence: 3 });
      bench.end(7, 'COMMIT');
      bench.roll();
      bench.put('x=2');
      bench.roll();
      await bench.log.flush();
      const cleaning = bench.cleaner.cleanFilthiest();
      await sleep(bench.simulation.clock, n / 20);
      atOnce[bench.names('.cleaned').length > 0 ? 'hasCleaned' : 'hasNotCleaned']++;
      bench.log.trimming.advanceLogStartOffset(3);
      bench.log.trimming.deleteOldSegments();
      await cleaning;
      while (await bench.cleaner.cleanFilthiest());
      expect(bench.records()).toEqual(['4:c=1', '6:a=3', '8:x=2']);
    }, settings);
  }
  // Keys were still being noted, and segments were being written anew.
  expect(Math.min(atOnce.hasCleaned, atOnce.hasNotCleaned)).toBeGreaterThan(5);
});

describe('a compaction that is interrupted leaves the log as it was', () => {
  async function midway(bench: Bench): Promise<Promise<boolean>[]> {
    for (let i = 0; i < 20; i++) bench.put(`key${i % 3}=${i}`);
    bench.roll();
    const cleaning = bench.cleaner.cleanFilthiest();
    await bench.simulation.until(() => bench.names('.cleaned').length > 0, 1000);
    return [cleaning];
  }

  test('by a truncation', () =>
    bench(async (bench) => {
      const [cleaning] = await midway(bench);
      bench.log.truncateTo(15);
      expect(await cleaning).toBe(false);
      expect(bench.records().length).toBe(15);
      expect([bench.names('.cleaned'), bench.log.cleaning.cleanedUpTo]).toEqual([[], null]);
    }));

  test('by the deletion of the topic', () =>
    bench(async (bench) => {
      const [cleaning] = await midway(bench);
      bench.log.delete();
      expect(await cleaning).toBe(false);
      expect(bench.host.world.disk.exists(FOLDER)).toBe(false);
    }));

  test('by the broker’s stop', () =>
    bench(async (bench) => {
      const [cleaning] = await midway(bench);
      await bench.cleaner.stop();
      expect(await cleaning).toBe(false);
      expect([bench.names('.cleaned'), bench.records().length]).toEqual([[], 20]);
    }));

  test('by a full disk, and it is tried again', () =>
    bench(async (bench) => {
      for (let i = 0; i < 20; i++) bench.put(`key${i % 3}=${i}`);
      bench.roll();
      await bench.log.flush();
      bench.host.faults.capacityBytes = bench.host.files.usedBytes() + 50;
      expect(await bench.cleaner.cleanFilthiest()).toBe(false);
      expect([bench.records().length, bench.log.fault]).toEqual([20, null]);
      bench.host.faults.capacityBytes = Number.POSITIVE_INFINITY;
      expect(await bench.cleaner.cleanFilthiest()).toBe(false);
      await sleep(bench.simulation.clock, 60_001);
      expect(await bench.cleaner.cleanFilthiest()).toBe(true);
      expect([bench.records().length, bench.names('.cleaned')]).toEqual([3, []]);
    }));

  test('by a sync that fails', () =>
    bench(async (bench) => {
      const [cleaning] = await midway(bench);
      bench.host.faults.syncEio = 1;
      expect(await cleaning).toBe(false);
      expect([bench.records().length, bench.log.fault, bench.names('.cleaned')]).toEqual([20, null, []]);
    }));

  test('by a batch that is damaged, which is not made to look sound', () =>
    bench(async (bench) => {
      bench.put('a=1 b=1');
      bench.put('a=2');
      bench.roll();
      await bench.log.flush();
      const path = `${FOLDER}/00000000000000000000.log`;
      bench.host.files.file(path)?.flipBit(70, 1);
      const before = readWhole(bench.host.world.disk, path);
      expect(await bench.cleaner.cleanFilthiest()).toBe(false);
      expect(readWhole(bench.host.world.disk, path)).toEqual(before);
      await sleep(bench.simulation.clock, 100_000);
      expect(await bench.cleaner.cleanFilthiest()).toBe(false);
    }));
});

test('a reader’s bytes stay what they were when the segment is replaced', () =>
  bench(async (bench) => {
    bench.put('a=1 b=1');
    bench.put('a=2');
    bench.roll();
    const read = bench.log.reads.read(0, { maxBytes: 1000, minOneBatch: true });
    if ('error' in read) throw new Error(read.error);
    const before = Buffer.concat([...read.parts]);
    while (await bench.cleaner.cleanFilthiest());
    expect(Buffer.concat([...read.parts])).toEqual(before);
    read.release();
    expect(bench.records()).toEqual(['1:b=1', '2:a=2']);
  }));

test('other work goes on while a large log is compacted', () =>
  bench(async (bench) => {
    for (let i = 0; i < 40; i++) bench.put(`a=${'x'.repeat(50_000)} b${i}=${'y'.repeat(50_000)}`);
    bench.roll();
    await bench.log.flush();
    let [others, done] = [0, false];
    const other = () => {
      others++;
      if (!done) bench.host.world.clock.after(0.01, other);
    };
    other();
    expect(await bench.cleaner.cleanFilthiest()).toBe(true);
    done = true;
    // Four megabytes are read twice in windows of 128 KiB.
    expect(others).toBeGreaterThan(60);
  }));

describe('the cleaner of a data folder', () => {
  const open = (simulation: Simulation) =>
    LogDirectory.open(simulation.host('a').world, {
      path: '/data',
      clusterId: 'c1',
      brokerId: 1,
      configOf: (topic) => ({ ...defaultLogConfig, ...(topic === 'plain' ? {} : COMPACT) }),
      onStorageError: () => {},
    });

  function fill(directory: LogDirectory, topic: string): PartitionLog {
    const stored = directory.create({ topic, partition: 0 }, 'kFQz2rJ1TfSWb0dyLSZvcA');
    if ('error' in stored) throw new Error(stored.message);
    const record = (i: number) => ({ timestamp: TIME, key: Buffer.from('a'), value: Buffer.from(String(i)) });
    for (let i = 0; i < 5; i++) {
      stored.log.append(buildBatch({ records: [record(i)] }), { origin: 'coordinator', leaderEpoch: 0 });
    }
    stored.log.roll();
    stored.log.updateHighWatermark(5);
    return stored.log;
  }

  test('compacts by itself what is to be compacted, and keeps in Kafka’s file how far it is', async () => {
    const simulation = new Simulation(4);
    await simulation.run(async () => {
      const directory = await open(simulation);
      const [orders, plain] = [fill(directory, 'orders'), fill(directory, 'plain')];
      const sizes = [orders.sizeInBytes, plain.sizeInBytes];
      await sleep(simulation.clock, 16_000);
      expect(orders.sizeInBytes).toBeLessThan(sizes[0] ?? 0);
      expect(plain.sizeInBytes).toBe(sizes[1]);
      const { disk } = simulation.host('a').world;
      const text = () => readWhole(disk, '/data/cleaner-offset-checkpoint')?.toString('utf8');
      expect(text()).toBe('0\n1\norders 0 5\n');
      await directory.close(1);
      const again = await open(simulation);
      expect(again.get('orders', 0)?.log.cleaning.cleanedUpTo).toBe(5);
      again.delete({ topic: 'orders', partition: 0 }, 'kFQz2rJ1TfSWb0dyLSZvcA');
      await again.close(2);
      expect(text()).toBe('0\n0\n');
    });
  });

  test('takes the log with the largest dirty share first', async () => {
    const simulation = new Simulation(4);
    await simulation.run(async () => {
      const directory = await open(simulation);
      const [half, all] = [fill(directory, 'half'), fill(directory, 'all')];
      half.cleaning.cleanedUpTo = 3;
      const cleaned: PartitionLog[] = [];
      const cleaner = new LogCleaner(simulation.host('a').world, {
        logs: () => [half, all],
        checkpoint: async () => {
          for (const log of [half, all])
            if (log.cleaning.cleanedUpTo === 5 && !cleaned.includes(log)) cleaned.push(log);
        },
        limits: () => ({}),
      });
      half.append(buildBatch({ records: [{ timestamp: TIME, key: Buffer.from('b'), value: null }] }), {
        origin: 'coordinator',
        leaderEpoch: 0,
      });
      half.cleaning.cleanedUpTo = 5;
      half.roll();
      half.updateHighWatermark(6);
      await cleaner.cleanFilthiest();
      expect([all.cleaning.cleanedUpTo, half.cleaning.cleanedUpTo]).toEqual([5, 5]);
      await cleaner.cleanFilthiest();
      expect(half.cleaning.cleanedUpTo).toBe(6);
      directory.abandon();
    });
  });
});
