import { describe, expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { readWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { endTransactionBatch } from '../protocol/records/control.ts';
import type { PartitionLog } from './partition-log.ts';
import {
  batchOf,
  boundaries,
  FOLDER,
  openLog,
  overwrite,
  put,
  segmentBytes,
  values,
} from './testing/log-bench.ts';

const NOW = 1_750_000_000_000;
const SETTINGS = { segmentBytes: 700, indexIntervalBytes: 150 };
const sent = Array.from({ length: 40 }, (_, i) => `value-${i}-${'x'.repeat(i % 7)}`);

/** A log with three segments, stopped without a word (its bytes are in the page cache all the same). */
function written(simulation = new Simulation(1)): { world: World; log: PartitionLog } {
  const { world } = simulation.host('a');
  const log = openLog(world, { settings: SETTINGS });
  for (const [i, value] of sent.slice(0, 20).entries()) {
    const batch = batchOf([value], { producerId: 5, producerEpoch: 0, baseSequence: i });
    log.append(batch, { origin: 'client', leaderEpoch: Math.floor(i / 6) });
    log.writeNow();
  }
  return { world, log };
}

function reopen(world: World, recoveryPoint = 0): PartitionLog {
  return openLog(world, { settings: SETTINGS, recoveryPoint });
}

function lastSegment(world: World): string {
  const names = world.disk.list(FOLDER).filter((name) => name.endsWith('.log'));
  return names.at(-1) ?? '';
}

/** What every log that was recovered must be able to do. */
function expectToWork(log: PartitionLog, kept: readonly string[]): void {
  expect(values(log)).toEqual(kept);
  for (let offset = 0; offset < kept.length; offset++) {
    const read = log.reads.read(offset, { maxBytes: 1, minOneBatch: true });
    expect('error' in read ? read.error : read.sizeInBytes).toBeGreaterThan(0);
  }
  const next = batchOf(['next'], { producerId: 5, producerEpoch: 0, baseSequence: kept.length });
  expect(log.append(next, { origin: 'client', leaderEpoch: 9 })).toMatchObject({ baseOffset: kept.length });
  log.writeNow();
  expect(values(log)).toEqual([...kept, 'next']);
}

describe('after a power loss at any change to the disk', () => {
  test.each([1, 2, 3, 4])('what was synced is there, in order, and nothing else (seed %i)', async (seed) => {
    for (let operations = 1; operations < 170; operations++) {
      const simulation = new Simulation(seed * 1000 + operations);
      const host = simulation.host('a');
      const state = { synced: 0, done: false };
      const life = async (): Promise<void> => {
        const log = openLog(host.world, { settings: SETTINGS });
        host.crashAfter(operations);
        for (const [i, value] of sent.entries()) {
          const batch = batchOf([value], { producerId: 5, producerEpoch: 0, baseSequence: i });
          log.append(batch, { origin: 'client', leaderEpoch: Math.floor(i / 9) });
          if (i % 3 === 2) log.writeNow();
          if (i % 5 !== 4) continue;
          await log.flush();
          if (!host.alive) return;
          state.synced = log.syncedEndOffset;
          expect(state.synced).toBe(i + 1);
        }
        state.done = true;
      };
      await simulation.run(async () => {
        life().catch(() => {});
        await simulation.until(() => state.done || !host.alive, 60_000);
      });
      host.crash();
      const world = host.start();
      const log = reopen(world, state.synced);
      const kept = values(log);
      expect(kept).toEqual(sent.slice(0, kept.length));
      expect(kept.length, `seed ${simulation.seed}`).toBeGreaterThanOrEqual(state.synced);
      const epochs = Array.from({ length: Math.ceil(kept.length / 9) }, (_, i) => ({
        epoch: i,
        startOffset: i * 9,
      }));
      expect(log.epochs.entries).toEqual(epochs);
      expectToWork(log, kept);
    }
  });
});

describe('a torn tail', () => {
  test('is cut to the last whole batch, wherever it is torn', () => {
    const { world } = written();
    const name = lastSegment(world);
    const path = `${FOLDER}/${name}`;
    const whole = segmentBytes(world, name);
    const edges = boundaries(whole);
    const before = 20 - (edges.length - 1);
    for (let size = 0; size <= whole.length; size++) {
      overwrite(world, path, whole.subarray(0, size));
      const log = reopen(world, before);
      const kept = before + edges.filter((edge) => edge <= size).length - 1;
      expect(log.endOffset).toBe(kept);
      expect(segmentBytes(world, name).length).toBe(edges.findLast((edge) => edge <= size));
      if (size % 25 === 0) expectToWork(log, sent.slice(0, kept));
      log.abandon();
    }
  });

  test('of zeros is cut', () => {
    const { world } = written();
    const name = lastSegment(world);
    const whole = segmentBytes(world, name);
    overwrite(world, `${FOLDER}/${name}`, Buffer.concat([whole, Buffer.alloc(4096)]));
    expectToWork(reopen(world), sent.slice(0, 20));
  });
});

test('a segment that a power loss left cut ends the log, though those after it are back and the checkpoint is beyond', () => {
  const { world } = written();
  const names = world.disk.list(FOLDER).filter((name) => name.endsWith('.log'));
  expect(names.length).toBeGreaterThan(2);
  const [first = ''] = names;
  const whole = segmentBytes(world, first);
  for (const [kept, edge] of boundaries(whole).slice(0, -1).entries()) {
    const { world: again } = written();
    overwrite(again, `${FOLDER}/${first}`, whole.subarray(0, edge));
    expectToWork(reopen(again, 20), sent.slice(0, kept));
  }
});

test('a segment whose cut a power loss undid is whole, and the one that was begun after the cut goes', () => {
  const { world } = written();
  const names = world.disk.list(FOLDER).filter((name) => name.endsWith('.log'));
  const [, second = '', third = ''] = names;
  const end = Number(third.slice(0, -'.log'.length));
  expect(boundaries(segmentBytes(world, second)).length).toBeGreaterThan(3);
  // The log was cut within its second segment, and rolled there before the device knew of the cut.
  world.disk.remove(`${FOLDER}/${third}`);
  overwrite(world, `${FOLDER}/${String(end - 2).padStart(20, '0')}.log`, Buffer.alloc(0));
  expectToWork(reopen(world, 20), sent.slice(0, end));
});

describe('a flipped bit', () => {
  const flips = (whole: Buffer): number[] => {
    const [, start = 0, end = 0] = boundaries(whole);
    return Array.from({ length: (end - start) * 8 }, (_, bit) => start * 8 + bit);
  };

  test('beyond the recovery point ends the log before its batch', () => {
    const { world } = written();
    const name = lastSegment(world);
    const whole = segmentBytes(world, name);
    const before = 20 - (boundaries(whole).length - 1);
    for (const bit of flips(whole)) {
      const at = Math.floor(bit / 8) - (boundaries(whole)[1] ?? 0);
      // Base offset and leader epoch lie outside the checksum; there only what contradicts the order is seen.
      if (at < 8 || (at >= 12 && at < 16)) continue;
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      overwrite(world, `${FOLDER}/${name}`, damaged);
      const log = reopen(world, before);
      expect(log.endOffset, `bit ${bit}`).toBe(before + 1);
      log.abandon();
    }
  });

  test('below it is never served: the batch is refused when it is read, and what is before it is not', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.host('a');
    const log = openLog(world);
    await simulation.run(async () => {
      for (const value of ['a', 'b', 'c']) put(log, value);
      await log.close();
    });
    const whole = segmentBytes(world);
    const [, start = 0, end = 0] = boundaries(whole);
    for (let byte = start + 17; byte < end; byte++) {
      const damaged = Buffer.from(whole);
      damaged[byte] = (damaged[byte] ?? 0) ^ 1;
      overwrite(world, `${FOLDER}/00000000000000000000.log`, damaged);
      const faults: string[] = [];
      const again = openLog(world, { clean: true, onStorageError: (error) => faults.push(error.fault) });
      const read = (offset: number) => {
        const result = again.reads.read(offset, { maxBytes: 9999, minOneBatch: true });
        return 'error' in result ? result.error : result.sizeInBytes;
      };
      expect(read(0)).toBe(start);
      expect(read(1)).toBe('CORRUPT_MESSAGE');
      // A header that lies about its last offset hides what comes after it.
      expect([whole.length - end, 'CORRUPT_MESSAGE']).toContain(read(2));
      expect(new Set(faults)).toEqual(new Set(['corrupt']));
      again.abandon();
    }
  });
});

describe('damage in an older segment beyond the recovery point', () => {
  test('ends the log there, and the segments after it go', () => {
    const { world } = written();
    const names = world.disk.list(FOLDER).filter((name) => name.endsWith('.log'));
    const damaged = segmentBytes(world, names[1]);
    const [, second = 0] = boundaries(damaged);
    damaged[second + 70] = (damaged[second + 70] ?? 0) ^ 1;
    overwrite(world, `${FOLDER}/${names[1]}`, damaged);
    const log = reopen(world);
    expect(log.endOffset).toBe(Number(names[1]?.slice(0, 20)) + 1);
    expect(world.disk.list(FOLDER)).not.toContain(names[2]);
    expectToWork(log, sent.slice(0, log.endOffset));
  });
});

describe('what was derived from the log is rebuilt', () => {
  const files = ['.index', '.timeindex', '.snapshot'];
  const damage: [string, (world: World, path: string) => void][] = [
    ['missing', (world, path) => world.disk.remove(path)],
    ['empty', (world, path) => overwrite(world, path, Buffer.alloc(0))],
    ['zeros', (world, path) => overwrite(world, path, Buffer.alloc(96))],
    ['torn', (world, path) => overwrite(world, path, Buffer.alloc(13, 1))],
    ['nonsense', (world, path) => overwrite(world, path, Buffer.alloc(96, 0x5a))],
  ];
  for (const clean of [false, true]) {
    for (const ending of files) {
      test.each(damage)(`after a ${clean ? 'clean stop' : 'crash'}, ${ending} files: %s`, async (_, harm) => {
        const simulation = new Simulation(1);
        const { world } = simulation.host('a');
        const log = openLog(world, { settings: SETTINGS });
        await simulation.run(async () => {
          for (const [i, value] of sent.slice(0, 20).entries()) {
            const batch = batchOf([value], {
              producerId: 5,
              producerEpoch: 0,
              baseSequence: i,
              timestamp: NOW + i,
            });
            log.append(batch, { origin: 'client', leaderEpoch: 0 });
            log.writeNow();
          }
          await log.close();
        });
        for (const name of world.disk.list(FOLDER)) {
          if (name.endsWith(ending)) harm(world, `${FOLDER}/${name}`);
        }
        const again = openLog(world, { settings: SETTINGS, clean, recoveryPoint: 20 });
        await simulation.run(async () => {
          for (let i = 0; i < 20; i++) {
            expect(await again.reads.findTimestamp(NOW + i)).toMatchObject({ found: { offset: i } });
          }
        });
        const retry = batchOf(['x'], { producerId: 5, producerEpoch: 0, baseSequence: 18 });
        // Snapshots keep only the last batch of a producer, as Kafka's do.
        const known = batchOf(['x'], { producerId: 5, producerEpoch: 0, baseSequence: 19 });
        expect(again.append(known, { origin: 'client', leaderEpoch: 0 })).toMatchObject({ duplicate: true });
        expect(again.append(retry, { origin: 'client', leaderEpoch: 0 })).not.toMatchObject({
          duplicate: false,
        });
        expectToWork(again, sent.slice(0, 20));
      });
    }
  }

  test('aborted transactions are found again, and open ones are still open', () => {
    const { world } = new Simulation(1).host('a');
    const log = openLog(world);
    const begin = (producerId: number) =>
      log.append(batchOf(['x'], { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }), {
        origin: 'client',
        leaderEpoch: 0,
      });
    begin(1);
    begin(2);
    const marker = {
      producerId: 2,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      timestamp: 1,
      outcome: 'ABORT',
    } as const;
    log.append(endTransactionBatch(marker), { origin: 'coordinator', leaderEpoch: 0 });
    log.writeNow();
    const aborted = log.reads.abortedTransactions(0, 10);
    expect(aborted).toHaveLength(1);
    const again = openLog(world, { highWatermark: 3 });
    expect(again.reads.abortedTransactions(0, 10)).toEqual(aborted);
    expect(again.lastStableOffset).toBe(0);
  });
});

describe('a clean stop', () => {
  test('leaves a log that opens without reading it, and stays as it was when nothing happens', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.host('a');
    await simulation.run(async () => {
      const log = openLog(world, { settings: SETTINGS });
      for (const value of sent) put(log, value);
      await log.close();
      const again = openLog(world, { settings: SETTINGS, clean: true });
      expect([again.endOffset, again.syncedEndOffset]).toEqual([40, 40]);
      await again.close();
      expectToWork(openLog(world, { settings: SETTINGS, clean: true }), sent);
    });
  });

  test('that lied is noticed when the last batch is torn', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.host('a');
    await simulation.run(async () => {
      const log = openLog(world);
      for (const value of ['a', 'b', 'c']) put(log, value);
      await log.close();
    });
    overwrite(world, `${FOLDER}/00000000000000000000.log`, segmentBytes(world).subarray(0, -1));
    expect(openLog(world, { clean: true, recoveryPoint: 3 }).endOffset).toBe(2);
  });
});

