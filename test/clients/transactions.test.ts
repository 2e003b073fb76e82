import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { type Admin, type Kafka as KafkaType, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { filesBelow } from '../support/live-folder.ts';
import { TransactionalWire as Wire } from '../support/transactional-wire.ts';

const { Kafka, logLevel } = kafkajs;

let folder: string;
let cluster: StartedCluster;
let kafka: KafkaType;
let admin: Admin;
const producers: Producer[] = [];

async function transactional(transactionalId: string): Promise<Producer> {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  producers.push(producer);
  return producer;
}

/** The values that a reader sees before the value `end`, which the test writes last. */
async function readAll(topic: string, readUncommitted: boolean): Promise<string[]> {
  const consumer = kafka.consumer({
    groupId: `reads-${topic}-${readUncommitted}`,
    readUncommitted,
    maxWaitTimeInMs: 200,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((done, failed) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          const value = message.value?.toString() ?? '';
          if (value === 'end') done();
          else values.push(value);
        },
      })
      .catch(failed);
  });
  await consumer.disconnect();
  return values;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'transactions-'));
  cluster = await startCluster({ brokers: 3, dataDirectory: folder });
  kafka = new Kafka({
    brokers: cluster.bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 12 },
  });
  admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: 'orders', numPartitions: 3, replicationFactor: 3 },
      { topic: 'bills', numPartitions: 1, replicationFactor: 3 },
      { topic: 'fenced', numPartitions: 1, replicationFactor: 3 },
    ],
  });
});

