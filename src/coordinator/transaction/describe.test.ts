import { describe, expect, test } from 'vitest';
import { TransactionBench } from '../../../test/coordinator/transaction-bench.ts';

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
