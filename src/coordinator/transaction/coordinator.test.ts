import { describe, expect, test } from 'vitest';
import { Producer, TransactionBench } from '../../../test/coordinator/transaction-bench.ts';

const fenced = { error: 'PRODUCER_FENCED' };
const concurrent = { error: 'CONCURRENT_TRANSACTIONS' };

describe('a transaction', () => {
  test('that commits is Ongoing, PrepareCommit until every partition has its marker, then CompleteCommit', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    expect(await producer.add(['orders', 0], ['orders', 1])).toBeNull();
    expect(await bench.state()).toBe('Ongoing');
    bench.brokers.away.add(1);
    expect(await producer.end(true)).toEqual({ producerId: 1000, producerEpoch: 0 });
    expect(await bench.state()).toBe('PrepareCommit');
    expect(await producer.add(['orders', 2])).toBe('CONCURRENT_TRANSACTIONS');
    expect(await bench.init()).toEqual(concurrent);
    expect(await producer.end(true)).toEqual(concurrent);
    expect(await producer.end(false)).toEqual(concurrent);
    bench.brokers.away.clear();
    await bench.clock.advance(200);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(bench.brokers.received).toMatchObject([
      {
        topic: 'orders',
        partition: 0,
        producerId: 1000,
        producerEpoch: 0,
        committed: true,
        coordinatorEpoch: 0,
      },
      {
        topic: 'orders',
        partition: 1,
        producerId: 1000,
        producerEpoch: 0,
        committed: true,
        coordinatorEpoch: 0,
      },
    ]);
    expect(await producer.end(true)).toEqual({ producerId: 1000, producerEpoch: 0 });
    expect(await producer.end(false)).toEqual({ error: 'INVALID_TXN_STATE' });
  });

  test('that aborts tells the partitions so, and the next one may begin', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    await producer.end(false);
    expect(await bench.state()).toBe('CompleteAbort');
    expect(bench.brokers.received).toMatchObject([{ committed: false }]);
    expect(await producer.add(['orders', 1])).toBeNull();
    expect(await bench.state()).toBe('Ongoing');
  });

  test('belongs to the producer with this id and epoch', async () => {
    const bench = await TransactionBench.elected();
    const old = await bench.producer();
    await bench.producer();
    expect(await old.add(['orders', 0])).toBe('PRODUCER_FENCED');
    expect(await old.end(true)).toEqual(fenced);
    const stranger = new Producer(bench, { producerId: 7, producerEpoch: 0 });
    expect(await stranger.add(['orders', 0])).toBe('INVALID_PRODUCER_ID_MAPPING');
    expect(await stranger.end(true)).toEqual({ error: 'INVALID_PRODUCER_ID_MAPPING' });
  });

  test('that never began cannot end', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    expect(await producer.end(true)).toEqual({ error: 'INVALID_TXN_STATE' });
  });

  test('of a producer that another one replaces is aborted, with an epoch above its own', async () => {
    const bench = await TransactionBench.elected();
    const old = await bench.producer();
    await old.add(['orders', 0]);
    expect(await bench.init()).toEqual(concurrent);
    expect(await bench.state()).toBe('CompleteAbort');
    expect(bench.brokers.received).toMatchObject([{ committed: false, producerEpoch: 1 }]);
    expect(await bench.init()).toEqual({ producerId: 1000, producerEpoch: 2 });
    expect(await old.end(true)).toEqual(fenced);
  });

  test('that is open is aborted after its timeout, though it began by a clock that was ahead', async () => {
    const bench = await TransactionBench.elected();
    bench.clock.skewMs = 3_600_000;
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.clock.skewMs = 0;
    await bench.failOver();
    await bench.clock.advance(60_000);
    expect(await bench.state()).toBe('Ongoing');
    await bench.clock.advance(15_000);
    expect(await bench.state()).toBe('CompleteAbort');
  });

  test('that is open for longer than its timeout is aborted and its producer fenced', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    await bench.clock.advance(60_000);
    expect(await bench.state()).toBe('Ongoing');
    await bench.clock.advance(10_000);
    expect(await bench.state()).toBe('CompleteAbort');
    expect(await producer.end(true)).toEqual(fenced);
    expect(await producer.end(false)).toEqual(fenced);
  });

  test('says of each partition whether it is in it (KIP-890)', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    const verify = (producerEpoch: number) =>
      bench.coordinator.verifyPartitions('tx', {
        producerId: producer.producerId,
        producerEpoch,
        partitions: [
          { topic: 'orders', partition: 0 },
          { topic: 'orders', partition: 1 },
        ],
      });
    expect(await verify(0)).toEqual([null, 'TRANSACTION_ABORTABLE']);
    expect(await verify(1)).toEqual(['PRODUCER_FENCED', 'PRODUCER_FENCED']);
  });
});

test('while the log refuses to abort many transactions that take too long, it is asked twice a second', async () => {
  const bench = await TransactionBench.elected({ abortTimedOutIntervalMs: 1000 });
  for (let i = 0; i < 200; i++) {
    const id = `tx-${i}`;
    const answer = await bench.coordinator.initProducerId(id, 500, null);
    if ('error' in answer) throw new Error(answer.error);
    const partitions = [{ topic: 'orders', partition: 0 }];
    await bench.coordinator.addPartitions(id, { ...answer, partitions, transactionVersion: 2 });
  }
  const refusals = bench.log.refuse('NOT_ENOUGH_REPLICAS', 50);
  await bench.clock.advance(2100);
  expect(refusals.left).toBe(47);
  refusals.left = 0;
  await bench.clock.advance(1000);
  const filter = {
    states: new Set(['CompleteAbort']),
    producerIds: new Set<number>(),
    durationMs: -1,
    matches: () => true,
  };
  expect(await bench.coordinator.list(filter)).toHaveLength(200);
});

test('many transactions over many partitions that take too long are aborted in batches that the log takes', async () => {
  const bench = await TransactionBench.elected({ abortTimedOutIntervalMs: 1000 });
  const partitions = Array.from({ length: 400 }, (_, i) => ({
    topic: `a topic with a long name, number ${i}`,
    partition: 0,
  }));
  for (let i = 0; i < 100; i++) {
    const answer = await bench.coordinator.initProducerId(`tx-${i}`, 500, null);
    if ('error' in answer) throw new Error(answer.error);
    await bench.coordinator.addPartitions(`tx-${i}`, { ...answer, partitions, transactionVersion: 2 });
  }
  await bench.clock.advance(5000);
  const filter = {
    states: new Set(['Ongoing']),
    producerIds: new Set<number>(),
    durationMs: -1,
    matches: () => true,
  };
  expect(await bench.coordinator.list(filter)).toHaveLength(0);
});
