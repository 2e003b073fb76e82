import { describe, expect, test } from 'vitest';
import {
  afterFetch,
  effectiveMinInSyncReplicas,
  type FollowerState,
  highWatermark,
  mayJoinIsr,
  outOfSync,
  unknownFollower,
} from './isr-rules.ts';

const LAG_MS = 30_000;

function follower(state: Partial<FollowerState>): FollowerState {
  return { ...unknownFollower(0, false), ...state };
}

function watermark(options: {
  current: number;
  leader: number;
  followers: Record<number, FollowerState>;
  isr: number[];
  eligible?: number[];
  minInSyncReplicas?: number;
  now?: number;
}): number {
  return highWatermark({
    current: options.current,
    leaderEndOffset: options.leader,
    followers: new Map(Object.entries(options.followers).map(([id, state]) => [Number(id), state])),
    maximalIsr: new Set(options.isr),
    isEligible: (id) => options.eligible?.includes(id) ?? true,
    isrSize: options.isr.length,
    minInSyncReplicas: options.minInSyncReplicas ?? 1,
    now: options.now ?? 100_000,
    lagTimeMaxMs: LAG_MS,
  });
}

describe('the high watermark', () => {
  test('is the leader’s end when the leader is alone in the ISR', () => {
    expect(
      watermark({ current: 3, leader: 10, followers: { 2: follower({ endOffset: 4 }) }, isr: [1] }),
    ).toBe(10);
  });

  test('is the least end of the ISR', () => {
    const followers = { 2: follower({ endOffset: 7 }), 3: follower({ endOffset: 9 }) };
    expect(watermark({ current: 3, leader: 10, followers, isr: [1, 2, 3] })).toBe(7);
  });

  test('never falls', () => {
    expect(
      watermark({ current: 8, leader: 10, followers: { 2: follower({ endOffset: 5 }) }, isr: [1, 2] }),
    ).toBe(8);
  });

  test('stays where it is until every member of the ISR has fetched from a new leader', () => {
    expect(watermark({ current: 5, leader: 10, followers: { 2: follower({}) }, isr: [1, 2] })).toBe(5);
  });

  test('waits for a follower that is caught up and not yet in the ISR, so that it can join', () => {
    const followers = { 2: follower({ endOffset: 9, caughtUpAt: 99_000 }) };
    expect(watermark({ current: 5, leader: 10, followers, isr: [1] })).toBe(9);
  });

  test('does not wait for one that could not join: fenced, or shutting down', () => {
    const followers = { 2: follower({ endOffset: 9, caughtUpAt: 99_000 }) };
    expect(watermark({ current: 5, leader: 10, followers, isr: [1], eligible: [] })).toBe(10);
  });

  test('stays while the ISR is smaller than min.insync.replicas', () => {
    expect(watermark({ current: 5, leader: 10, followers: {}, isr: [1], minInSyncReplicas: 2 })).toBe(5);
  });
});

describe('a follower', () => {
  test('that reaches where the end was at its fetch before was caught up then', () => {
    const first = afterFetch(follower({}), {
      offset: 90,
      logStartOffset: 0,
      leaderEndOffset: 100,
      now: 1000,
      brokerEpoch: -1,
    });
    expect(first.caughtUpAt).toBe(Number.NEGATIVE_INFINITY);
    const second = afterFetch(first, {
      offset: 100,
      logStartOffset: 0,
      leaderEndOffset: 120,
      now: 2000,
      brokerEpoch: -1,
    });
    expect(second.caughtUpAt).toBe(1000);
  });

  test('is out of sync when it has been behind for longer than the lag time, and not before', () => {
    const followers = new Map([[2, follower({ endOffset: 5, caughtUpAt: 1000 })]]);
    expect(outOfSync([1, 2], followers, 10, 1000 + LAG_MS, LAG_MS)).toEqual([]);
    expect(outOfSync([1, 2], followers, 10, 1001 + LAG_MS, LAG_MS)).toEqual([2]);
  });

  test('that has everything is in sync, however long nothing was written', () => {
    const followers = new Map([[2, follower({ endOffset: 10, caughtUpAt: 0 })]]);
    expect(outOfSync([1, 2], followers, 10, 1_000_000, LAG_MS)).toEqual([]);
  });

  test('in the ISR of a new leader has a whole lag time to fetch', () => {
    const followers = new Map([[2, unknownFollower(500, true)]]);
    expect(outOfSync([1, 2], followers, 10, 500 + LAG_MS, LAG_MS)).toEqual([]);
    expect(outOfSync([1, 2], followers, 10, 501 + LAG_MS, LAG_MS)).toEqual([2]);
  });

  test('joins the ISR when it has all that is committed and has begun with the leader’s epoch', () => {
    const leader = { highWatermark: 8, epochStartOffset: 10 };
    expect(mayJoinIsr(follower({ endOffset: 7 }), leader)).toBe(false);
    expect(mayJoinIsr(follower({ endOffset: 9 }), leader)).toBe(false);
    expect(mayJoinIsr(follower({ endOffset: 10 }), leader)).toBe(true);
  });
});

test('min.insync.replicas asks for no more replicas than there are', () => {
  expect(effectiveMinInSyncReplicas(3, 1)).toBe(1);
  expect(effectiveMinInSyncReplicas(2, 3)).toBe(2);
});
