import { describe, expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import type { World } from '../base/world.ts';
import { batches, readBatchHeader } from '../protocol/records/batch.ts';
import { endTransactionBatch } from '../protocol/records/control.ts';
import { buildBatch } from '../protocol/records/record.ts';
import { SharedStorage } from './shared-storage.ts';
import { StorageError } from './storage-error.ts';
import { batchOf, FOLDER, openLog, put, segmentBytes, values } from './testing/log-bench.ts';

const NOW = 1_750_000_000_000;
/** An arena holds it all: reads come from memory. */
const IN_MEMORY = { tailBytes: 64 * 1024 * 1024 };
const EVERYTHING = { maxBytes: 1_000_000, minOneBatch: true };

function worldOf(simulation = new Simulation(1)): World {
  return simulation.host('a').world;
}

describe('append and read', () => {
  test('offsets and leader epoch are given, everything else stays as the client sent it', () => {
    const log = openLog(worldOf());
    put(log, 'a', 'b');
    const sent = batchOf(['c', 'd', 'e'], { compression: 'gzip' });
    const before = Buffer.from(sent);
    expect(log.append(sent, { origin: 'client', leaderEpoch: 5 })).toEqual({
      baseOffset: 2,
      lastOffset: 4,
      logAppendTime: -1,
      logStartOffset: 0,
      duplicate: false,
    });
    log.writeNow();
    const read = log.reads.read(2, EVERYTHING);
    if ('error' in read) throw new Error(read.error);
    const stored = Buffer.concat([...read.parts]);
    expect(readBatchHeader(stored, 0)).toMatchObject({ baseOffset: 2, partitionLeaderEpoch: 5 });
    expect(stored.subarray(16)).toEqual(before.subarray(16));
  });

  test('nothing is read, and nobody is told, before the turn’s one write', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const log = openLog(worldOf(simulation));
      const told: number[] = [];
      log.onWritten((endOffset) => told.push(endOffset));
      log.append(batchOf(['a']), { origin: 'client', leaderEpoch: 0 });
      log.append(batchOf(['b']), { origin: 'client', leaderEpoch: 0 });
      expect(log.endOffset).toBe(2);
      expect(log.writtenEndOffset).toBe(0);
      expect(log.reads.read(0, EVERYTHING)).toMatchObject({ sizeInBytes: 0 });
      await simulation.until(() => log.writtenEndOffset === 2, 10);
      expect(told).toEqual([2]);
      expect(values(log)).toEqual(['a', 'b']);
    });
  });

  test.each([
    ['from memory', IN_MEMORY],
    ['from files', { tailBytes: 0 }],
  ])('reads give whole batches within the limits, %s', (_, memory) => {
    const world = worldOf();
    const shared = new SharedStorage(world, memory);
    const log = openLog(world, { shared });
    for (const value of ['aa', 'bb', 'cc', 'dd']) put(log, value);
    // A second log pushes the first out of a memory of two arenas.
    if (memory.tailBytes === 0) {
      const other = openLog(world, { shared, directory: '/data/other-0' });
      for (let i = 0; i < 10; i++) put(other, 'x'.repeat(20_000));
    }
    const size = batchOf(['aa']).length;
    const sizes = (offset: number, limits: { maxBytes: number; upTo?: number; minOneBatch: boolean }) => {
      const read = log.reads.read(offset, limits);
      return 'error' in read ? read.error : read.sizeInBytes;
    };
    expect(sizes(0, { maxBytes: 3 * size, minOneBatch: true })).toBe(3 * size);
    expect(sizes(0, { maxBytes: 3 * size - 1, minOneBatch: true })).toBe(2 * size);
    expect(sizes(0, { maxBytes: 1, minOneBatch: true })).toBe(size);
    expect(sizes(0, { maxBytes: 1, minOneBatch: false })).toBe(0);
    expect(sizes(1, { maxBytes: 9999, upTo: 3, minOneBatch: true })).toBe(2 * size);
    expect(sizes(3, { maxBytes: 9999, upTo: 3, minOneBatch: true })).toBe(0);
    expect(sizes(4, { maxBytes: 9999, minOneBatch: true })).toBe(0);
    expect(sizes(5, { maxBytes: 9999, minOneBatch: true })).toBe('OFFSET_OUT_OF_RANGE');
    expect(sizes(-1, { maxBytes: 9999, minOneBatch: true })).toBe('OFFSET_OUT_OF_RANGE');
  });

  test('memory that a reader still holds is not written over, and what was in it is read from the file', () => {
    const world = worldOf();
    const shared = new SharedStorage(world, { tailBytes: 0 });
    const log = openLog(world, { shared });
    const value = 'held'.repeat(5_000);
    put(log, value);
    const held = log.reads.read(0, EVERYTHING);
    if ('error' in held) throw new Error(held.error);
    for (let i = 0; i < 30; i++) put(log, String.fromCharCode(97 + (i % 26)).repeat(25_000));
    expect(Buffer.concat([...held.parts]).includes(value)).toBe(true);
    held.release();
    expect(values(log)).toEqual([
      value,
      ...Array.from({ length: 30 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(25_000)),
    ]);
  });

  test('a batch larger than an arena is stored and read', () => {
    const log = openLog(worldOf());
    put(log, 'small');
    put(log, 'x'.repeat(6_000_000));
    put(log, 'after');
    expect(values(log).map((value) => value.length)).toEqual([5, 6_000_000, 5]);
  });

  test('under LogAppendTime the batch has the broker’s time and a checksum that fits it', async () => {
    const simulation = new Simulation(1);
    const log = openLog(worldOf(simulation), { settings: { messageTimestampType: 'LogAppendTime' } });
    const result = log.append(batchOf(['a'], { timestamp: 5 }), { origin: 'client', leaderEpoch: 0 });
    log.writeNow();
    expect(result).toMatchObject({ logAppendTime: NOW });
    const search = await simulation.run(() => log.reads.findTimestamp(NOW));
    expect(search).toEqual({ found: { offset: 0, timestamp: NOW, leaderEpoch: 0 } });
    expect(values(log)).toEqual(['a']);
  });

  test('a retry of an idempotent batch is answered with its first place and adds nothing', () => {
    const log = openLog(worldOf());
    const send = (baseSequence: number) =>
      log.append(batchOf(['a', 'b'], { producerId: 9, producerEpoch: 0, baseSequence }), {
        origin: 'client',
        leaderEpoch: 0,
      });
    send(0);
    send(2);
    expect(send(0)).toMatchObject({ duplicate: true, baseOffset: 0, lastOffset: 1 });
    expect(send(9)).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    expect(log.endOffset).toBe(4);
  });
});

