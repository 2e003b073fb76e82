import { expect, test } from 'vitest';
import { afterFetch, type FollowerState, unknownFollower } from './isr-rules.ts';
import { closestReplica, type ReplicaView, readableFollowers } from './replica-selector.ts';

function view(id: number, rack: string | null, endOffset = 100, caughtUpAt = 0): ReplicaView {
  return { id, rack, endOffset, caughtUpAt };
}

/** A follower that has fetched from `endOffset`, with a log that begins at `logStartOffset`. */
function follower(logStartOffset: number, endOffset: number): FollowerState {
  return afterFetch(unknownFollower(0, true), {
    offset: endOffset,
    logStartOffset,
    leaderEndOffset: endOffset,
    now: 0,
    brokerEpoch: 1,
  });
}

test('a consumer is sent to the follower of its own rack', () => {
  expect(closestReplica('zone-2', 'zone-1', [view(2, 'zone-2'), view(3, 'zone-3')])).toBe(2);
});

test('the leader is read when it is in the consumer’s rack, or when no replica is', () => {
  expect(closestReplica('zone-1', 'zone-1', [view(2, 'zone-1')])).toBeNull();
  expect(closestReplica('zone-4', 'zone-1', [view(2, 'zone-2'), view(3, null)])).toBeNull();
});

test('a consumer that names no rack reads from the leader', () => {
  expect(closestReplica('', null, [view(2, '')])).toBeNull();
});

test('of several in the rack the one with most of the log is read, then the one that was caught up last', () => {
  expect(closestReplica('z', null, [view(2, 'z', 90, 9), view(3, 'z', 100, 1)])).toBe(3);
  expect(closestReplica('z', null, [view(2, 'z', 100, 9), view(3, 'z', 100, 1)])).toBe(2);
});

test('only members of the ISR that hold the wanted offset can be read', () => {
  const followers = new Map([
    [2, follower(0, 100)],
    [3, follower(50, 100)],
    [4, follower(0, 100)],
    [5, unknownFollower(0, true)],
  ]);
  const leader = { isr: [1, 2, 3, 5], follower: (id: number) => followers.get(id) };
  const readable = (offset: number) => [...readableFollowers(leader, offset)].map(({ id }) => id);
  expect(readable(49)).toEqual([2]);
  expect(readable(50)).toEqual([2, 3]);
  expect(readable(100)).toEqual([2, 3]);
  expect(readable(101)).toEqual([]);
});
