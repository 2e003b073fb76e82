import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { openLog, put } from '../storage/testing/log-bench.ts';
import { Partition } from './partition.ts';
import { type ReadRequest, readPartition } from './replica-reader.ts';
import { inSyncPartition } from './testing/in-sync-partition.ts';
import { quietHost } from './testing/quiet-host.ts';

const LEADING = inSyncPartition([1, 2]);
const FOLLOWER: ReadRequest = {
  fetchOffset: 0,
  maxBytes: 1e6,
  minOneBatch: true,
  currentLeaderEpoch: 5,
  lastFetchedEpoch: -1,
  upTo: 'log',
  followersToo: false,
};
const CONSUMER: ReadRequest = { ...FOLLOWER, upTo: 'highWatermark' };

/** A replica with four records, of which it knows two to be committed, that becomes the leader. */
function newLeader(): Partition {
  const { world } = new Simulation(1).host('broker-1');
  const log = openLog(world);
  for (const value of ['a', 'b', 'c', 'd']) put(log, value);
  log.updateHighWatermark(2);
  const partition = new Partition(world, {
    topic: 't',
    topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
    index: 0,
    log,
    host: quietHost,
  });
  partition.makeLeader(LEADING);
  return partition;
}

test('a new leader shows consumers no more than it knows to be committed, until its followers are there', () => {
  const partition = newLeader();
  const fetch = { logStartOffset: 0, brokerEpoch: 1 };
  expect(readPartition(partition, { ...CONSUMER, fetchOffset: 2 })).toMatchObject({
    highWatermark: 2,
    sizeInBytes: 0,
  });
  partition.onFollowerFetch(2, { ...fetch, offset: 3 });
  expect(partition.log.highWatermark).toBe(3);
  partition.onFollowerFetch(2, { ...fetch, offset: 4 });
  expect(partition.log.highWatermark).toBe(4);
});

test('a follower whose log is longer in the epoch of the leader is told where to cut it', () => {
  const partition = newLeader();
  const longer = { ...FOLLOWER, fetchOffset: 6, lastFetchedEpoch: 5 };
  expect(readPartition(partition, longer)).toMatchObject({ divergingEpoch: { epoch: 5, endOffset: 4 } });
});

test('a follower with records of an epoch that the leader ended earlier is told where', () => {
  const partition = newLeader();
  const diverged = { ...FOLLOWER, fetchOffset: 6, lastFetchedEpoch: 0 };
  expect(readPartition(partition, diverged)).toMatchObject({ divergingEpoch: { epoch: 0, endOffset: 4 } });
});