describe('replication', () => {
  const replicate = (log: ReturnType<typeof openLog>, bytes: Buffer, leaderEpoch = 3) => {
    const result = log.append(bytes, { origin: 'replication', leaderEpoch });
    log.writeNow();
    return result;
  };

  test('a follower has the leader’s bytes, offsets and epochs', () => {
    const world = worldOf();
    const leader = openLog(world, { directory: '/data/leader-0' });
    for (const leaderEpoch of [1, 1, 3]) {
      leader.append(batchOf(['a', 'b']), { origin: 'client', leaderEpoch });
      leader.writeNow();
    }
    const read = leader.reads.read(0, EVERYTHING);
    if ('error' in read) throw new Error(read.error);
    const follower = openLog(world);
    replicate(follower, Buffer.concat([...read.parts]));
    expect(segmentBytes(world)).toEqual(Buffer.concat([...read.parts]));
    expect(follower.epochs.entries).toEqual(leader.epochs.entries);
  });

  test('gaps that compaction left are kept; what lies below the end is refused', async () => {
    const simulation = new Simulation(1);
    const log = openLog(simulation.host('a').world);
    replicate(log, batchOf(['a'], { baseOffset: 0, leaderEpoch: 3 }));
    const afterGap = batchOf(['b'], { baseOffset: 10, leaderEpoch: 3 });
    await simulation.run(async () => log.admit(afterGap));
    expect(replicate(log, afterGap)).toMatchObject({ lastOffset: 10 });
    expect(replicate(log, batchOf(['c'], { baseOffset: 10, leaderEpoch: 3 }))).toMatchObject({
      error: 'OFFSET_OUT_OF_RANGE',
    });
    expect(values(log, 0)).toEqual(['a', 'b']);
    expect(values(log, 4)).toEqual(['b']);
  });

  test('a damaged batch is refused, and one of a leader we do not know yet is left for later', () => {
    const log = openLog(worldOf());
    const damaged = batchOf(['a'], { baseOffset: 0, leaderEpoch: 3 });
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
    expect(replicate(log, damaged)).toMatchObject({ error: 'CORRUPT_MESSAGE' });
    replicate(log, batchOf(['a'], { baseOffset: 0, leaderEpoch: 4 }), 3);
    expect(log.endOffset).toBe(0);
  });
});

