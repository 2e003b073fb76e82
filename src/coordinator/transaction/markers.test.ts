import { describe, expect, test } from 'vitest';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { Producer, TransactionBench } from '../../../test/coordinator/transaction-bench.ts';

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
