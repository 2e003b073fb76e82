import { describe, expect, test } from 'vitest';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { Producer, TransactionBench } from '../../../test/coordinator/transaction-bench.ts';
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

describe('markers', () => {
  test('are not sent before the outcome is committed', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.log.held = true;
    const end = producer.end(true);
    await settle();
    expect(bench.brokers.received).toEqual([]);
    bench.log.commit();
    expect(await end).toEqual({ producerId: 1000, producerEpoch: 0 });
    await settle();
    expect(bench.brokers.received).toHaveLength(1);
  });

  test('go to the leader of each partition, wherever it is by then', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['a', 0], ['b', 0], ['c', 0]);
    bench.brokers.leaders.set('b', null).set('c', 'gone');
    await producer.end(true);
    expect(await bench.state()).toBe('PrepareCommit');
    bench.brokers.leaders.set('b', 2);
    await bench.clock.advance(100);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(bench.brokers.received.map(({ topic, brokerId }) => [topic, brokerId])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('that a leader refuses are sent again, unless a newer epoch has written there', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['a', 0], ['b', 0]);
    bench.brokers.errors.push('NOT_LEADER_OR_FOLLOWER', 'INVALID_PRODUCER_EPOCH');
    await producer.end(true);
    expect(await bench.state()).toBe('PrepareCommit');
    await bench.clock.advance(100);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(bench.brokers.received.map(({ topic }) => topic)).toEqual(['a']);
  });

  test('of a transaction that was decided are sent by the next coordinator, with its epoch', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.brokers.away.add(1);
    await producer.end(true);
    await settle();
    await bench.failOver();
    bench.brokers.away.clear();
    await bench.clock.advance(200);
    expect(await bench.state()).toBe('CompleteCommit');
    expect(bench.brokers.received).toMatchObject([{ committed: true, coordinatorEpoch: 1 }]);
  });

  test('of a transaction that the coordinator aborts are of the cluster’s version, so that one which comes late ends no other', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    await bench.init(producer);
    await bench.init(producer);
    // It goes on with the epoch of that marker, which must not end what it writes next (KIP-1228).
    const next = new Producer(bench, { producerId: 1000, producerEpoch: 1 });
    await next.add(['orders', 0]);
    await bench.clock.advance(70_000);
    expect(bench.brokers.received).toMatchObject([
      { producerEpoch: 1, committed: false, transactionVersion: 2 },
      { producerEpoch: 2, committed: false, transactionVersion: 2 },
    ]);
    bench.transactionVersion = 1;
    await bench.producer();
    const last = await bench.producer();
    await last.add(['orders', 0]);
    await bench.init();
    await settle();
    expect(bench.brokers.received.at(-1)).toMatchObject({ producerEpoch: 5, transactionVersion: 1 });
  });

  test('of an outcome that the log lost are never sent', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.log.held = true;
    const end = producer.end(true);
    bench.log.lose();
    expect(await end).toEqual({ error: 'NOT_COORDINATOR' });
    bench.log.held = false;
    await bench.clock.advance(1000);
    expect(bench.brokers.received).toEqual([]);
    expect(await bench.state()).toBe('Ongoing');
  });

  test('are all there, but the log refuses to say so: it is asked again', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.brokers.away.add(1);
    await producer.end(true);
    bench.brokers.away.clear();
    bench.log.refusal = 'NOT_ENOUGH_REPLICAS';
    await bench.clock.advance(100);
    expect(await bench.state()).toBe('PrepareCommit');
    await bench.clock.advance(100);
    expect(await bench.state()).toBe('CompleteCommit');
  });

  test('is not tried any more once the coordinator has stopped', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 0]);
    bench.brokers.away.add(1);
    await producer.end(true);
    bench.brokers.away.clear();
    bench.log.refusal = 'NOT_ENOUGH_REPLICAS';
    await bench.clock.advance(100);
    bench.coordinator.runtime.stop();
    await bench.clock.advance(10_000);
    expect(bench.clock.timers).toBe(0);
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

describe('tools', () => {
  test('see transactions with their partitions', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await producer.add(['orders', 1]);
    expect(await bench.coordinator.describe('tx')).toMatchObject({
      errorCode: 0,
      transactionState: 'Ongoing',
      transactionTimeoutMs: 60_000,
      transactionStartTimeMs: bench.clock.now(),
      producerId: 1000,
      producerEpoch: 0,
      topics: [{ topic: 'orders', partitions: [1] }],
    });
  });

  test('list them by state, producer, age and name', async () => {
    const bench = await TransactionBench.elected();
    const producer = await bench.producer();
    await bench.coordinator.initProducerId('other', 1000, null);
    await producer.add(['orders', 1]);
    await bench.clock.advance(5000);
    const list = async (filter: {
      states?: ReadonlySet<string>;
      producerIds?: ReadonlySet<number>;
      durationMs?: number;
      matches?: (id: string) => boolean;
    }) => {
      const found = await bench.coordinator.list({
        states: new Set<string>(),
        producerIds: new Set<number>(),
        durationMs: -1,
        matches: () => true,
        ...filter,
      });
      return 'error' in found ? found.error : found.map(({ transactionalId }) => transactionalId);
    };
    expect(await list({})).toEqual(['tx', 'other']);
    expect(await list({ states: new Set(['Ongoing']) })).toEqual(['tx']);
    expect(await list({ producerIds: new Set([1001]) })).toEqual(['other']);
    expect(await list({ durationMs: 5000 })).toEqual(['tx']);
    expect(await list({ durationMs: 5001 })).toEqual([]);
    expect(await list({ matches: (id) => id.startsWith('o') })).toEqual(['other']);
  });
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