describe('segments', () => {
  test('a full segment is followed by the next, and reads go over both', () => {
    const world = worldOf();
    const log = openLog(world, { settings: { segmentBytes: 200, indexIntervalBytes: 0 } });
    const sent = Array.from({ length: 10 }, (_, i) => `value-${i}`);
    for (const value of sent) put(log, value);
    expect(log.segmentBaseOffsets.length).toBeGreaterThan(3);
    expect(values(log)).toEqual(sent);
    expect(values(log, 7)).toEqual(sent.slice(7));
  });

  test('the time in a segment is counted from its first batch', () => {
    const log = openLog(worldOf(), { settings: { segmentMs: 1000 } });
    const at = (timestamp: number) => {
      log.append(batchOf(['x'], { timestamp }), { origin: 'client', leaderEpoch: 0 });
      log.writeNow();
    };
    at(5000);
    at(6000);
    expect(log.segmentBaseOffsets).toEqual([0]);
    at(6001);
    expect(log.segmentBaseOffsets).toEqual([0, 2]);
  });

  test('the same holds when the batches come in one turn', () => {
    const log = openLog(worldOf(), { settings: { segmentMs: 1000 } });
    for (const timestamp of [5000, 6000, 6001]) {
      log.append(batchOf(['x'], { timestamp }), { origin: 'client', leaderEpoch: 0 });
    }
    log.writeNow();
    expect(log.segmentBaseOffsets).toEqual([0, 2]);
  });

  test('an append that no segment can hold is refused', () => {
    const log = openLog(worldOf(), { settings: { segmentBytes: 100 } });
    const answer = log.append(batchOf(['x'.repeat(100)]), { origin: 'client', leaderEpoch: 0 });
    expect(answer).toMatchObject({ error: 'RECORD_LIST_TOO_LARGE' });
    expect(log.endOffset).toBe(0);
  });

  test('offsets too far for the index begin a segment', async () => {
    const simulation = new Simulation(1);
    const { world } = simulation.host('a');
    const log = openLog(world);
    log.append(batchOf(['a'], { baseOffset: 0 }), { origin: 'replication', leaderEpoch: 0 });
    const far = batchOf(['b'], { baseOffset: 2 ** 32 });
    await simulation.run(async () => log.admit(far));
    log.append(far, { origin: 'replication', leaderEpoch: 0 });
    log.writeNow();
    expect(openLog(world).endOffset).toBe(2 ** 32 + 1);
    expect(log.segmentBaseOffsets).toEqual([0, 2 ** 32]);
    expect(values(log)).toEqual(['a', 'b']);
  });
});

