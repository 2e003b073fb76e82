import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { BrokerView } from '../connections/cluster-view.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { Consumer } from './consumer.ts';
import { PartitionReader } from './partition-reader.ts';
import { checkPositions } from './position-check.ts';

const timestamp = 1;

function data(baseOffset: number, value: string, isTransactional: boolean): Buffer {
  const records = [{ timestamp, key: null, value: Buffer.from(value) }];
  const producer = { producerId: 1, producerEpoch: 0, baseSequence: 0 };
  return buildBatch({ records, baseOffset, ...producer, isTransactional });
}

/**
 * One broker, which leads a partition and gives these answers, one after the other; then it has nothing more.
 */
function clusterOf(answers: readonly Buffer[]): ClusterBrokers {
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
  } as unknown as ClusterBrokers;
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
  const records = await consumer.poll(60_000);
  expect(records.map(({ value }) => String(value))).toEqual(['behind it']);
  await consumer.close();
});

interface EpochEnd {
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

/**
 * A broker that leads the partition in the epoch 1 until it has given `before`, and in epoch 2 from then on:
 * its log has of epoch 1 the records up to `end` then; null: it does not serve that question. Fetched offsets
 * are noted.
 */
function changedCluster(before: Buffer, after: Buffer, end: EpochEnd | null) {
  let leaderEpoch = 1;
  const fetched: number[] = [];
  const asked: number[] = [];
  const ask = async (_: unknown, api: { name: string }, request: AskedPartitions) => {
    const [partition] = request.topics[0]?.partitions ?? [];
    if (api.name === 'OffsetForLeaderEpoch') {
      asked.push(partition?.leaderEpoch ?? -1);
      if (end === null) throw new KafkaClientError('NOT_SERVED', 'it serves no such version');
      return { topics: [{ topic: 't', partitions: [{ partition: 0, errorCode: 0, ...end }] }] };
    }
    fetched.push(partition?.fetchOffset ?? -1);
    if (fetched.length > 2) return new Promise(() => {});
    const records = fetched.length === 1 ? before : after;
    leaderEpoch = 2;
    const own = { partitionIndex: 0, errorCode: 0, highWatermark: 10, abortedTransactions: null, records };
    return { errorCode: 0, responses: [{ topic: 't', topicId: ZERO_UUID, partitions: [own] }] };
  };
  const cluster = {
    world: nodeWorld(silent),
    view: {
      known: () => ({ name: 't', id: ZERO_UUID, partitions: [{ leader: 1, leaderEpoch }] }),
      leader: () => ({ id: 1, host: '127.0.0.1', port: 9092 }),
    },
    requestTimeoutMs: 1000,
    ask,
  } as unknown as ClusterBrokers;
  return { cluster, fetched, asked };
}

interface AskedPartitions {
  readonly topics: readonly {
    readonly partitions: readonly { readonly fetchOffset?: number; readonly leaderEpoch?: number }[];
  }[];
}

function ofEpoch(leaderEpoch: number, baseOffset: number, ...values: string[]): Buffer {
  const records = values.map((value) => ({ timestamp, key: null, value: Buffer.from(value) }));
  return buildBatch({ records, baseOffset, leaderEpoch });
}

test.each([
  { end: { leaderEpoch: 1, endOffset: 2 }, says: 'goes on with what replaced it', from: 2 },
  { end: { leaderEpoch: 1, endOffset: 3 }, says: 'goes on where it is', from: 3 },
])('a reader whose log ends at $end.endOffset under a new leader $says', async ({ end, from }) => {
  const { cluster, fetched, asked } = changedCluster(
    ofEpoch(1, 0, 'a', 'b', 'c'),
    ofEpoch(2, from, 'after'),
    end,
  );
  const consumer = new Consumer(cluster, { offsetReset: 'earliest' }, 'consumer');
  consumer.assign([{ topic: 't', partition: 0, offset: 0 }]);
  const records = [...(await consumer.poll(3000)), ...(await consumer.poll(3000))];
  expect(records.map(({ value }) => String(value))).toEqual(['a', 'b', 'c', 'after']);
  expect(fetched.slice(0, 2)).toEqual([0, from]);
  expect(asked).toEqual([1]);
  await consumer.close();
});

test('a reader that does not reset by itself is told that its log was cut off', async () => {
  const { cluster } = changedCluster(ofEpoch(1, 0, 'a', 'b', 'c'), ofEpoch(2, 2, 'after'), {
    ...{ leaderEpoch: 1, endOffset: 2 },
  });
  const consumer = new Consumer(cluster, { offsetReset: 'none' }, 'consumer');
  consumer.assign([{ topic: 't', partition: 0, offset: 0 }]);
  expect(await consumer.poll(3000)).toHaveLength(3);
  await expect(consumer.poll(3000)).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
  await consumer.close();
});

test('a new leader that does not serve the question is believed', async () => {
  const before = ofEpoch(1, 0, 'a', 'b', 'c');
  const { cluster, fetched, asked } = changedCluster(before, ofEpoch(2, 3, 'after'), null);
  const consumer = new Consumer(cluster, { offsetReset: 'earliest' }, 'consumer');
  consumer.assign([{ topic: 't', partition: 0, offset: 0 }]);
  const records = [...(await consumer.poll(3000)), ...(await consumer.poll(3000))];
  expect(records.map(({ value }) => String(value))).toEqual(['a', 'b', 'c', 'after']);
  expect([fetched.slice(0, 2), asked]).toEqual([[0, 3], [1]]);
  await consumer.close();
});

/** What a broker's answer makes of a reader that has read one record of epoch 1 when it is asked. */
async function checkedBy(reader: PartitionReader, answer: () => object) {
  reader.seek(0);
  reader.received({ ...GIVEN, records: ofEpoch(1, 0, 'a') });
  reader.take(1);
  const cluster = { world: nodeWorld(silent), ask: async () => answer() } as unknown as ClusterBrokers;
  const broker = { id: 1 } as BrokerView;
  const readers = new Map([[reader, 3]]);
  return checkPositions(cluster, { broker, readers, lane: 'consumer', resets: true });
}

const GIVEN = { aborted: null, highWatermark: 9, release: () => undefined };

test('a partition that is missing in the answer of a new leader is asked for again after a wait', async () => {
  const reader = new PartitionReader({ topic: 't', partition: 0 });
  const failed = await checkedBy(reader, () => ({ topics: [] }));
  expect(failed.get(reader)).toMatchObject({ retriable: true });
  expect([reader.position, reader.mustCheck(3)]).toEqual([1, true]);
});

test('an answer about another position than the one that the reader has by now says nothing', async () => {
  const reader = new PartitionReader({ topic: 't', partition: 0 });
  const failed = await checkedBy(reader, () => {
    // An answer to a fetch from before comes in between.
    reader.received({ ...GIVEN, records: ofEpoch(2, 1, 'b', 'c') });
    reader.take(2);
    return { topics: [{ topic: 't', partitions: [{ partition: 0, errorCode: 0, ...END }] }] };
  });
  expect([failed.size, reader.position, reader.mustCheck(3)]).toEqual([0, 3, true]);
});

const END = { leaderEpoch: 1, endOffset: 1 };