afterAll(async () => {
  for (const producer of producers) await producer.disconnect();
  await admin?.disconnect();
  await cluster?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe('transactions over three brokers, with kafkajs', () => {
  test('readers of committed records see all of a transaction or nothing of it', async () => {
    const producer = await transactional('atomic');
    for (const [value, commit] of [
      ['first', true],
      ['aborted', false],
      ['second', true],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'bills', messages: [{ value }, { value }] });
      if (commit) await transaction.commit();
      else await transaction.abort();
    }
    const last = await producer.transaction();
    await last.send({ topic: 'bills', messages: [{ value: 'end' }] });
    await last.commit();
    expect(await readAll('bills', false)).toEqual(['first', 'first', 'second', 'second']);
    expect(await readAll('bills', true)).toEqual([
      'first',
      'first',
      'aborted',
      'aborted',
      'second',
      'second',
    ]);
  });

  test('offsets that are committed with a transaction count if it does', async () => {
    const producer = await transactional('offsets');
    const committed = async () =>
      (await admin.fetchOffsets({ groupId: 'copier', topics: ['orders'] }))[0]?.partitions.map(({ offset }) =>
        Number(offset),
      );
    for (const [offset, commit] of [
      [7, true],
      [9, false],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'orders', messages: [{ value: 'copy' }] });
      await transaction.sendOffsets({
        consumerGroupId: 'copier',
        topics: [{ topic: 'orders', partitions: [{ partition: 0, offset: String(offset) }] }],
      });
      if (commit) await transaction.commit();
      else await transaction.abort();
      // Markers are written after the answer; the offset is there when they are.
      await expect.poll(committed).toEqual([7, -1, -1]);
    }
  });

  test('a producer that another one replaced adds nothing', async () => {
    const old = await transactional('fenced');
    const open = await old.transaction();
    await open.send({ topic: 'fenced', messages: [{ value: 'zombie' }] });
    const young = await transactional('fenced');
    const transaction = await young.transaction();
    await transaction.send({ topic: 'fenced', messages: [{ value: 'alive' }, { value: 'end' }] });
    await expect(open.commit()).rejects.toThrow(/epoch|fenced/i);
    await transaction.commit();
    expect(await readAll('fenced', false)).toEqual(['alive']);
  });

  test('a batch that comes after its transaction has ended does not begin one that nobody ends', async () => {
    const wire = await Wire.open(cluster.bootstrap.split(','), 'late');
    const { producerId, producerEpoch } = await wire.initProducerId();
    expect(await wire.produce(11, { producerId, producerEpoch, value: 'never added' })).toBe(
      'TRANSACTION_ABORTABLE',
    );
    expect(await wire.produce(10, { producerId, producerEpoch, value: 'never added' })).toBe(
      'INVALID_TXN_STATE',
    );
    expect(await wire.addPartition({ producerId, producerEpoch })).toBe('NONE');
    const sent = [0, 1, 2].map((baseSequence) =>
      wire.produce(11, { producerId, producerEpoch, value: 'sent', baseSequence }),
    );
    expect(await Promise.all(sent)).toEqual(['NONE', 'NONE', 'NONE']);
    expect(await wire.endTxn(4, { producerId, producerEpoch })).toMatchObject({ error: 'NONE' });
    await expect
      .poll(() => wire.produce(11, { producerId, producerEpoch, value: 'late', baseSequence: 3 }))
      .toBe('TRANSACTION_ABORTABLE');
    await wire.close();
  });

  test('from Produce 12 on a partition joins as it is written to, and each transaction has its epoch', async () => {
    const wire = await Wire.open(cluster.bootstrap.split(','), 'second-version');
    const { producerId, producerEpoch } = await wire.initProducerId();
    expect(await wire.produce(12, { producerId, producerEpoch, value: 'one' })).toBe('NONE');
    const ended = await wire.endTxn(5, { producerId, producerEpoch });
    expect(ended).toEqual({ error: 'NONE', producerId, producerEpoch: producerEpoch + 1 });
    // Late requests of the first transaction do not change the second.
    await expect
      .poll(() => wire.produce(12, { producerId, producerEpoch: producerEpoch + 1, value: 'two' }))
      .toBe('NONE');
    expect(await wire.produce(12, { producerId, producerEpoch, value: 'late', baseSequence: 1 })).toBe(
      'INVALID_PRODUCER_EPOCH',
    );
    expect(await wire.endTxn(5, { producerId, producerEpoch: producerEpoch + 1 })).toMatchObject({
      error: 'NONE',
      producerEpoch: producerEpoch + 2,
    });
    await wire.close();
  });

  test('an operator ends a transaction in a partition that nobody ends', async () => {
    const wire = await Wire.open(cluster.bootstrap.split(','), 'hangs');
    const ids = await wire.initProducerId();
    const before = await wire.lastStableOffset();
    expect(await wire.addPartition(ids)).toBe('NONE');
    expect(await wire.produce(11, { ...ids, value: 'hangs' })).toBe('NONE');
    expect(await wire.lastStableOffset()).toBe(before);
    expect(await wire.abortHere({ ...ids, producerEpoch: ids.producerEpoch - 1 })).toBe(
      'INVALID_PRODUCER_EPOCH',
    );
    expect(await wire.abortHere(ids)).toBe('NONE');
    // The record and the marker.
    expect(await wire.lastStableOffset()).toBe(before + 2);
    await wire.close();
  });

  test('a producer that loses its coordinator in a transaction goes on with its next epoch', async () => {
    const wire = await Wire.open(cluster.bootstrap.split(','), 'bumps');
    const { producerId, producerEpoch } = await wire.initProducerId();
    const bumped = { error: 'NONE', producerId, producerEpoch: producerEpoch + 1 };
    expect(await wire.produce(12, { producerId, producerEpoch, value: 'aborted' })).toBe('NONE');
    expect(await wire.bumpEpoch({ producerId, producerEpoch })).toEqual(bumped);
    expect(await wire.produce(12, { ...bumped, value: 'committed' })).toBe('NONE');
    expect(await wire.endTxn(5, bumped)).toEqual({ ...bumped, producerEpoch: producerEpoch + 2 });
    expect(await wire.bumpEpoch(bumped)).toEqual({ ...bumped, producerEpoch: producerEpoch + 2 });
    expect(await wire.bumpEpoch({ producerId, producerEpoch })).toMatchObject({ error: 'PRODUCER_FENCED' });
    await wire.close();
  });

  test.skipIf(!kafkaJars('tools'))(
    'what is in __transaction_state is what Kafka writes: its own tool reads it',
    async () => {
      const root = join(folder, 'broker-1');
      const files = filesBelow(root)
        .filter((path) => /\/__transaction_state-\d+\/\d+\.log$/.test(path))
        .filter((path) => statSync(path).size > 0);
      expect(files).not.toEqual([]);
      const { stdout } = await kafkaTool('kafka-dump-log', [
        '--files',
        files.join(','),
        '--transaction-log-decoder',
      ]);
      expect(stdout).toContain('"transactionalId":"atomic"');
      // States 4 and 5: complete, committed and aborted.
      expect(stdout).toContain('"transactionStatus":4');
      expect(stdout).toContain('"transactionStatus":5');
      expect(stdout).not.toMatch(/could not be decoded|unknown|exception/i);
    },
  );
});