describe('truncation', () => {
  test('cuts whole batches, over segments, and forgets producers and epochs of what went', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const log = openLog(worldOf(simulation), { settings: { segmentBytes: 300 } });
      for (let i = 0; i < 10; i++) {
        const batch = batchOf([`v${i}`], { producerId: 1, producerEpoch: 0, baseSequence: i });
        log.append(batch, { origin: 'client', leaderEpoch: i });
        log.writeNow();
      }
      await log.flush();
      log.updateHighWatermark(10);
      expect(log.truncateTo(4)).toBe(true);
      expect([log.endOffset, log.highWatermark, log.syncedEndOffset, log.latestEpoch]).toEqual([4, 4, 4, 3]);
      const again = batchOf(['new'], { producerId: 1, producerEpoch: 0, baseSequence: 4 });
      expect(log.append(again, { origin: 'client', leaderEpoch: 20 })).toMatchObject({ baseOffset: 4 });
      log.writeNow();
      expect(values(log)).toEqual(['v0', 'v1', 'v2', 'v3', 'new']);
      expect(log.endOffsetForEpoch(3)).toEqual({ epoch: 3, endOffset: 4 });
    });
  });

  test('to the end forgets an epoch that has no record, as a leader has it that never got one', async () => {
    const simulation = new Simulation(1);
    await simulation.run(async () => {
      const log = openLog(worldOf(simulation));
      put(log, 'a', 'b');
      const { latestEpoch } = log;
      log.assignEpoch(latestEpoch + 3, 2);
      log.updateHighWatermark(2);
      log.truncateTo(2);
      expect([log.latestEpoch, log.endOffset, log.highWatermark]).toEqual([latestEpoch, 2, 2]);
      expect(log.isUnsettled).toBe(true);
      await log.flush();
      expect(values(log)).toEqual(['a', 'b']);
    });
  });

  test('within a batch takes all of it', () => {
    const log = openLog(worldOf());
    put(log, 'a', 'b');
    put(log, 'c', 'd');
    log.truncateTo(3);
    expect(log.endOffset).toBe(2);
    expect(values(log)).toEqual(['a', 'b']);
  });

  test('in full begins anew at an offset', () => {
    const log = openLog(worldOf(), { settings: { segmentBytes: 100 } });
    for (let i = 0; i < 5; i++) put(log, `v${i}`);
    log.truncateFully(100);
    expect([log.logStartOffset, log.endOffset, log.highWatermark]).toEqual([100, 100, 100]);
    expect(put(log, 'first')).toMatchObject({ baseOffset: 100 });
    expect(values(log)).toEqual(['first']);
  });
});

