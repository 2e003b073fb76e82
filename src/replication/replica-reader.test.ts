import { expect, test } from 'vitest';
import { between } from '../../sim/chance.ts';
import { Simulation } from '../../sim/simulation.ts';
import { sleep } from '../base/clock.ts';
import { readRecords } from '../protocol/records/record.ts';
import type { PartitionLog } from '../storage/partition-log.ts';
import { openLog, put } from '../storage/testing/log-bench.ts';
import { Partition } from './partition.ts';
import { type ReadRequest, type ReadResult, readPartition } from './replica-reader.ts';
import { inSyncPartition } from './testing/in-sync-partition.ts';
import { quietHost } from './testing/quiet-host.ts';

const LEADING = inSyncPartition([1]);
const CONSUMER: ReadRequest = {
  fetchOffset: 0,
  maxBytes: 1e6,
  minOneBatch: true,
  currentLeaderEpoch: 5,
  lastFetchedEpoch: -1,
  upTo: 'highWatermark',
  followersToo: false,
};
const SEEDS = 25;

interface Bench {
  readonly partition: Partition;
  readonly log: PartitionLog;
}

/**
 * What a read of a log that is in no memory says when, during its wait, something happens to the replica; for
 * many seeds.
 */
async function readsDuring(change: (bench: Bench) => void, request = CONSUMER): Promise<ReadResult[]> {
  const results: ReadResult[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const simulation = new Simulation(seed);
    results.push(
      await simulation.run(async () => {
        const { world } = simulation.host('broker-1');
        const written = openLog(world);
        for (const value of ['a', 'b', 'c', 'd']) put(written, value.repeat(5000));
        await written.close();
        const log = openLog(world, { clean: true, recoveryPoint: 4, highWatermark: 4 });
        const partition = new Partition(world, {
          topic: 't',
          topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
          index: 0,
          log,
          host: quietHost,
        });
        partition.makeLeader(LEADING);
        const read = readPartition(partition, request);
        if (!('finish' in read)) throw new Error('it was in memory');
        const reading = read.finish({ isUrgent: false });
        await sleep(world.clock, between(simulation.random, [0, 2]));
        change({ partition, log });
        return reading;
      }),
    );
  }
  return results;
}

const valuesOf = (read: ReadResult) =>
  'error' in read
    ? read.error
    : read.parts
        .flatMap((part) => [...splitBatches(part)])
        .map((value) => value[0])
        .join('');

function* splitBatches(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const size = 12 + bytes.readInt32BE(at + 8);
    for (const { value } of readRecords(bytes.subarray(at, at + size))) yield value?.toString() ?? '';
    at += size;
  }
}

test('a read from files gives what the leader has', async () => {
  const results = await readsDuring(() => {});
  expect(new Set(results.map(valuesOf))).toEqual(new Set(['abcd']));
});

test('whoever no longer leads when the bytes are there says so', async () => {
  const results = await readsDuring(({ partition }) =>
    partition.makeFollower({ ...LEADING, leader: 2, leaderEpoch: 6, partitionEpoch: 6 }),
  );
  // Told at once, or, when the read was over before the change, answered by who led then.
  expect(new Set(results.map(valuesOf))).toEqual(new Set(['abcd', 'FENCED_LEADER_EPOCH']));
  const anyEpoch = await readsDuring(
    ({ partition }) => partition.makeFollower({ ...LEADING, leader: 2, leaderEpoch: 6, partitionEpoch: 6 }),
    { ...CONSUMER, currentLeaderEpoch: -1 },
  );
  expect(new Set(anyEpoch.map(valuesOf))).toEqual(new Set(['abcd', 'NOT_LEADER_OR_FOLLOWER']));
});

test('records of one epoch are not given under the next, which may have cut them', async () => {
  const results = await readsDuring(
    ({ partition, log }) => {
      partition.makeFollower({ ...LEADING, leader: 2, leaderEpoch: 6, partitionEpoch: 6 });
      log.truncateTo(2);
      put(log, 'X'.repeat(5000));
      put(log, 'Y'.repeat(5000));
      partition.makeLeader({ ...LEADING, leaderEpoch: 7, partitionEpoch: 7 });
    },
    { ...CONSUMER, currentLeaderEpoch: -1, upTo: 'log' },
  );
  expect(new Set(results.map(valuesOf))).toEqual(new Set(['abcd', 'abXY']));
});

test('below a log start that moved there is nothing', async () => {
  const results = await readsDuring(({ log }) => log.trimming.advanceLogStartOffset(2));
  expect(new Set(results.map(valuesOf))).toEqual(new Set(['abcd', 'OFFSET_OUT_OF_RANGE']));
});

test('a topic that was deleted is not read', async () => {
  const results = await readsDuring(({ partition, log }) => {
    partition.resign('UNKNOWN_TOPIC_OR_PARTITION');
    log.delete();
  });
  expect(new Set(results.map(valuesOf))).toEqual(new Set(['abcd', 'NOT_LEADER_OR_FOLLOWER']));
});