test('a log whose files were taken away begins at its start offset', () => {
  const { world } = written();
  world.disk.removeDirectory(FOLDER);
  const log = openLog(world, { logStartOffset: 15, recoveryPoint: 20 });
  expect([log.logStartOffset, log.endOffset]).toEqual([15, 15]);
});

test('left-overs of interrupted deletions and compactions are swept', () => {
  const { world } = written();
  for (const name of [
    '00000000000000000000.log.deleted',
    '00000000000000000007.log.cleaned',
    '00000000000000000099.index',
  ])
    overwrite(world, `${FOLDER}/${name}`, Buffer.from('x'));
  reopen(world);
  expect(world.disk.list(FOLDER).filter((name) => /deleted|cleaned|99\.index/.test(name))).toEqual([]);
});

test('a snapshot older than the first batch that is left is not believed', async () => {
  const simulation = new Simulation(1);
  const { world } = simulation.host('a');
  const settings = { ...SETTINGS, retentionMs: 1000 };
  const log = openLog(world, { settings });
  await simulation.run(async () => {
    for (let i = 0; i < 20; i++) {
      log.append(batchOf([sent[i] ?? ''], { producerId: 5, producerEpoch: 0, baseSequence: i }), {
        origin: 'client',
        leaderEpoch: 0,
      });
      log.writeNow();
    }
    await log.flush();
  });
  const [, second = 0, third = 0] = log.segmentBaseOffsets;
  const path = (offset: number) => `${FOLDER}/${String(offset).padStart(20, '0')}.snapshot`;
  const stale = readWhole(world.disk, path(second)) ?? Buffer.alloc(0);
  log.updateHighWatermark(20);
  log.trimming.deleteOldSegments(NOW + 1001);
  log.abandon();
  // The crash came between the removal of the segments and that of their snapshots, and tore the newest ones.
  for (const name of world.disk.list(FOLDER)) {
    if (name.endsWith('.snapshot')) world.disk.remove(`${FOLDER}/${name}`);
  }
  overwrite(world, path(second), stale);
  expect(third).toBeGreaterThan(second);
  const again = openLog(world, { settings, recoveryPoint: 20, logStartOffset: log.logStartOffset });
  const next = batchOf(['next'], { producerId: 5, producerEpoch: 0, baseSequence: 20 });
  expect(again.append(next, { origin: 'client', leaderEpoch: 0 })).toMatchObject({ duplicate: false });
});

