import { expect, test } from 'vitest';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { writeTxnMarkers } from '../../protocol/messages/27-write-txn-markers.ts';
import { ask } from '../testing/three-brokers.ts';
import { type MarkersContext, writeTxnMarkersHandler } from './27-write-txn-markers.ts';

const PARTITIONS = 1000;

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
  const marker = { producerId: 7, producerEpoch: 1, transactionResult: true, coordinatorEpoch: 3 };
  const answer = ask(writeTxnMarkers, writeTxnMarkersHandler, context, {
    version: 1,
    request: { markers: [{ ...marker, topics: [{ name: CONSUMER_OFFSETS, partitionIndexes }] }] },
  });
  await expect.poll(() => written.length, { timeout: 20_000 }).toBe(PARTITIONS);
  replicated();
  const { markers } = await answer;
  const told = markers[0]?.topics[0]?.partitions ?? [];
  expect(told.map(({ partitionIndex }) => partitionIndex)).toEqual(partitionIndexes);
  expect(told.every(({ errorCode }) => errorCode === 0)).toBe(true);
});
