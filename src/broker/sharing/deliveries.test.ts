import { describe, expect, test } from 'vitest';
import { Deliveries } from './deliveries.ts';
import { Change, type DeliveryLimits } from './delivery.ts';

const LIMITS: DeliveryLimits = { deliveryCount: 5, recordLocks: 2000 };
const TEN: DeliveryLimits = { ...LIMITS, deliveryCount: 10 };
const BATCH_SIZE = 500;

/** Record batches of these sizes, one after the other. */
function batches(from: number, ...sizes: number[]): { baseOffset: number; lastOffset: number }[] {
  let next = from;
  return sizes.map((size) => {
    const baseOffset = next;
    next += size;
    return { baseOffset, lastOffset: next - 1 };
  });
}

function acquire(
  deliveries: Deliveries,
  memberId: string,
  read: { baseOffset: number; lastOffset: number }[],
  wish: {
    maxRecords?: number;
    batchSize?: number;
    isStrict?: boolean;
    fetchOffset?: number;
    lockedUntil?: number;
    limits?: DeliveryLimits;
  } = {},
) {
  const limits = wish.limits ?? LIMITS;
  return deliveries
    .acquire({
      memberId,
      batches: read,
      fetchOffset: deliveries.fetchOffset(limits) ?? 0,
      maxRecords: 500,
      batchSize: BATCH_SIZE,
      isStrict: false,
      lockedUntil: 1000,
      ...wish,
      limits,
    })
    .map(({ firstOffset, lastOffset, deliveryCount }) => `${firstOffset}-${lastOffset} x${deliveryCount}`);
}

/** What a member gets of the one batch of the log, before it releases it. */
function failed(deliveries: Deliveries, size: number, limits = LIMITS): string[] {
  const options = { maxRecords: size, batchSize: size, limits };
  const acquired = acquire(deliveries, 'a', batches(0, size), options);
  for (const one of acquired) {
    const [firstOffset = 0, lastOffset = 0] = one.split(/[- ]/).map(Number);
    const batch = { firstOffset, lastOffset, acknowledgeTypes: [RELEASE] };
    const change = deliveries.acknowledge('a', [batch], { lockedUntil: 5000, limits });
    if (change instanceof Change) deliveries.commit(change);
  }
  return acquired;
}

function acknowledge(
  deliveries: Deliveries,
  memberId: string,
  firstOffset: number,
  lastOffset: number,
  ...acknowledgeTypes: number[]
): Change | null | string {
  const result = deliveries.acknowledge(memberId, [{ firstOffset, lastOffset, acknowledgeTypes }], {
    lockedUntil: 5000,
    limits: LIMITS,
  });
  return result && 'error' in result ? result.error : result;
}

/** Acknowledges and keeps it at once. */
function settle(deliveries: Deliveries, memberId: string, first: number, last: number, ...types: number[]) {
  const change = acknowledge(deliveries, memberId, first, last, ...types);
  if (!(change instanceof Change)) throw new Error(`refused with ${change}`);
  deliveries.commit(change);
}

const ACCEPT = 1;
const RELEASE = 2;
const REJECT = 3;
const RENEW = 4;

