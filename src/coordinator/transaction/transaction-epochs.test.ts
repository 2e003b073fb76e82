import { describe, expect, test } from 'vitest';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { Producer, TransactionBench } from '../../../test/coordinator/transaction-bench.ts';
import { encodeTransactionRecord } from './records.ts';

const fenced = { error: 'PRODUCER_FENCED' };
const concurrent = { error: 'CONCURRENT_TRANSACTIONS' };

describe('an epoch for each transaction (transaction.version 2, KIP-890)', () => {
  test('is given by the end of the one before', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    expect(await producer.end(true, 2)).toEqual({ producerId: 1000, producerEpoch: 1 });
    expect(bench.brokers.received).toMatchObject([{ producerEpoch: 1, committed: true }]);
    expect(await bench.state()).toBe('CompleteCommit');
  });

  test('is given again to a producer that did not hear it, and late requests of the old one do nothing', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    await producer.end(true, 2);
    await settle();
    expect(await producer.end(true, 2)).toEqual({ producerId: 1000, producerEpoch: 1 });
    expect(await producer.end(false, 2)).toEqual({ error: 'INVALID_TXN_STATE' });
    expect(await producer.add(['orders', 1])).toBe('PRODUCER_FENCED');
    const next = new Producer(bench, { producerId: 1000, producerEpoch: 1 });
    await next.add(['orders', 2]);
    expect(await producer.end(false, 2)).toEqual(fenced);
    expect(await bench.state()).toBe('Ongoing');
  });

  test('is given to a producer that asks for it instead of ending the transaction again', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    await producer.end(true, 2);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(await bench.init(producer)).toEqual({ producerId: 1000, producerEpoch: 1 });
    const next = new Producer(bench, { producerId: 1000, producerEpoch: 1 });
    expect(await bench.init(next)).toEqual({ producerId: 1000, producerEpoch: 2 });
    expect(await bench.init(producer)).toEqual(fenced);
  });

  test('is given to such a producer by the next coordinator', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.brokers.away.add(1);
    await producer.end(true, 2);
    await bench.failOver();
    expect(await bench.init(producer)).toEqual(concurrent);
    bench.brokers.away.clear();
    await bench.clock.advance(200);
    expect(await bench.init(producer)).toEqual({ producerId: 1000, producerEpoch: 1 });
  });

  test('is not given by the next coordinator to a producer that another one has replaced', async () => {
    const bench = await TransactionBench.elected();
    const old = await bench.producer();
    await old.add(['orders', 0]);
    await old.end(true, 2);
    expect(await bench.state()).toBe('CompleteCommit');
    await bench.init();
    await bench.failOver();
    expect(await bench.init(old)).toEqual(fenced);
    expect(await bench.init({ producerId: 1000, producerEpoch: 1 })).toEqual(fenced);
  });

  test('is given by aborting a transaction that wrote nothing', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    expect(await producer.end(false, 2)).toEqual({ producerId: 1000, producerEpoch: 1 });
    expect(await bench.state()).toBe('CompleteAbort');
    const next = new Producer(bench, { producerId: 1000, producerEpoch: 1 });
    expect(await next.end(false, 2)).toEqual({ producerId: 1000, producerEpoch: 2 });
    await settle();
    // What it asked before was an abort: a commit of the same epoch was overtaken by somebody else's
    // (KAFKA-20785).
    expect(await next.end(true, 2)).toEqual(fenced);
  });

  test('whose transaction wrote nothing may be aborted only after the one before has its markers (KAFKA-18464)', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.brokers.away.add(1);
    expect(await producer.end(true, 2)).toEqual({ producerId: 1000, producerEpoch: 1 });
    const next = new Producer(bench, { producerId: 1000, producerEpoch: 1 });
    expect(await next.end(false, 2)).toEqual(concurrent);
    expect(await producer.end(true, 2)).toEqual(concurrent);
    bench.brokers.away.clear();
    await bench.clock.advance(200);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(await next.end(false, 2)).toEqual({ producerId: 1000, producerEpoch: 2 });
  });

  test('comes with another producer id when the epochs are used up, and again when not heard', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    const [entry] = bench.log.entries.slice(-1);
    expect(entry).toBeDefined();
    bench.log.append([
      encodeTransactionRecord({
        type: 'TransactionLog',
        key: { transactionalId: 'tx' },
        value: {
          producerId: 1000,
          producerEpoch: 32766,
          transactionTimeoutMs: 60_000,
          transactionStatus: 1,
          transactionPartitions: [{ topic: 'orders', partitionIds: [0] }],
          transactionLastUpdateTimestampMs: bench.clock.now(),
          transactionStartTimestampMs: bench.clock.now(),
          clientTransactionVersion: 2,
        },
      }),
    ]);
    await bench.failOver();
    producer.producerEpoch = 32766;
    bench.brokers.away.add(1);
    expect(await producer.end(true, 2)).toEqual({ producerId: 1001, producerEpoch: 0 });
    // Until the markers are written the new id is not in force, but it is no stranger's.
    const next = new Producer(bench, { producerId: 1001, producerEpoch: 0 });
    expect(await next.add(['orders', 0])).toBe('CONCURRENT_TRANSACTIONS');
    expect(await next.end(false, 2)).toEqual(concurrent);
    expect(await bench.init({ producerId: 1001, producerEpoch: 0 })).toEqual(concurrent);
    bench.brokers.away.clear();
    await bench.clock.advance(200);
    expect(bench.brokers.received).toMatchObject([{ producerId: 1000, producerEpoch: 32767 }]);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(await producer.end(true, 2)).toEqual({ producerId: 1001, producerEpoch: 0 });
    await bench.failOver();
    expect(await bench.init(producer)).toEqual({ producerId: 1001, producerEpoch: 0 });
    expect(await bench.init(producer)).toEqual({ producerId: 1001, producerEpoch: 0 });
  });

  test('is of another producer id when the coordinator aborts with the last epoch of one', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    bench.log.append([
      encodeTransactionRecord({
        type: 'TransactionLog',
        key: { transactionalId: 'tx' },
        value: {
          producerId: 1000,
          producerEpoch: 32766,
          transactionTimeoutMs: 60_000,
          transactionStatus: 1,
          transactionPartitions: [{ topic: 'orders', partitionIds: [0] }],
          transactionLastUpdateTimestampMs: bench.clock.now(),
          transactionStartTimestampMs: bench.clock.now(),
          clientTransactionVersion: 2,
        },
      }),
    ]);
    await bench.failOver();
    producer.producerEpoch = 32766;
    expect(await bench.init(producer)).toEqual(concurrent);
    expect(await bench.state()).toBe('CompleteAbort');
    expect(bench.brokers.received).toMatchObject([{ producerId: 1000, producerEpoch: 32767 }]);
    expect(await bench.init(producer)).toEqual({ producerId: 1001, producerEpoch: 0 });
    expect(await bench.init(producer)).toEqual({ producerId: 1001, producerEpoch: 0 });
  });
});
