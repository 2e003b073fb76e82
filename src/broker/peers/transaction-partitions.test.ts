import { describe, expect, test } from 'vitest';
import { TransactionBench } from '../../../test/coordinator/transaction-bench.ts';
import { PeerConnections } from '../../client/peers/peer-connections.ts';
import { Peers } from '../../client/peers/peers.ts';
import { readBatchHeader } from '../../protocol/records/batch.ts';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import { markerIn } from '../../storage/marker.ts';
import { ProducerState } from '../../storage/producer-state.ts';
import { imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import {
  admissionError,
  TransactionPartitions,
  type TransactionPartitionsOptions,
} from './transaction-partitions.ts';

const image = imageOf(...topicRecords('__transaction_state', ORDERS, [{ replicas: [1], leader: 1 }]));
const PLACE = { topic: 'orders', partition: 0 };

function askingAbout(
  bench: TransactionBench,
  entry: TransactionPartitionsOptions['entry'],
): TransactionPartitions {
  return new TransactionPartitions(bench.world, {
    brokerId: 1,
    image: () => image,
    transactions: bench.coordinator,
    connections: new PeerConnections(new Peers(bench.world, null), {
      clientId: 'broker',
      timeoutMs: 1000,
      address: () => null,
    }),
    entry,
    retry: () => ({ backoffMs: 20, maxMs: 100 }),
  });
}

/** A producer whose transaction has ended, but the broker that is to have the marker is away. */
async function withoutMarker() {
  const bench = await TransactionBench.elected();
  const producer = await bench.producer();
  await producer.add(['orders', 0]);
  bench.brokers.away.add(1);
  const ended = await producer.end(true, 2);
  if ('error' in ended) throw new Error(ended.error);
  const partitions = askingAbout(bench, () => undefined);
  return { bench, partitions, next: { transactionalId: 'tx', ...ended } };
}

describe('the first batch of a transaction, before the markers of the one before are written', () => {
  test('waits for them at the leader: its producer would wait longer before it came again', async () => {
    const { bench, partitions, next } = await withoutMarker();
    // The coordinator, too, sends its markers again after a while.
    const admitted = partitions.admit(next, PLACE, { add: true, retries: true });
    bench.brokers.away.clear();
    await bench.clock.advance(100);
    expect(await admitted).toEqual({ holds: expect.any(Function) });
    expect(await bench.state()).toBe('Ongoing');
  });

  test('waits for add.partitions.to.txn.retry.backoff.max.ms at most', async () => {
    const { bench, partitions, next } = await withoutMarker();
    const admitted = partitions.admit(next, PLACE, { add: true, retries: true });
    await bench.clock.advance(100);
    expect(await admitted).toEqual({ error: 'CONCURRENT_TRANSACTIONS' });
  });

  test('does not wait when nobody wants it to', async () => {
    const { partitions, next } = await withoutMarker();
    expect(await partitions.admit(next, PLACE, { add: true, retries: false })).toEqual({
      error: 'CONCURRENT_TRANSACTIONS',
    });
  });

  test('is refused by a name that its producer retries: older ones do not know CONCURRENT_TRANSACTIONS here', () => {
    expect(admissionError('CONCURRENT_TRANSACTIONS', 11)).toBe('NOT_ENOUGH_REPLICAS');
    expect(admissionError('CONCURRENT_TRANSACTIONS', 12)).toBe('CONCURRENT_TRANSACTIONS');
    expect(admissionError('COORDINATOR_NOT_AVAILABLE', 12)).toBe('NOT_ENOUGH_REPLICAS');
  });
});

describe('a batch whose transaction was asked about', () => {
  /** A transaction of before KIP-890: its producer keeps its epoch when it ends. */
  async function asked() {
    const bench = await TransactionBench.elected();
    const { producerId, producerEpoch } = await begun(bench);
    const producers = new ProducerState();
    const append = (batch: Buffer) => {
      const header = readBatchHeader(batch);
      producers.append([{ header, marker: markerIn(header, () => batch) }], 'coordinator', () => {});
    };
    const partitions = askingAbout(bench, (id) => producers.entry(id));
    return {
      admit: () =>
        partitions.admit({ transactionalId: 'tx', producerId, producerEpoch }, PLACE, {
          add: false,
          retries: false,
        }),
      write: () =>
        append(buildBatch({ records: [RECORD], producerId, producerEpoch, isTransactional: true })),
      mark: () => append(endTransactionBatch({ ...MARKER, producerId, producerEpoch })),
    };
  }

  test('is not written when the transaction has ended here meanwhile: it would begin one that nobody ends', async () => {
    const { admit, mark } = await asked();
    const admission = await admit();
    mark();
    expect('holds' in admission && admission.holds()).toBe(false);
  });

  test('is written after the end of the one before, and after others of the same transaction', async () => {
    const { admit, mark, write } = await asked();
    mark();
    const [first, second] = [await admit(), await admit()];
    expect('holds' in first && first.holds()).toBe(true);
    write();
    expect('holds' in second && second.holds()).toBe(true);
    mark();
    expect('holds' in second && second.holds()).toBe(false);
  });
});

const RECORD = { timestamp: 1, key: null, value: null };
const MARKER = { outcome: 'ABORT', coordinatorEpoch: 0, timestamp: 1 } as const;

async function begun(bench: TransactionBench): Promise<{ producerId: number; producerEpoch: number }> {
  const producer = await bench.producer();
  expect(await producer.add(['orders', 0])).toBe(null);
  const { producerId, producerEpoch } = producer;
  return { producerId, producerEpoch };
}
