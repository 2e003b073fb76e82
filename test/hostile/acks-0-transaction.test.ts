import { afterAll, beforeAll, expect, test } from 'vitest';
import { apis } from '../../src/protocol/apis.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { NodeUnderFire } from '../fuzz/node-under-fire.ts';
import { populate } from '../fuzz/populated.ts';

let node: NodeUnderFire;

beforeAll(async () => {
  node = await NodeUnderFire.start();
  await populate(node);
  await node.createTopic('outside');
});

afterAll(() => node?.stop());

// KIP-890: without the check, a late batch opens a transaction that nobody ends, and consumers stop at it.
test('a transactional batch that nobody waits for is checked as well', async () => {
  const connection = await node.connect();
  const { producerId, producerEpoch } = await connection.send(apis.initProducerId, {
    transactionalId: 'transactional',
    transactionTimeoutMs: 60_000,
  });
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('v') }],
    producerId,
    producerEpoch,
    baseSequence: 0,
    isTransactional: true,
  });
  const topicData = [{ name: 'outside', partitionData: [{ index: 0, records }] }];
  const closed = new Promise<string>((resolve) => connection.onClose(() => resolve('closed')));
  const request = { transactionalId: 'transactional', acks: 0, timeoutMs: 1000, topicData };
  const answered = connection.send(apis.produce, request, { version: 11 }).then(
    () => 'answered',
    () => 'not answered',
  );
  expect(await closed).toBe('closed');
  expect(await answered).toBe('not answered');
  expect(node.broker.replicas.find('outside', 0)?.log.writtenEndOffset).toBe(0);
});

test('and is taken once its partition is in the transaction', async () => {
  const connection = await node.connect();
  const transaction = { transactionalId: 'transactional', transactionTimeoutMs: 60_000 };
  const { producerId, producerEpoch } = await connection.send(apis.initProducerId, transaction);
  await connection.send(
    apis.addPartitionsToTxn,
    {
      v3AndBelowTransactionalId: 'transactional',
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: 'outside', partitions: [0] }],
    },
    { version: 3 },
  );
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('v') }],
    producerId,
    producerEpoch,
    baseSequence: 0,
    isTransactional: true,
  });
  const topicData = [{ name: 'outside', partitionData: [{ index: 0, records }] }];
  const unanswered = { transactionalId: 'transactional', acks: 0, timeoutMs: 1000, topicData };
  // It gets no answer; the answer to a later request shows that it is done.
  void connection.send(apis.produce, unanswered, { version: 11 }).catch(() => undefined);
  await expect.poll(() => node.broker.replicas.find('outside', 0)?.log.writtenEndOffset).toBe(1);
  connection.close();
});
