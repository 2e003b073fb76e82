import { describe, expect, test } from 'vitest';
import { TransactionBench } from '../../../test/coordinator/transaction-bench.ts';
import { PeerConnections } from '../../client/peers/peer-connections.ts';
import { Peers } from '../../client/peers/peers.ts';
import { imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { admissionError, TransactionPartitions } from './transaction-partitions.ts';

const image = imageOf(...topicRecords('__transaction_state', ORDERS, [{ replicas: [1], leader: 1 }]));
const PLACE = { topic: 'orders', partition: 0 };

/** A producer whose transaction has ended, but the broker that is to have the marker is away. */
async function withoutMarker() {
  const bench = await TransactionBench.elected();
  const producer = await bench.producer();
  await producer.add(['orders', 0]);
  bench.brokers.away.add(1);
  const ended = await producer.end(true, 2);
  if ('error' in ended) throw new Error(ended.error);
  const partitions = new TransactionPartitions(bench.world, {
    brokerId: 1,
    image: () => image,
    transactions: bench.coordinator,
    connections: new PeerConnections(new Peers(bench.world, null), {
      clientId: 'broker',
      timeoutMs: 1000,
      address: () => null,
    }),
    isOpen: () => false,
    retry: () => ({ backoffMs: 20, maxMs: 100 }),
  });
  return { bench, partitions, next: { transactionalId: 'tx', ...ended } };
}

describe('the first batch of a transaction, before the markers of the one before are written', () => {
  test('waits for them at the leader: its producer would wait longer before it came again', async () => {
    const { bench, partitions, next } = await withoutMarker();
    // The coordinator, too, sends its markers again after a while.
    const admitted = partitions.admit(next, PLACE, { add: true, retries: true });
    bench.brokers.away.clear();
    await bench.clock.advance(100);
    expect(await admitted).toBe(null);
    expect(await bench.state()).toBe('Ongoing');
  });

  test('waits for add.partitions.to.txn.retry.backoff.max.ms at most', async () => {
    const { bench, partitions, next } = await withoutMarker();
    const admitted = partitions.admit(next, PLACE, { add: true, retries: true });
    await bench.clock.advance(100);
    expect(await admitted).toBe('CONCURRENT_TRANSACTIONS');
  });

  test('does not wait when nobody wants it to', async () => {
    const { partitions, next } = await withoutMarker();
    expect(await partitions.admit(next, PLACE, { add: true, retries: false })).toBe(
      'CONCURRENT_TRANSACTIONS',
    );
  });

  test('is refused by a name that its producer retries: older ones do not know CONCURRENT_TRANSACTIONS here', () => {
    expect(admissionError('CONCURRENT_TRANSACTIONS', 11)).toBe('NOT_ENOUGH_REPLICAS');
    expect(admissionError('CONCURRENT_TRANSACTIONS', 12)).toBe('CONCURRENT_TRANSACTIONS');
    expect(admissionError('COORDINATOR_NOT_AVAILABLE', 12)).toBe('NOT_ENOUGH_REPLICAS');
  });
});
