import { describe, expect, test } from 'vitest';
import { TransactionBench } from '../../../test/coordinator/transaction-bench.ts';
import { encodeTransactionRecord } from './records.ts';

const fenced = { error: 'PRODUCER_FENCED' };
const concurrent = { error: 'CONCURRENT_TRANSACTIONS' };

describe('a transactional id', () => {
  test('gives its producer an id, and each that comes after it a higher epoch', async () => {
    const bench = await TransactionBench.elected();
    expect(await bench.init()).toEqual({ producerId: 1000, producerEpoch: 0 });
    expect(await bench.init()).toEqual({ producerId: 1000, producerEpoch: 1 });
    await bench.failOver();
    expect(await bench.init()).toEqual({ producerId: 1000, producerEpoch: 2 });
  });

  test('is not empty, and its timeout is at most transaction.max.timeout.ms', async () => {
    const bench = await TransactionBench.elected();
    expect(await bench.coordinator.initProducerId('', 1000, null)).toEqual({ error: 'INVALID_REQUEST' });
    expect(await bench.init(null, 900_001)).toEqual({ error: 'INVALID_TRANSACTION_TIMEOUT' });
    expect(await bench.init(null, 0)).toEqual({ error: 'INVALID_TRANSACTION_TIMEOUT' });
  });

  test('lets a producer bump its own epoch, and ask again if it did not hear (KIP-360)', async () => {
    const bench = await TransactionBench.elected();
    const { producerId } = await bench.producer();
    expect(await bench.init({ producerId, producerEpoch: 0 })).toEqual({ producerId, producerEpoch: 1 });
    expect(await bench.init({ producerId, producerEpoch: 0 })).toEqual({ producerId, producerEpoch: 1 });
    await bench.init();
    expect(await bench.init({ producerId, producerEpoch: 0 })).toEqual(fenced);
    expect(await bench.init({ producerId: 7, producerEpoch: 2 })).toEqual(fenced);
  });

  test('lets a producer ask the next coordinator again for the epoch that it did not hear of', async () => {
    const bench = await TransactionBench.elected();
    const { producerId } = await bench.producer();
    await bench.init({ producerId, producerEpoch: 0 });
    await bench.failOver();
    expect(await bench.init({ producerId, producerEpoch: 0 })).toEqual({ producerId, producerEpoch: 1 });
    await bench.failOver();
    expect(await bench.init({ producerId, producerEpoch: 0 })).toEqual({ producerId, producerEpoch: 1 });
    await bench.init();
    await bench.failOver();
    expect(await bench.init({ producerId, producerEpoch: 0 })).toEqual(fenced);
    expect(await bench.init({ producerId, producerEpoch: 1 })).toEqual(fenced);
  });

  test('lets the producer of a transaction that the coordinator aborted go on at the next coordinator', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.brokers.away.add(1);
    expect(await bench.init(producer)).toEqual(concurrent);
    await bench.failOver();
    bench.brokers.away.clear();
    await bench.clock.advance(200);
    expect(await bench.state()).toBe('CompleteAbort');
    await bench.failOver();
    expect(await bench.init(producer)).toEqual({ producerId: 1000, producerEpoch: 1 });
  });

  test('lets the producer of a transaction that timed out go on at the next coordinator, unless another one came', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    await bench.clock.advance(70_000);
    expect(await bench.state()).toBe('CompleteAbort');
    await bench.failOver();
    expect(await bench.init(producer)).toEqual({ producerId: 1000, producerEpoch: 1 });
    await bench.init();
    await bench.failOver();
    expect(await bench.init(producer)).toEqual(fenced);
  });

  test('lets a producer bump its own epoch while its transaction is open: that is aborted first', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    expect(await bench.init(producer)).toEqual(concurrent);
    expect(await bench.state()).toBe('CompleteAbort');
    expect(bench.brokers.received).toMatchObject([{ committed: false, producerEpoch: 1 }]);
    expect(await bench.init(producer)).toEqual({ producerId: 1000, producerEpoch: 1 });
    expect(await bench.init()).toEqual({ producerId: 1000, producerEpoch: 2 });
    expect(await bench.init(producer)).toEqual(fenced);
  });

  test('fences a producer that bumps its epoch while its transaction is open, before transaction.version 2', async () => {
    const bench = await TransactionBench.elected();
    bench.transactionVersion = 1;
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    expect(await bench.init(producer)).toEqual(concurrent);
    expect(await bench.state()).toBe('CompleteAbort');
    expect(await bench.init(producer)).toEqual(fenced);
  });

  test('goes on with another producer id when the epochs of one are used up', async () => {
    const bench = await TransactionBench.elected();
    bench.log.append([
      encodeTransactionRecord({
        type: 'TransactionLog',
        key: { transactionalId: 'tx' },
        value: {
          producerId: 5,
          producerEpoch: 32766,
          transactionTimeoutMs: 60_000,
          transactionStatus: 0,
          transactionPartitions: null,
          transactionLastUpdateTimestampMs: bench.clock.now(),
          transactionStartTimestampMs: -1,
        },
      }),
    ]);
    await bench.failOver();
    expect(await bench.init({ producerId: 5, producerEpoch: 32766 })).toEqual({
      producerId: 1000,
      producerEpoch: 0,
    });
    // It did not hear the answer: its old id with its last epoch still opens the door.
    expect(await bench.init({ producerId: 5, producerEpoch: 32766 })).toEqual({
      producerId: 1000,
      producerEpoch: 0,
    });
    await bench.failOver();
    expect(await bench.init({ producerId: 5, producerEpoch: 32766 })).toEqual({
      producerId: 1000,
      producerEpoch: 0,
    });
  });

  test("whose producer id was used up by another producer is nobody else's to go on with", async () => {
    const bench = await TransactionBench.elected();
    bench.log.append([
      encodeTransactionRecord({
        type: 'TransactionLog',
        key: { transactionalId: 'tx' },
        value: {
          producerId: 5,
          producerEpoch: 32766,
          transactionTimeoutMs: 60_000,
          transactionStatus: 0,
          transactionPartitions: null,
          transactionLastUpdateTimestampMs: bench.clock.now(),
          transactionStartTimestampMs: -1,
        },
      }),
    ]);
    await bench.failOver();
    expect(await bench.init()).toEqual({ producerId: 1000, producerEpoch: 0 });
    expect(await bench.init({ producerId: 5, producerEpoch: 32766 })).toEqual(fenced);
    await bench.failOver();
    expect(await bench.init({ producerId: 5, producerEpoch: 32766 })).toEqual(fenced);
  });

  test('is forgotten when nobody has used it for transactional.id.expiration.ms', async () => {
    const hour = 60 * 60_000;
    const bench = await TransactionBench.elected({
      idExpirationMs: 24 * hour,
      abortTimedOutIntervalMs: hour,
    });
    await bench.producer();
    await bench.clock.advance(23.5 * hour);
    expect(await bench.state()).toBe('Empty');
    await bench.clock.advance(hour);
    expect((await bench.coordinator.describe('tx')).errorCode).toBe(105);
  });
});

test('a transactional id is not forgotten because the wall clock jumps seven days ahead', async () => {
  const hour = 60 * 60_000;
  const bench = await TransactionBench.elected({ idExpirationMs: 24 * hour, abortTimedOutIntervalMs: hour });
  await bench.producer();
  bench.clock.skewMs = 7 * 24 * hour;
  await bench.clock.advance(11 * hour);
  expect(await bench.state()).toBe('Empty');
});
