import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../base/brand.ts';
import { Sfc32 } from '../../base/random.ts';
import { PartitionWatchers } from '../../replication/partition-watchers.ts';
import type { FetchedPartition, FetchPartition, FetchSession } from './fetch-session.ts';
import { FetchSessions } from './fetch-sessions.ts';

const clock = { now: 0 };

function sessions(): FetchSessions {
  clock.now = 0;
  return new FetchSessions(new Sfc32(1), {
    now: () => clock.now,
    slots: 1000,
    watchers: new PartitionWatchers(),
  });
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
    replicaId: request.follower ? 2 : null,
    partitions: request.partitions ?? [],
    forgotten: (request.forget ?? []).map((partition) => ({ topic: 't', topicId: ZERO_UUID, partition })),
  });
}

function opened(context: ReturnType<FetchSessions['open']>): FetchSession {
  if ('error' in context) throw new Error(context.error);
  return context.session;
}

const state = (highWatermark: number, hasRecords = false, errorCode = 0) => ({
  errorCode,
  highWatermark,
  logStartOffset: 0,
  hasRecords,
  hasHint: false,
});

const read = (session: FetchSession) => [...session.awake].map(({ wanted }) => wanted);
const one = (session: FetchSession): FetchedPartition =>
  [...session.awake][0] ?? expect.fail('nothing is read');

test('epoch 0 makes a session, and later requests name only changes', () => {
  const all = sessions();
  const first = opened(open(all, { epoch: 0, partitions: [want(0), want(1)] }));
  expect(first.id).toBeGreaterThan(0);
  const second = opened(open(all, { id: first.id, epoch: 1, partitions: [want(1, 5)] }));
  expect(read(second).map(({ partition, fetchOffset }) => [partition, fetchOffset])).toEqual([
    [0, 0],
    [1, 5],
  ]);
  const third = opened(open(all, { id: first.id, epoch: 2, forget: [0] }));
  expect(read(third).map(({ partition }) => partition)).toEqual([1]);
});

test('an incremental answer leaves out what says nothing new', () => {
  const session = opened(open(sessions(), { epoch: 0, partitions: [want(0)] }));
  session.told(one(session), state(7));
  expect(session.isNews(one(session), state(7))).toBe(false);
  expect(session.isNews(one(session), state(8))).toBe(true);
  session.told(one(session), state(8));
  expect(session.isNews(one(session), state(8, true))).toBe(true);
});

test('after an error the next good outcome is told even if nothing moved', () => {
  const session = opened(open(sessions(), { epoch: 0, partitions: [want(0)] }));
  expect(session.isNews(one(session), state(-1, false, 6))).toBe(true);
  session.told(one(session), state(-1, false, 6));
  expect(session.isNews(one(session), state(7))).toBe(true);
  session.told(one(session), state(7));
  expect(session.isNews(one(session), state(7))).toBe(false);
});

test('a follower that names a partition again is told of it again: the last answer may not have arrived', () => {
  const all = sessions();
  const session = opened(open(all, { epoch: 0, partitions: [want(0)], follower: true }));
  session.told(one(session), state(7));
  expect(session.isNews(one(session), state(7))).toBe(false);
  open(all, { id: session.id, epoch: 1, partitions: [want(0)], follower: true });
  expect(session.isNews(one(session), state(7))).toBe(true);
});

test('who was served goes to the end of the order', () => {
  const session = opened(open(sessions(), { epoch: 0, partitions: [want(0), want(1)] }));
  session.served(one(session));
  expect(read(session).map(({ partition }) => partition)).toEqual([1, 0]);
});

test('an unknown session, a wrong epoch and the session of another replica are told apart', () => {
  const all = sessions();
  expect(open(all, { id: 77, epoch: 1 })).toEqual({ error: 'FETCH_SESSION_ID_NOT_FOUND' });
  const { id } = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(open(all, { id, epoch: 2 })).toEqual({ error: 'INVALID_FETCH_SESSION_EPOCH' });
  expect(open(all, { id, epoch: 1, follower: true })).toEqual({ error: 'FETCH_SESSION_ID_NOT_FOUND' });
});

test('epoch -1 ends the session it names and makes none', () => {
  const all = sessions();
  const { id } = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(opened(open(all, { id, epoch: -1, partitions: [want(0)] })).id).toBe(0);
  expect(all.size).toBe(0);
});

test('epoch 0 ends the session it names and makes another', () => {
  const all = sessions();
  const { id } = opened(open(all, { epoch: 0, partitions: [want(0)] }));
  expect(opened(open(all, { id, epoch: 0, partitions: [want(0)] })).id).not.toBe(id);
  expect(all.size).toBe(1);
});

test('a thousand sessions are kept: a new one takes the place of one that is stale, or of a client for a follower', () => {
  const all = sessions();
  for (let i = 0; i < 1000; i++) open(all, { epoch: 0, partitions: [want(0)] });
  expect(opened(open(all, { epoch: 0, partitions: [want(0)] })).id).toBe(0);
  expect(opened(open(all, { epoch: 0, partitions: [want(0)], follower: true })).id).not.toBe(0);
  clock.now = 121_000;
  expect(opened(open(all, { epoch: 0, partitions: [want(0)] })).id).not.toBe(0);
  expect(all.size).toBe(1000);
});