describe('the start of the log', () => {
  test('moves forward up to the high watermark, and what is below is out of range', () => {
    const log = openLog(worldOf());
    for (let i = 0; i < 5; i++) put(log, `v${i}`);
    log.updateHighWatermark(3);
    expect(log.trimming.advanceLogStartOffset(4)).toBe(false);
    expect(log.trimming.advanceLogStartOffset(3)).toBe(true);
    expect(log.trimming.advanceLogStartOffset(1)).toBe(true);
    expect(log.logStartOffset).toBe(3);
    expect(log.reads.read(2, EVERYTHING)).toEqual({ error: 'OFFSET_OUT_OF_RANGE' });
  });

  test('retention removes old segments below the high watermark only', () => {
    const world = worldOf();
    const log = openLog(world, { settings: { segmentBytes: 100, retentionMs: 1000 } });
    for (let i = 0; i < 5; i++) put(log, `value ${i}`.repeat(3));
    expect(log.trimming.deleteOldSegments(NOW + 1001)).toBe(0);
    log.updateHighWatermark(3);
    expect(log.trimming.deleteOldSegments(NOW + 1000)).toBe(0);
    expect(log.trimming.deleteOldSegments(NOW + 1001)).toBe(3);
    expect(log.logStartOffset).toBe(3);
    expect(world.disk.list(FOLDER).filter((name) => name.endsWith('.log'))).toHaveLength(2);
    log.updateHighWatermark(5);
    log.trimming.deleteOldSegments(NOW + 1001);
    expect([log.logStartOffset, log.endOffset]).toEqual([5, 5]);
    expect(put(log, 'next')).toMatchObject({ baseOffset: 5 });
  });

  test('retention by size keeps at least what it says', () => {
    const log = openLog(worldOf(), { settings: { segmentBytes: 100, retentionMs: -1, retentionBytes: 250 } });
    for (let i = 0; i < 6; i++) put(log, `value ${i}`.repeat(3));
    log.updateHighWatermark(6);
    log.trimming.deleteOldSegments();
    expect(log.sizeInBytes).toBeGreaterThanOrEqual(250);
    expect(log.sizeInBytes).toBeLessThan(350);
  });

  test('a compacted log keeps everything that is above its start', () => {
    const settings = { segmentBytes: 100, retentionMs: 1, cleanupPolicy: ['compact'] as const };
    const log = openLog(worldOf(), { settings });
    for (let i = 0; i < 5; i++) put(log, `value ${i}`.repeat(3));
    log.updateHighWatermark(5);
    expect(log.trimming.deleteOldSegments(NOW * 2)).toBe(0);
    log.trimming.advanceLogStartOffset(2);
    expect(log.trimming.deleteOldSegments(NOW * 2)).toBe(2);
  });

  test('segments below a snapshot go', () => {
    const log = openLog(worldOf(), { settings: { segmentBytes: 100, retentionMs: -1 } });
    for (let i = 0; i < 5; i++) put(log, `value ${i}`.repeat(3));
    log.updateHighWatermark(5);
    log.trimming.deleteSegmentsBelow(3);
    expect([log.logStartOffset, log.segmentBaseOffsets[0]]).toEqual([3, 3]);
  });
});

describe('timestamps', () => {
  const SETTINGS = { segmentBytes: 400, indexIntervalBytes: 0 };
  const simulation = new Simulation(1);
  const log = openLog(worldOf(simulation), { settings: SETTINGS });
  for (const [i, timestamp] of [100, 300, 200, 500, 500, 400, 50, 600].entries()) {
    log.append(batchOf([`v${i}`], { timestamp }), { origin: 'client', leaderEpoch: i });
    log.writeNow();
  }

  test.each([
    [0, { offset: 0, timestamp: 100, leaderEpoch: 0 }],
    [100, { offset: 0, timestamp: 100, leaderEpoch: 0 }],
    [101, { offset: 1, timestamp: 300, leaderEpoch: 1 }],
    [250, { offset: 1, timestamp: 300, leaderEpoch: 1 }],
    [301, { offset: 3, timestamp: 500, leaderEpoch: 3 }],
    [450, { offset: 3, timestamp: 500, leaderEpoch: 3 }],
    [500, { offset: 3, timestamp: 500, leaderEpoch: 3 }],
    [501, { offset: 7, timestamp: 600, leaderEpoch: 7 }],
    [600, { offset: 7, timestamp: 600, leaderEpoch: 7 }],
    [601, null],
  ])('the first record at or after %i', async (target, found) => {
    expect(await simulation.run(() => log.reads.findTimestamp(target))).toEqual({ found });
  });

  test('the first of the records with the largest timestamp is found', async () => {
    const simulation = new Simulation(2);
    const other = openLog(worldOf(simulation), { settings: SETTINGS });
    for (const timestamp of [100, 600, 600, 200]) {
      other.append(batchOf(['v'], { timestamp }), { origin: 'client', leaderEpoch: 0 });
      other.writeNow();
    }
    const found = { offset: 1, timestamp: 600, leaderEpoch: 0 };
    expect(await simulation.run(() => other.reads.findTimestamp('largest'))).toEqual({ found });
  });

  test('in nanoseconds they are found to the last digit, though a number does not hold one', async () => {
    const simulation = new Simulation(3);
    const other = openLog(worldOf(simulation), { settings: SETTINGS });
    const start = 1_764_326_400_123_456_789n;
    for (let i = 0n; i < 12n; i++) {
      const timestamp = start + i;
      other.append(buildBatch({ records: [{ timestamp, key: null, value: Buffer.from('some value') }] }), {
        origin: 'client',
        leaderEpoch: 0,
      });
      other.writeNow();
    }
    await simulation.run(async () => {
      for (let i = 0; i < 12; i++) {
        const timestamp = start + BigInt(i);
        const found = { offset: i, timestamp, leaderEpoch: 0 };
        expect(await other.reads.findTimestamp(timestamp)).toEqual({ found });
      }
      expect(await other.reads.findTimestamp(start + 12n)).toEqual({ found: null });
      expect(await other.reads.findTimestamp(5)).toMatchObject({ found: { offset: 0 } });
    });
  });

  test('within a batch, the record counts and not the batch', async () => {
    const simulation = new Simulation(2);
    const other = openLog(worldOf(simulation));
    const records = [10, 30, 20].map((timestamp) => ({ timestamp, key: null, value: null }));
    other.append(buildBatch({ records, compression: 'gzip' }), { origin: 'client', leaderEpoch: 0 });
    other.writeNow();
    await simulation.run(async () => {
      const found = { offset: 1, timestamp: 30 };
      expect(await other.reads.findTimestamp(15)).toMatchObject({ found });
      expect(await other.reads.findTimestamp('largest')).toMatchObject({ found });
    });
  });
});

