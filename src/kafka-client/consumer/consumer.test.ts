import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import type { Cluster } from '../connections/cluster.ts';
import { Consumer } from './consumer.ts';

const timestamp = 1;

function data(baseOffset: number, value: string, isTransactional: boolean): Buffer {
  const records = [{ timestamp, key: null, value: Buffer.from(value) }];
  const producer = { producerId: 1, producerEpoch: 0, baseSequence: 0 };
  return buildBatch({ records, baseOffset, ...producer, isTransactional });
}

/**
 * One broker, which leads a partition and gives these answers, one after the other; then it has nothing more.
 */
function clusterOf(answers: readonly Buffer[]): Cluster {
  const left = [...answers];
  const answer = async () => {
    const records = left.shift();
    if (!records) return new Promise(() => {});
    const aborted = [{ producerId: 1, firstOffset: 0 }];
    const own = { partitionIndex: 0, errorCode: 0, highWatermark: 10, abortedTransactions: aborted, records };
    return { errorCode: 0, responses: [{ topic: 't', topicId: ZERO_UUID, partitions: [own] }] };
  };
  return {
    world: nodeWorld(silent),
    view: { known: () => undefined, leader: () => ({ id: 1, host: '127.0.0.1', port: 9092 }) },
    requestTimeoutMs: 1000,
    ask: answer,
  } as unknown as Cluster;
}

test('what is behind an aborted transaction that fills the buffer comes in the same poll', async () => {
  const marker = endTransactionBatch({
    ...{ baseOffset: 1, producerId: 1, producerEpoch: 0 },
    ...{ outcome: 'ABORT', coordinatorEpoch: 0, timestamp },
  });
  const cluster = clusterOf([
    Buffer.concat([data(0, 'x'.repeat(2000), true), marker]),
    data(2, 'behind it', false),
  ]);
  const consumer = new Consumer(cluster, { bufferBytes: 2048 }, 'consumer');
  consumer.assign([{ topic: 't', partition: 0, offset: 0 }]);
  const records = await consumer.poll(3_000);
  expect(records.map(({ value }) => String(value))).toEqual(['behind it']);
  await consumer.close();
});
