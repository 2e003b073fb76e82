import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import { Partition } from '../../replication/partition.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog } from '../../storage/testing/log-bench.ts';
import { writeMarker } from './write-markers.ts';

const PLACE = { topic: 't', partition: 0 };
const FETCH = { logStartOffset: 0, brokerEpoch: 1 };
const MARKER = {
  producerId: 7,
  producerEpoch: 1,
  coordinatorEpoch: 0,
  committed: true,
  transactionVersion: 2,
};

/** A partition with a follower, in which a transaction of epoch 0 is open. */
function led() {
  const { world } = new Simulation(1).host('broker-1');
  const partition = new Partition(world, {
    topic: 't',
    topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
    index: 0,
    log: openLog(world),
    host: quietHost,
  });
  partition.makeLeader(inSyncPartition([1, 2]));
  const write = (producerEpoch: number) =>
    partition.append({
      records: buildBatch({
        records: [{ timestamp: 1, key: null, value: null }],
        producerId: 7,
        producerEpoch,
        isTransactional: true,
      }),
      origin: 'coordinator',
      acks: 'leader',
    });
  const replicas = { lookup: () => partition } as unknown as ReplicaManager;
  const groups = {} as GroupCoordinator;
  const mark = (marker = MARKER) => writeMarker({ world, replicas, groups }, marker, PLACE);
  const replicate = () => {
    partition.log.writeNow();
    partition.onFollowerFetch(2, { ...FETCH, offset: partition.log.endOffset });
  };
  write(0);
  return { log: partition.log, write, mark, replicate };
}

test('a marker that comes again is not written again, and answered when the first one is replicated', async () => {
  const { log, mark, replicate } = led();
  const answers: unknown[] = [];
  const both = [mark(), mark()].map((answered) => answered.then((error) => answers.push(error)));
  expect(log.endOffset).toBe(2);
  await Promise.resolve();
  expect(answers).toEqual([]);
  replicate();
  await Promise.all(both);
  expect(answers).toEqual([null, null]);
});

test('a marker that comes late does not end the next transaction, which has its epoch', async () => {
  const { log, write, mark, replicate } = led();
  const first = mark();
  replicate();
  expect(await first).toBe(null);
  write(1);
  const late = mark();
  replicate();
  expect(await late).toBe(null);
  expect([log.endOffset, log.lastStableOffset]).toEqual([3, 2]);
});

test('before transactions had epochs of their own, a marker has that of what it ends', async () => {
  const { log, mark, replicate } = led();
  const ended = mark({ ...MARKER, producerEpoch: 0, transactionVersion: 0 });
  replicate();
  expect(await ended).toBe(null);
  expect([log.endOffset, log.lastStableOffset]).toEqual([2, 2]);
});
