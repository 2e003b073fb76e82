import { describe, expect, test } from 'vitest';
import { GroupBench, subscribed } from '../../../../test/coordinator/group-bench.ts';
import { settle } from '../../../../test/coordinator/manual-clock.ts';

describe('becoming a member', () => {
  test('a new member is first given its id, from version 4 on (KIP-394)', async () => {
    const bench = await GroupBench.elected();
    const first = await bench.join().done;
    expect(first.error).toBe('MEMBER_ID_REQUIRED');
    expect(first.memberId).toMatch(
      /^client-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test('before version 4 it joins at once', async () => {
    const bench = await GroupBench.elected();
    const join = bench.join({ version: 3 });
    await bench.clock.advance(3000);
    expect(join.answer).toMatchObject({ error: 'NONE', generationId: 1 });
  });

  test('an id nobody joined with is forgotten after the session timeout', async () => {
    const bench = await GroupBench.elected();
    const { memberId } = await bench.join({ sessionTimeoutMs: 6000 }).done;
    await bench.clock.advance(6000);
    const again = await bench.join({ memberId }).done;
    expect(again.error).toBe('UNKNOWN_MEMBER_ID');
  });

  test('a member of a group that does not exist is unknown', async () => {
    const bench = await GroupBench.elected();
    expect((await bench.join({ memberId: 'someone' }).done).error).toBe('UNKNOWN_MEMBER_ID');
    expect((await bench.describe()).groupState).toBe('Dead');
  });

  test('session timeouts outside the allowed range are refused', async () => {
    const bench = await GroupBench.elected();
    expect((await bench.join({ sessionTimeoutMs: 5999 }).done).error).toBe('INVALID_SESSION_TIMEOUT');
    expect((await bench.join({ sessionTimeoutMs: 1_800_001 }).done).error).toBe('INVALID_SESSION_TIMEOUT');
  });

  test('a group has a name', async () => {
    const bench = await GroupBench.elected();
    expect((await bench.join({ group: '' }).done).error).toBe('INVALID_GROUP_ID');
  });

  test('without a protocol, or with one that others do not have, nobody joins', async () => {
    const bench = await GroupBench.elected();
    expect((await bench.join({ protocols: [] }).done).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    await bench.stable({});
    const other = [{ name: 'sticky', metadata: subscribed('orders') }];
    expect((await bench.join({ protocols: other }).done).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect((await bench.join({ protocolType: 'connect' }).done).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });

  test('a group takes no more than group.max.size members', async () => {
    const bench = await GroupBench.elected({ maxSize: 2 });
    await bench.stable({}, {});
    expect((await bench.join().done).error).toBe('GROUP_MAX_SIZE_REACHED');
  });
});

describe('the first rebalance of a group', () => {
  test('waits group.initial.rebalance.delay.ms for others', async () => {
    const bench = await GroupBench.elected();
    const { join } = await bench.enter();
    await bench.clock.advance(2999);
    expect(join.answer).toBeUndefined();
    await bench.clock.advance(1);
    expect(join.answer).toMatchObject({ error: 'NONE', generationId: 1, protocolName: 'range' });
  });

  test('does not wait where the members are workers of Connect', async () => {
    const bench = await GroupBench.elected();
    const { join } = await bench.enter({ protocolType: 'connect' });
    await bench.clock.advance(0);
    expect(join.answer).toMatchObject({ error: 'NONE', generationId: 1 });
  });

  test('waits again for each round in which someone came, up to the rebalance timeout', async () => {
    const bench = await GroupBench.elected();
    const first = await bench.enter({ rebalanceTimeoutMs: 7000 });
    await bench.clock.advance(2000);
    const second = await bench.enter({ rebalanceTimeoutMs: 7000 });
    await bench.clock.advance(2000);
    const third = await bench.enter({ rebalanceTimeoutMs: 7000 });
    await bench.clock.advance(2999);
    expect(first.join.answer).toBeUndefined();
    await bench.clock.advance(1);
    expect(first.join.answer?.members).toHaveLength(3);
    expect(second.join.answer).toMatchObject({ generationId: 1, leader: first.memberId, members: [] });
    expect(third.join.answer).toMatchObject({ generationId: 1, leader: first.memberId, members: [] });
  });

  test('the leader learns of all members and what they said, the others of none', async () => {
    const bench = await GroupBench.elected();
    const leader = await bench.enter({ protocols: [{ name: 'range', metadata: subscribed('a') }] });
    const follower = await bench.enter({ protocols: [{ name: 'range', metadata: subscribed('b') }] });
    await bench.clock.advance(6000);
    expect(leader.join.answer?.members).toEqual([
      { memberId: leader.memberId, groupInstanceId: null, metadata: subscribed('a') },
      { memberId: follower.memberId, groupInstanceId: null, metadata: subscribed('b') },
    ]);
    expect(follower.join.answer?.members).toEqual([]);
  });

  test('the protocol most members prefer is chosen, among those that all have', async () => {
    const bench = await GroupBench.elected();
    const offer = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata: subscribed('orders') })),
    });
    const { join } = await bench.enter(offer('cooperative', 'range', 'sticky'));
    await bench.enter(offer('sticky', 'range'));
    await bench.enter(offer('sticky', 'range'));
    await bench.clock.advance(6000);
    expect(join.answer?.protocolName).toBe('sticky');
  });
});

describe('a rebalance of a group that works', () => {
  test('begins when a member comes; the others are told by their heartbeats and join again', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({});
    const [leader = ''] = memberIds;
    const newcomer = await bench.enter();
    expect(await bench.heartbeat(leader, generation)).toBe('REBALANCE_IN_PROGRESS');
    const again = bench.join({ memberId: leader });
    await settle();
    expect(again.answer).toMatchObject({ error: 'NONE', generationId: generation + 1, leader });
    expect(newcomer.join.answer).toMatchObject({ error: 'NONE', generationId: generation + 1, leader });
  });

  test('goes on without those that are not back in time, and another one leads', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable(
      { sessionTimeoutMs: 100_000 },
      { sessionTimeoutMs: 100_000 },
    );
    const [leader = '', follower = ''] = memberIds;
    const newcomer = await bench.enter();
    const back = bench.join({ memberId: follower });
    await bench.clock.advance(59_999);
    expect(back.answer).toBeUndefined();
    await bench.clock.advance(1);
    expect(back.answer).toMatchObject({ generationId: generation + 1, leader: follower });
    expect(newcomer.join.answer).toMatchObject({ leader: follower });
    expect(await bench.heartbeat(leader, generation)).toBe('UNKNOWN_MEMBER_ID');
  });

  test('begins when the leader joins again, for it may have seen new partitions', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const [leader = '', follower = ''] = memberIds;
    bench.join({ memberId: leader });
    expect(await bench.heartbeat(follower, generation)).toBe('REBALANCE_IN_PROGRESS');
  });

  test('does not begin when a follower joins again with nothing new', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const [leader = '', follower = ''] = memberIds;
    const again = await bench.join({ memberId: follower }).done;
    expect(again).toMatchObject({ error: 'NONE', generationId: generation, members: [] });
    expect(await bench.heartbeat(leader, generation)).toBe('NONE');
  });

  test('begins when a follower wants other topics', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const [leader = '', follower = ''] = memberIds;
    bench.join({ memberId: follower, protocols: [{ name: 'range', metadata: subscribed('other') }] });
    expect(await bench.heartbeat(leader, generation)).toBe('REBALANCE_IN_PROGRESS');
  });

  test('a join that was lost to its client is answered again while the leader assigns', async () => {
    const bench = await GroupBench.elected();
    const { memberId, join } = await bench.enter();
    await bench.clock.advance(3000);
    await join.done;
    const again = await bench.join({ memberId }).done;
    expect(again).toMatchObject({ error: 'NONE', generationId: 1, leader: memberId });
    expect(again.members).toHaveLength(1);
  });

  test('the second request of a member that joins replaces the first', async () => {
    const bench = await GroupBench.elected();
    const { memberId, join } = await bench.enter();
    const second = bench.join({ memberId });
    await bench.clock.advance(6000);
    expect(join.answer?.error).toBe('REBALANCE_IN_PROGRESS');
    expect(second.answer).toMatchObject({ error: 'NONE', generationId: 1 });
  });
});
