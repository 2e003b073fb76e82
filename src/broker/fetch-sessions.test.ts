import { expect, test } from 'vitest';
import { ZERO_UUID } from '../base/brand.ts';
import { Sfc32 } from '../base/random.ts';
import { type FetchPartition, type FetchSelection, FetchSessions } from './fetch-sessions.ts';

const clock = { now: 0 };

function sessions(): FetchSessions {
  clock.now = 0;
  return new FetchSessions(new Sfc32(1), { now: () => clock.now, slots: 1000 });
}

function want(partition: number, fetchOffset = 0): FetchPartition {
  return {
    topic: 't',
    topicId: ZERO_UUID,
    partition,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    partitionMaxBytes: 1000,
  };
}

function open(
  all: FetchSessions,
  request: {
    id?: number;
    epoch: number;
    partitions?: FetchPartition[];
    forget?: number[];
    follower?: boolean;
  },
) {
  return all.open({
    sessionId: request.id ?? 0,
    sessionEpoch: request.epoch,
    usesTopicIds: false,
    isFollower: request.follower ?? false,
    partitions: request.partitions ?? [],
    forgotten: (request.forget ?? []).map((partition) => ({ topic: 't', topicId: ZERO_UUID, partition })),
  });
}

function opened(context: ReturnType<FetchSessions['open']>): FetchSelection {
  if ('error' in context) throw new Error(context.error);
  return context;
}

const state = (highWatermark: number, hasRecords = false, errorCode = 0) => ({
  errorCode,
  highWatermark,
  logStartOffset: 0,
  hasRecords,
  hasHint: false,
});

test('epoch 0 makes a session, and later requests name only changes', () => {
  const all = sessions();
  const first = opened(open(all, { epoch: 0, partitions: [want(0), want(1)] }));
  expect(first.sessionId).toBeGreaterThan(0);
  const second = opened(open(all, { id: first.sessionId, epoch: 1, partitions: [want(1, 5)] }));
  expect(second.partitions.map(({ partition, fetchOffset }) => [partition, fetchOffset])).toEqual([
    [0, 0],
    [1, 5],
  ]);
  const third = opened(open(all, { id: first.sessionId, epoch: 2, forget: [0] }));
  expect(third.partitions.map(({ partition }) => partition)).toEqual([1]);
});

test('an incremental answer leaves out what says nothing new', () => {
  const all = sessions();
  const first = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(first.select(want(0), state(7), true)).toBe(true);
  const second = opened(open(all, { id: first.sessionId, epoch: 1 }));
  expect(second.select(want(0), state(7), true)).toBe(false);
  expect(second.select(want(0), state(8), true)).toBe(true);
  expect(second.select(want(0), state(8, true), true)).toBe(true);
});

test('after an error the next good outcome is told even if nothing moved', () => {
  const all = sessions();
  const { sessionId } = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  const second = opened(open(all, { id: sessionId, epoch: 1 }));
  expect(second.select(want(0), state(-1, false, 6), true)).toBe(true);
  expect(second.select(want(0), state(7), true)).toBe(true);
  expect(second.select(want(0), state(7), true)).toBe(false);
});

test('who was served goes to the end of the order', () => {
  const all = sessions();
  const { sessionId } = opened(open(all, { epoch: 0, partitions: [want(0), want(1)] }));
  const second = opened(open(all, { id: sessionId, epoch: 1 }));
  second.select(want(0), state(9, true), true);
  const third = opened(open(all, { id: sessionId, epoch: 2 }));
  expect(third.partitions.map(({ partition }) => partition)).toEqual([1, 0]);
});

test('an unknown session and a wrong epoch are told apart', () => {
  const all = sessions();
  expect(open(all, { id: 77, epoch: 1 })).toEqual({ error: 'FETCH_SESSION_ID_NOT_FOUND' });
  const { sessionId } = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(open(all, { id: sessionId, epoch: 2 })).toEqual({ error: 'INVALID_FETCH_SESSION_EPOCH' });
});

test('epoch -1 ends the session it names and makes none', () => {
  const all = sessions();
  const { sessionId } = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(opened(open(all, { id: sessionId, epoch: -1, partitions: [want(0)] })).sessionId).toBe(0);
  expect(all.size).toBe(0);
});

test('a thousand sessions are kept: a new one takes the place of one that is stale, or of a client for a follower', () => {
  const all = sessions();
  for (let i = 0; i < 1000; i++) open(all, { epoch: 0, partitions: [want(0)] });
  expect(opened(open(all, { epoch: 0, partitions: [want(0)] })).sessionId).toBe(0);
  expect(opened(open(all, { epoch: 0, partitions: [want(0)], follower: true })).sessionId).not.toBe(0);
  clock.now = 121_000;
  expect(opened(open(all, { epoch: 0, partitions: [want(0)] })).sessionId).not.toBe(0);
  expect(all.size).toBe(1000);
});

test('a session knows which high watermark it told last', () => {
  const all = sessions();
  const first = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(first.toldHighWatermark(want(0))).toBe(-1);
  first.select(
    want(0),
    { errorCode: 0, highWatermark: 7, logStartOffset: 0, hasRecords: true, hasHint: false },
    true,
  );
  const next = opened(open(all, { id: first.sessionId, epoch: 1 }));
  expect(next.toldHighWatermark(want(0))).toBe(7);
  expect(opened(open(all, { epoch: -1, partitions: [want(0)] })).toldHighWatermark(want(0))).toBeNull();
});
