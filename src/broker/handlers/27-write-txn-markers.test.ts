import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { writeTxnMarkers } from '../../protocol/messages/27-write-txn-markers.ts';
import { Partition } from '../../replication/partition.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog } from '../../storage/testing/log-bench.ts';
import { ask } from '../testing/three-brokers.ts';
import { type MarkersContext, writeTxnMarkersHandler } from './27-write-txn-markers.ts';

const PARTITIONS = 1000;
const MARKER = { producerId: 7, producerEpoch: 1, transactionResult: true, coordinatorEpoch: 3 };
const LEADING = inSyncPartition([1, 2]);

test('a partition whose replicas do not get the marker keeps it from none of the others', async () => {
  const written: number[] = [];
  let replicated = () => {};
  const stuck = new Promise<null>((resolve) => {
    replicated = () => resolve(null);
  });
  const context = {
    world: { clock: { soon: (run: () => void) => void setImmediate(run), now: () => 0 } },
    replicas: { lookup: () => ({ error: 'UNKNOWN_TOPIC_OR_PARTITION' }) },
    groups: {
      completeTransaction: (partition: number) => {
        written.push(partition);
        return partition === 0 ? stuck : Promise.resolve(null);
      },
    },
  } satisfies MarkersContext;
  const partitionIndexes = Array.from({ length: PARTITIONS }, (_, i) => i);
  const answer = ask(writeTxnMarkers, writeTxnMarkersHandler, context, {
    version: 1,
    request: { markers: [{ ...MARKER, topics: [{ name: CONSUMER_OFFSETS, partitionIndexes }] }] },
  });
  await expect.poll(() => written.length, { timeout: 60_000 }).toBe(PARTITIONS);
  replicated();
  const { markers } = await answer;
  const told = markers[0]?.topics[0]?.partitions ?? [];
  expect(told.map(({ partitionIndex }) => partitionIndex)).toEqual(partitionIndexes);
  expect(told.every(({ errorCode }) => errorCode === 0)).toBe(true);
});

test('a coordinator that has gone waits no more for replicas, also where the marker was there already', async () => {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker-1');
  const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';
  const partition = new Partition(world, {
    topic: 't',
    topicId,
    index: 0,
    log: openLog(world),
    host: quietHost,
  });
  partition.makeLeader(LEADING);
  const context: MarkersContext = {
    world,
    replicas: { lookup: () => partition },
    groups: { completeTransaction: () => Promise.resolve(null) },
  };
  const marker = { ...MARKER, transactionVersion: 2 };
  const request = { markers: [{ ...marker, topics: [{ name: 't', partitionIndexes: [0] }] }] };
  await simulation.run(async () => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const releases: (() => void)[] = [];
      const afterWrite = (release: () => void) => void releases.push(release);
      void ask(writeTxnMarkers, writeTxnMarkersHandler, context, { version: 2, request, afterWrite });
      await simulation.until(() => partition.log.endOffset === 1 && partition.waiterCount === 1, 1000);
      for (const release of releases) release();
      expect(partition.waiterCount, `attempt ${attempt}`).toBe(0);
    }
  });
});