test('indexes that a recovery rebuilt are on the device before the recovery point passes them', async () => {
  const simulation = new Simulation(1);
  const { world } = written(simulation);
  const path = (offset: number, ending: string) => `${FOLDER}/${String(offset).padStart(20, '0')}.${ending}`;
  const log = reopen(world);
  const [, second = 0] = log.segmentBaseOffsets;
  await simulation.run(() => log.flush());
  expect(log.recoveryPoint).toBeGreaterThan(second);
  log.abandon();
  const rebuilt = readWhole(world.disk, path(second, 'timeindex'));
  await simulation.run(() => reopen(world).close());
  expect(rebuilt).toEqual(readWhole(world.disk, path(second, 'timeindex')));
  expect(rebuilt?.length).toBeGreaterThan(0);
});

test('a log that is given up does not call a segment complete whose indexes are not on the device', async () => {
  const simulation = new Simulation(1);
  const { world } = simulation.host('a');
  const log = openLog(world, { settings: SETTINGS });
  await simulation.run(async () => {
    put(log, 'a');
    await log.flush();
    log.roll();
    log.abandon();
  });
  expect([log.syncedEndOffset, log.recoveryPoint]).toEqual([1, 0]);
});

test('a log that is given up during a flush does not count as synced: its epochs are not saved', async () => {
  const simulation = new Simulation(1);
  const { world } = simulation.host('a');
  const log = openLog(world, { settings: SETTINGS });
  await simulation.run(async () => {
    put(log, 'a');
    const flushed = log.flush();
    log.abandon();
    await expect(flushed).rejects.toThrow('a sync failed');
  });
  expect(readWhole(world.disk, `${FOLDER}/leader-epoch-checkpoint`)).toBe(null);
  expect([log.syncedEndOffset, log.recoveryPoint]).toEqual([0, 0]);
});