describe('deliveries to a share group', () => {
  test('a record is one member’s until it is acknowledged, and the start moves past what is done', () => {
    const deliveries = new Deliveries(10);
    expect(acquire(deliveries, 'a', batches(10, 5))).toEqual(['10-14 x1']);
    expect(deliveries.fetchOffset(LIMITS)).toBe(15);
    expect(acknowledge(deliveries, 'b', 10, 14, ACCEPT)).toBe('INVALID_RECORD_STATE');
    settle(deliveries, 'a', 10, 12, ACCEPT);
    expect(deliveries.startOffset).toBe(13);
    settle(deliveries, 'a', 13, 14, REJECT);
    expect([deliveries.startOffset, deliveries.nextOffset, deliveries.size]).toEqual([15, 15, 0]);
  });

  test('what is released comes again, once more each time, and is given up at the limit', () => {
    const deliveries = new Deliveries(0);
    for (const count of [1, 2, 3, 4, 5]) {
      expect(acquire(deliveries, 'a', batches(0, 1))).toEqual([`0-0 x${count}`]);
      settle(deliveries, 'a', 0, 0, RELEASE);
    }
    expect(deliveries.startOffset).toBe(1);
    expect(deliveries.fetchOffset(LIMITS)).toBe(1);
  });

  test('while an acknowledgement is on its way nobody gets the record, and it cannot be acknowledged again', () => {
    const deliveries = new Deliveries(0);
    acquire(deliveries, 'a', batches(0, 3));
    const change = acknowledge(deliveries, 'a', 0, 1, RELEASE);
    expect(deliveries.fetchOffset(LIMITS)).toBe(3);
    expect(acknowledge(deliveries, 'a', 1, 2, ACCEPT)).toBe('INVALID_RECORD_STATE');
    expect(deliveries.expire(2000, LIMITS)).toEqual([
      { firstOffset: 2, lastOffset: 2, deliveryState: 0, deliveryCount: 1 },
    ]);
    if (change instanceof Change) deliveries.rollBack(change);
    expect(deliveries.expire(2000, LIMITS)).toHaveLength(1);
    expect(deliveries.fetchOffset(LIMITS)).toBe(0);
  });

  test('acknowledgements of one request count all or not at all', () => {
    const deliveries = new Deliveries(0);
    acquire(deliveries, 'a', batches(0, 4), { maxRecords: 4 });
    const refused = deliveries.acknowledge(
      'a',
      [
        { firstOffset: 0, lastOffset: 1, acknowledgeTypes: [ACCEPT] },
        { firstOffset: 1, lastOffset: 2, acknowledgeTypes: [ACCEPT] },
      ],
      { lockedUntil: 0, limits: LIMITS },
    );
    expect(refused).toMatchObject({ error: 'INVALID_RECORD_STATE' });
    expect(acknowledge(deliveries, 'a', 0, 4, ACCEPT)).toBe('INVALID_REQUEST');
    settle(deliveries, 'a', 0, 3, ACCEPT, RELEASE, REJECT, 0);
    expect([0, 1, 2, 3].map((offset) => deliveries.stateOf(offset)?.state)).toEqual([
      undefined,
      'available',
      'archived',
      'archived',
    ]);
    expect(deliveries.completeCount).toBe(2);
  });

  test('a lock that is renewed lasts longer, the others end', () => {
    const deliveries = new Deliveries(0);
    acquire(deliveries, 'a', batches(0, 2));
    expect(acknowledge(deliveries, 'a', 1, 1, RENEW)).toBeNull();
    expect(deliveries.nextExpiry).toBe(1000);
    deliveries.expire(1000, LIMITS);
    expect(deliveries.nextExpiry).toBe(5000);
    expect(acquire(deliveries, 'b', batches(0, 2))).toEqual(['0-0 x2']);
  });

  // Kafka's ShareConsumerTest,
  // testDeliveryCountDifferentBehaviorWhenClosingSessionWithExplicitAcknowledgement and
  // testBehaviorOnDeliveryCountBoundary; SharePartition.releaseAcquiredRecords.
  test('a member that leaves gives back what it has, and the delivery to it counts', () => {
    const deliveries = new Deliveries(0);
    acquire(deliveries, 'a', batches(0, 2), { maxRecords: 1, isStrict: true });
    acquire(deliveries, 'b', batches(0, 2));
    const change = deliveries.release('a', LIMITS);
    expect(change?.batches).toEqual([{ firstOffset: 0, lastOffset: 0, deliveryState: 0, deliveryCount: 1 }]);
    if (change) deliveries.commit(change);
    expect(deliveries.release('a', LIMITS)).toBeNull();
    expect(acquire(deliveries, 'c', batches(0, 2))).toEqual(['0-0 x2']);
  });

  test('a record whose members go away one after the other is given up at the limit', () => {
    const deliveries = new Deliveries(0);
    for (const count of [1, 2, 3, 4, 5]) {
      expect(acquire(deliveries, `member ${count}`, batches(0, 1))).toEqual([`0-0 x${count}`]);
      const change = deliveries.release(`member ${count}`, LIMITS);
      if (change) deliveries.commit(change);
    }
    expect(deliveries.startOffset).toBe(1);
    expect(deliveries.fetchOffset(LIMITS)).toBe(1);
  });

  test('batches are kept whole unless the limit is strict, and cut where the batch size says', () => {
    const soft = new Deliveries(0);
    expect(acquire(soft, 'a', batches(0, 10, 10, 10), { maxRecords: 12 })).toEqual(['0-19 x1']);
    const strict = new Deliveries(0);
    expect(acquire(strict, 'a', batches(0, 10, 10, 10), { maxRecords: 12, isStrict: true })).toEqual([
      '0-11 x1',
    ]);
    const cut = new Deliveries(0);
    expect(acquire(cut, 'a', batches(0, 10, 10, 10), { batchSize: 10 })).toEqual([
      '0-9 x1',
      '10-19 x1',
      '20-29 x1',
    ]);
  });

  test('no more records are on their way than may be locked, but what is released comes again', () => {
    const limits = { deliveryCount: 5, recordLocks: 100 };
    const deliveries = new Deliveries(0);
    expect(acquire(deliveries, 'a', batches(0, 60, 60, 60), { limits })).toEqual(['0-119 x1']);
    expect(deliveries.fetchOffset(limits)).toBeNull();
    settle(deliveries, 'a', 50, 59, RELEASE);
    expect(deliveries.fetchOffset(limits)).toBe(50);
    expect(acquire(deliveries, 'b', batches(0, 60, 60, 60), { limits })).toEqual(['50-59 x2']);
  });

  test('offsets that compaction has removed are done', () => {
    const deliveries = new Deliveries(0);
    expect(acquire(deliveries, 'a', [{ baseOffset: 7, lastOffset: 9 }])).toEqual(['7-9 x1']);
    expect(deliveries.startOffset).toBe(7);
    settle(deliveries, 'a', 7, 9, RELEASE);
    expect(acquire(deliveries, 'a', [{ baseOffset: 9, lastOffset: 9 }], { fetchOffset: 7 })).toEqual([
      '9-9 x2',
    ]);
    expect(deliveries.startOffset).toBe(9);
  });

  test('records that retention removes are gone, whoever has them', () => {
    const deliveries = new Deliveries(0);
    acquire(deliveries, 'a', batches(0, 10));
    deliveries.moveStart(4);
    expect(acknowledge(deliveries, 'a', 0, 3, ACCEPT)).toBeNull();
    settle(deliveries, 'a', 0, 9, ACCEPT);
    expect(deliveries.startOffset).toBe(10);
    deliveries.moveStart(50);
    expect([deliveries.startOffset, deliveries.nextOffset]).toEqual([50, 50]);
  });

  // Kafka's ShareConsumerTest, testFetchWithThrottledDelivery.
  test('a batch that fails again and again comes in smaller parts, in the end record by record', () => {
    const deliveries = new Deliveries(0);
    expect([0, 1, 2, 3, 4].map(() => failed(deliveries, 100))).toEqual([
      ['0-99 x1'],
      ['0-99 x2'],
      ['0-99 x3'],
      ['0-49 x4'],
      ['0-0 x5'],
    ]);
    for (let offset = 1; offset < 50; offset++)
      expect(failed(deliveries, 100)).toEqual([`${offset}-${offset} x5`]);
    expect(failed(deliveries, 100)).toEqual(['50-99 x4']);
    for (let offset = 50; offset < 100; offset++)
      expect(failed(deliveries, 100)).toEqual([`${offset}-${offset} x5`]);
    expect(deliveries.startOffset).toBe(100);
  });

  // Kafka's ShareConsumerTest, testFetchWithThrottledDeliveryBatchesWithIncreasedDeliveryLimit.
  test('how many records come is a part of the batch that was acquired first, not of what is left of it', () => {
    const deliveries = new Deliveries(0);
    const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(() => failed(deliveries, 512, TEN));
    expect(counts.map(([one]) => one)).toEqual([
      ...[1, 2, 3, 4, 5].map((count) => `0-511 x${count}`),
      ...['0-255 x6', '0-127 x7', '0-63 x8', '0-31 x9', '0-0 x10'],
    ]);
    const oneByOne = (from: number, to: number): void => {
      for (let offset = from; offset < to; offset++)
        expect(failed(deliveries, 512, TEN)).toEqual([`${offset}-${offset} x10`]);
    };
    oneByOne(1, 32);
    expect(failed(deliveries, 512, TEN)).toEqual(['32-63 x9']);
    oneByOne(32, 64);
    expect(failed(deliveries, 512, TEN)).toEqual(['64-127 x8']);
    expect(failed(deliveries, 512, TEN)).toEqual(['64-95 x9']);
    oneByOne(64, 96);
    expect(failed(deliveries, 512, TEN)).toEqual(['96-127 x9']);
    oneByOne(96, 128);
    expect(failed(deliveries, 512, TEN)).toEqual(['128-255 x7']);
  });

  test('what fails again and again comes neither with a batch before it nor with one behind it', () => {
    const deliveries = new Deliveries(0, [
      { firstOffset: 0, lastOffset: 9, deliveryState: 0, deliveryCount: 1 },
      { firstOffset: 10, lastOffset: 19, deliveryState: 0, deliveryCount: 3 },
    ]);
    const read = batches(0, 10, 10, 10);
    expect(acquire(deliveries, 'a', read)).toEqual(['0-9 x2']);
    expect(acquire(deliveries, 'a', read)).toEqual(['10-14 x4']);
    expect(acquire(deliveries, 'a', read)).toEqual(['15-19 x4']);
    expect(acquire(deliveries, 'a', read)).toEqual(['20-29 x1']);
  });

  test('the next leader goes on from what was kept, and gives out what was only acquired', () => {
    const deliveries = new Deliveries(100, [
      { firstOffset: 90, lastOffset: 101, deliveryState: 2, deliveryCount: 1 },
      { firstOffset: 104, lastOffset: 105, deliveryState: 0, deliveryCount: 3 },
      { firstOffset: 108, lastOffset: 109, deliveryState: 4, deliveryCount: 5 },
    ]);
    expect([deliveries.startOffset, deliveries.nextOffset]).toEqual([102, 110]);
    expect(deliveries.stateOf(103)).toEqual({ state: 'available', deliveryCount: 0 });
    expect(deliveries.completeCount).toBe(2);
    expect(acquire(deliveries, 'a', batches(100, 10))).toEqual(['102-103 x1']);
    expect(acquire(deliveries, 'a', batches(100, 10))).toEqual(['104-104 x4']);
  });
});