describe('transactions', () => {
  test('the last stable offset waits for the marker, and aborted ones are told to readers', () => {
    const log = openLog(worldOf());
    const write = (producerId: number, baseSequence: number) =>
      log.append(batchOf(['x'], { producerId, producerEpoch: 0, baseSequence, isTransactional: true }), {
        origin: 'client',
        leaderEpoch: 0,
      });
    const mark = (producerId: number, outcome: 'COMMIT' | 'ABORT') =>
      log.append(
        endTransactionBatch({ producerId, producerEpoch: 0, outcome, coordinatorEpoch: 0, timestamp: 1 }),
        { origin: 'coordinator', leaderEpoch: 0 },
      );
    write(1, 0);
    write(2, 0);
    mark(2, 'ABORT');
    log.writeNow();
    log.updateHighWatermark(3);
    expect(log.lastStableOffset).toBe(0);
    mark(1, 'COMMIT');
    log.writeNow();
    expect(log.lastStableOffset).toBe(0);
    log.updateHighWatermark(4);
    expect(log.lastStableOffset).toBe(4);
    expect(log.reads.abortedTransactions(0, 4)).toEqual([
      { producerId: 2, firstOffset: 1, lastOffset: 2, lastStableOffset: 0 },
    ]);
    expect(log.reads.abortedTransactions(3, 4)).toEqual([]);
  });
});

