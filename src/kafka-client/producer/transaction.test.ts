import { beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { ProducerTransaction } from './transaction.ts';

const PARTITION = { topic: 't', partition: 0 };

let asked: string[];
/** Answers the request that adds partitions. */
let add: (error: KafkaClientError | null) => void;
let transaction: ProducerTransaction;
beforeEach(async () => {
  asked = [];
  const added = new Promise<object>((resolve, reject) => {
    add = (error) => (error ? reject(error) : resolve({}));
  });
  const askCoordinator = async (_type: string, _id: string, { name }: { readonly name: string }) => {
    asked.push(name);
    return name === 'AddPartitionsToTxn' ? added : { producerId: 1, producerEpoch: 0 };
  };
  const cluster = { world: nodeWorld(silent), askCoordinator } as unknown as ClusterBrokers;
  transaction = new ProducerTransaction(cluster, 'id', 60_000, () => undefined);
  await transaction.begin();
});

const settled = async (): Promise<void> => undefined;

test('a commit that meets a partition which cannot be added commits nothing', async () => {
  transaction.has(PARTITION);
  const committed = transaction.end('commit', settled);
  add(new KafkaClientError('TOPIC_AUTHORIZATION_FAILED', 'no'));
  await expect(committed).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
  expect(asked).toEqual(['InitProducerId', 'AddPartitionsToTxn']);
  await transaction.end('abort', settled);
  await transaction.begin();
});

test('nothing is sent from the moment at which the end is asked for', async () => {
  transaction.has(PARTITION);
  add(null);
  let settle: () => void = () => undefined;
  const settling = new Promise<void>((done) => {
    settle = done;
  });
  const committed = transaction.end('commit', () => settling);
  expect(() => transaction.expectOpen('send')).toThrow(
    /send of id is not possible: the transaction is ending/,
  );
  await expect(transaction.end('abort', settled)).rejects.toMatchObject({ code: 'WRONG_STATE' });
  settle();
  await committed;
  expect(asked.at(-1)).toBe('EndTxn');
  await transaction.begin();
  transaction.expectOpen('send');
});