describe('a disk that fails', () => {
  async function failing(run: (simulation: Simulation, log: ReturnType<typeof openLog>) => Promise<void>) {
    const simulation = new Simulation(3);
    await simulation.run(async () => {
      const { world } = simulation.host('a');
      const faults: StorageError[] = [];
      const log = openLog(world, {
        onStorageError: (error) => faults.push(error),
        settings: { segmentBytes: 5000 },
      });
      await run(simulation, log);
      expect(faults.length).toBeGreaterThan(0);
    });
  }
  const sequenced = (baseSequence: number, bytes = 100) =>
    batchOf(['x'.repeat(bytes)], { producerId: 1, producerEpoch: 0, baseSequence });
  const client = { origin: 'client', leaderEpoch: 0 } as const;

  test('when it is full: nothing of the turn is kept, waiters are told, reads go on, and it mends itself', () =>
    failing(async (simulation, log) => {
      const host = simulation.host('a');
      log.append(sequenced(0), client);
      log.writeNow();
      const kept = segmentBytes(host.world);
      host.faults.capacityBytes = host.files.usedBytes() + 250;
      const failures: StorageError[] = [];
      log.onFailed((error) => failures.push(error));
      log.append(sequenced(1), client);
      log.append(sequenced(2), { ...client, leaderEpoch: 1 });
      log.writeNow();
      expect(failures.map((error) => error.fault)).toEqual(['full']);
      expect(segmentBytes(host.world)).toEqual(kept);
      expect([log.endOffset, log.writtenEndOffset, log.latestEpoch]).toEqual([1, 1, 0]);
      expect(values(log)).toHaveLength(1);
      expect(log.append(sequenced(1), client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
      host.faults.capacityBytes = Number.POSITIVE_INFINITY;
      await new Promise<void>((done) => simulation.clock.after(1001, done));
      expect(log.append(sequenced(1), client)).toMatchObject({ baseOffset: 1, duplicate: false });
      log.writeNow();
      expect(values(log)).toHaveLength(2);
    }));

  test('whoever is told that its log takes no more appends finds the log so', () => {
    const { world, faults } = new Simulation(3).host('a');
    const told: (string | undefined)[] = [];
    const log = openLog(world, { onStorageError: ({ fault }) => told.push(fault, log.fault?.fault) });
    log.append(sequenced(0), client);
    faults.writeEio = 1;
    log.writeNow();
    expect(told).toEqual(['write', 'write']);
  });

  test('when it was full, what was cut off does not come back in the place of what it took next', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const simulation = new Simulation(seed);
      await simulation.run(async () => {
        const host = simulation.host('a');
        const log = openLog(host.world);
        put(log, 'first');
        await log.flush();
        host.faults.capacityBytes = host.files.usedBytes() + 250;
        for (const value of ['refused', 'refused too']) {
          log.append(batchOf([value.padEnd(100)]), { origin: 'coordinator', leaderEpoch: 0 });
        }
        log.writeNow();
        host.faults.capacityBytes = Number.POSITIVE_INFINITY;
        await new Promise<void>((done) => simulation.clock.after(1001, done));
        put(log, 'next');
        host.crash();
        host.start();
        expect(['first', 'first next']).toContain(values(openLog(host.world)).join(' '));
      });
    }
  });

  test('when it was full it may be cut back, or begin anew, as soon as there is room again', () =>
    failing(async (simulation, log) => {
      const host = simulation.host('a');
      log.append(sequenced(0), client);
      log.writeNow();
      host.faults.capacityBytes = host.files.usedBytes() + 10;
      log.append(sequenced(1), client);
      log.writeNow();
      expect([log.truncateTo(0), log.truncateFully(7)]).toEqual([false, false]);
      host.faults.capacityBytes = Number.POSITIVE_INFINITY;
      await new Promise<void>((done) => simulation.clock.after(1001, done));
      expect([log.truncateTo(0), log.endOffset]).toEqual([true, 0]);
      expect([log.truncateFully(7), log.logStartOffset, log.endOffset]).toEqual([true, 7, 7]);
    }));

  test('when it is full, an epoch goes with the records that brought it, and one that is led here stays', () =>
    failing(async (simulation, log) => {
      const host = simulation.host('a');
      host.faults.capacityBytes = host.files.usedBytes() + 10;
      const replicated = batchOf(['x'], { leaderEpoch: 4 });
      log.append(replicated, { origin: 'replication', leaderEpoch: 4 });
      log.writeNow();
      expect([log.endOffset, log.latestEpoch]).toEqual([0, -1]);
      host.faults.capacityBytes = Number.POSITIVE_INFINITY;
      await new Promise<void>((done) => simulation.clock.after(1001, done));
      log.assignEpoch(5, 0);
      host.faults.capacityBytes = host.files.usedBytes() + 10;
      log.append(sequenced(0), { ...client, leaderEpoch: 5 });
      log.writeNow();
      expect([log.endOffset, log.latestEpoch]).toEqual([0, 5]);
    }));

  test('when it takes less than it was given, the rest is written', async () => {
    const simulation = new Simulation(3);
    const { world, faults } = simulation.host('a');
    const log = openLog(world);
    faults.shortWrite = 0.7;
    for (let i = 0; i < 20; i++) put(log, `value ${i}`);
    expect(values(log)).toHaveLength(20);
  });

  test('an error in the middle of a write leaves no part of it, and the log waits to be opened anew', () =>
    failing(async (simulation, log) => {
      const host = simulation.host('a');
      log.append(sequenced(0), client);
      log.writeNow();
      const kept = segmentBytes(host.world);
      host.faults.writeEio = 1;
      log.append(sequenced(1), client);
      log.writeNow();
      host.faults.writeEio = 0;
      await new Promise<void>((done) => simulation.clock.after(5000, done));
      expect(log.append(sequenced(1), client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
      expect(segmentBytes(host.world)).toEqual(kept);
      log.abandon();
      const again = openLog(host.world);
      expect(again.append(sequenced(1), client)).toMatchObject({ baseOffset: 1 });
    }));

  test('after a failed sync nothing is acknowledged and none is tried again', () =>
    failing(async (simulation, log) => {
      const host = simulation.host('a');
      log.updateConfig({ ...log.config, flushMessages: 1 });
      const durable: number[] = [];
      log.onDurable((endOffset) => durable.push(endOffset));
      host.faults.syncEio = 1;
      log.append(sequenced(0), client);
      await simulation.until(() => log.fault !== null, 1000);
      host.faults.syncEio = 0;
      expect(log.fault?.fault).toBe('sync');
      await expect(log.flush()).rejects.toBeInstanceOf(StorageError);
      expect(durable).toEqual([]);
      expect(log.append(sequenced(1), client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    }));
});

describe('flush.messages', () => {
  test('acknowledgements wait for the device, and those that come meanwhile share the next sync', async () => {
    const simulation = new Simulation(4);
    await simulation.run(async () => {
      const host = simulation.host('a');
      host.faults.syncMs = [5, 5];
      const log = openLog(host.world, { settings: { flushMessages: 1 } });
      await log.flush();
      const durable: number[] = [];
      log.onDurable((endOffset) => {
        durable.push(endOffset);
        expect(log.syncedEndOffset).toBeGreaterThanOrEqual(endOffset);
      });
      put(log, 'a');
      for (let i = 0; i < 10; i++) put(log, 'b');
      expect(log.durableEndOffset).toBe(0);
      await simulation.until(() => log.durableEndOffset === 11, 1000);
      expect(durable).toEqual([1, 11]);
    });
  });

  test('what a killed process had not synced does not count before the next one has', async () => {
    const simulation = new Simulation(4);
    await simulation.run(async () => {
      const host = simulation.host('a');
      put(openLog(host.world), 'a');
      host.kill();
      const log = openLog(host.start(), { settings: { flushMessages: 1 } });
      expect([log.endOffset, log.durableEndOffset]).toEqual([1, 0]);
      await simulation.until(() => log.durableEndOffset === 1, 1000);
      expect(log.syncedEndOffset).toBe(1);
    });
  });

  test('by default they do not wait', () => {
    const log = openLog(worldOf());
    put(log, 'a');
    expect([log.durableEndOffset, log.syncedEndOffset]).toEqual([1, 0]);
  });
});

test('the batches of a read are those that were appended, whatever the sizes', () => {
  const world = worldOf();
  const log = openLog(world, { settings: { segmentBytes: 20_000, indexIntervalBytes: 500 } });
  const sent: string[] = [];
  for (let i = 0; i < 300; i++) {
    const value = String(i).repeat(1 + (i % 37));
    sent.push(value);
    put(log, value);
  }
  for (const maxBytes of [1, 200, 5000, 100_000]) expect(values(log, 0, maxBytes)).toEqual(sent);
  const read = log.reads.read(150, { maxBytes: 1, minOneBatch: true });
  if ('error' in read) throw new Error(read.error);
  expect([...batches(Buffer.concat([...read.parts]))][0]?.header.baseOffset).toBe(150);
});
