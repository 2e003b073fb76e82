import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import { settle } from '../../../../test/coordinator/manual-clock.ts';

/** Two members that were told their generation and have not synced; the first leads. */
async function twoJoined(bench: GroupBench) {
  const leader = await bench.enter({ sessionTimeoutMs: 10_000 });
  const follower = await bench.enter({ sessionTimeoutMs: 10_000 });
  await bench.clock.advance(6000);
  return { leader: leader.memberId, follower: follower.memberId };
}

describe('the assignment', () => {
  test('followers wait until the leader brings it', async () => {
    const bench = await GroupBench.elected();
    const { leader, follower } = await twoJoined(bench);
    const waiting = bench.sync(follower, 1);
    await settle();
    expect(waiting.answer).toBeUndefined();
    const brought = bench.sync(leader, 1, { [leader]: 'p0', [follower]: 'p1' });
    await settle();
    expect(brought.answer).toMatchObject({ error: 'NONE', assignment: Buffer.from('p0') });
    expect(waiting.answer).toMatchObject({
      error: 'NONE',
      assignment: Buffer.from('p1'),
      protocolName: 'range',
      protocolType: 'consumer',
    });
    expect((await bench.describe()).groupState).toBe('Stable');
  });

  test('nobody learns it before it is committed', async () => {
    const bench = await GroupBench.elected();
    const { leader, follower } = await twoJoined(bench);
    bench.log.held = true;
    const early = bench.sync(follower, 1);
    const brought = bench.sync(leader, 1, { [leader]: 'p0', [follower]: 'p1' });
    const late = bench.sync(follower, 1);
    await settle();
    expect([early.answer, brought.answer, late.answer]).toEqual([undefined, undefined, undefined]);
    bench.log.commit();
    await settle();
    expect(brought.answer?.assignment).toEqual(Buffer.from('p0'));
    expect(late.answer?.assignment).toEqual(Buffer.from('p1'));
  });

  test('a member the leader forgot gets an empty one', async () => {
    const bench = await GroupBench.elected();
    const { leader, follower } = await twoJoined(bench);
    const waiting = bench.sync(follower, 1);
    bench.sync(leader, 1, { [leader]: 'all' });
    await settle();
    expect(waiting.answer).toMatchObject({ error: 'NONE', assignment: Buffer.alloc(0) });
  });

  test('what is kept of a member keeps no request, read or pool beside it', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const ownsItsMemory = async () => {
      const { assignment } = await bench.sync(memberIds[1] ?? '', generation).done;
      const { members } = await bench.describe();
      const kept = [assignment, ...members.map(({ memberMetadata }) => memberMetadata)];
      expect(kept.map(({ length }) => length)).not.toContain(0);
      return kept.every((bytes) => bytes.buffer.byteLength === bytes.length);
    };
    expect(await ownsItsMemory()).toBe(true);
    await bench.elect();
    expect(await ownsItsMemory()).toBe(true);
  });

  test('a member of a stable group is told it again', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const again = await bench.sync(memberIds[1] ?? '', generation).done;
    expect(again).toMatchObject({ error: 'NONE', assignment: Buffer.from('1') });
  });

  test('a rebalance that begins meanwhile sends everyone back to join', async () => {
    const bench = await GroupBench.elected();
    const { leader, follower } = await twoJoined(bench);
    const waiting = bench.sync(follower, 1);
    await bench.enter();
    await settle();
    expect(waiting.answer?.error).toBe('REBALANCE_IN_PROGRESS');
    expect((await bench.sync(leader, 1, { [leader]: 'all' }).done).error).toBe('REBALANCE_IN_PROGRESS');
  });

  test('is of this generation, this group and its protocol, or refused', async () => {
    const bench = await GroupBench.elected();
    const { leader } = await twoJoined(bench);
    expect((await bench.sync('nobody', 1).done).error).toBe('UNKNOWN_MEMBER_ID');
    expect((await bench.sync(leader, 0).done).error).toBe('ILLEGAL_GENERATION');
    const other = await bench.sync(leader, 1, {}, { protocol: 'sticky', type: 'consumer' }).done;
    expect(other.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    const connect = await bench.sync(leader, 1, {}, { protocol: 'range', type: 'connect' }).done;
    expect(connect.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });

  test('members that never ask for it are out after the rebalance timeout', async () => {
    const bench = await GroupBench.elected();
    const leader = await bench.enter({ rebalanceTimeoutMs: 8000, sessionTimeoutMs: 600_000 });
    const follower = await bench.enter({ rebalanceTimeoutMs: 8000, sessionTimeoutMs: 600_000 });
    await bench.clock.advance(6000);
    const waiting = bench.sync(follower.memberId, 1);
    await bench.clock.advance(8000);
    expect(waiting.answer?.error).toBe('REBALANCE_IN_PROGRESS');
    expect(await bench.heartbeat(leader.memberId, 1)).toBe('UNKNOWN_MEMBER_ID');
    const back = bench.join({ memberId: follower.memberId });
    await settle();
    expect(back.answer).toMatchObject({ generationId: 2, leader: follower.memberId });
  });

  test('that the log refuses is an error for all, and the group rebalances', async () => {
    const bench = await GroupBench.elected();
    const { leader, follower } = await twoJoined(bench);
    const waiting = bench.sync(follower, 1);
    bench.log.maxBatchBytes = 100;
    const brought = bench.sync(leader, 1, { [leader]: 'x'.repeat(200) });
    await settle();
    expect(brought.answer?.error).toBe('UNKNOWN_SERVER_ERROR');
    expect(waiting.answer?.error).toBe('UNKNOWN_SERVER_ERROR');
    expect(await bench.heartbeat(leader, 1)).toBe('REBALANCE_IN_PROGRESS');
  });
});

describe('a session', () => {
  test('is kept by heartbeats, and its end is a rebalance', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const [leader = '', follower = ''] = memberIds;
    for (let i = 0; i < 5; i++) {
      await bench.clock.advance(9000);
      expect(await bench.heartbeat(leader, generation)).toBe(i === 0 ? 'NONE' : 'REBALANCE_IN_PROGRESS');
    }
    expect(await bench.heartbeat(follower, generation)).toBe('UNKNOWN_MEMBER_ID');
  });

  test('is kept by commits too', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({});
    const [memberId = ''] = memberIds;
    await bench.clock.advance(9000);
    expect(await bench.commit(1, { memberId, generation })).toBe('NONE');
    await bench.clock.advance(9000);
    expect(await bench.heartbeat(memberId, generation)).toBe('NONE');
  });

  test('does not end while the member waits for an answer', async () => {
    const bench = await GroupBench.elected();
    const { memberIds } = await bench.stable({ sessionTimeoutMs: 60_000 }, {});
    const [, follower = ''] = memberIds;
    bench.enter();
    await settle();
    const back = bench.join({ memberId: follower });
    await bench.clock.advance(50_000);
    expect(back.answer).toBeUndefined();
  });

  test('of a new member ends after five minutes in its first join', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({ instance: 'still', sessionTimeoutMs: 1_800_000, rebalanceTimeoutMs: 1_000_000 });
    const newcomer = await bench.enter({ sessionTimeoutMs: 6000 });
    await bench.clock.advance(299_000);
    expect(newcomer.join.answer).toBeUndefined();
    await bench.clock.advance(1000);
    expect(newcomer.join.answer?.error).toBe('UNKNOWN_MEMBER_ID');
  });

  test('the last one leaves an empty group with the next generation', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({});
    await bench.clock.advance(10_000);
    expect(await bench.describe()).toMatchObject({
      groupState: 'Empty',
      protocolType: 'consumer',
      members: [],
    });
    const again = await bench.stable({});
    expect(again.generation).toBe(3);
  });
});

describe('heartbeats', () => {
  test('name a member and its generation', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.heartbeat('someone', 1)).toBe('UNKNOWN_MEMBER_ID');
    const { memberIds, generation } = await bench.stable({});
    expect(await bench.heartbeat(memberIds[0] ?? '', generation)).toBe('NONE');
    expect(await bench.heartbeat(memberIds[0] ?? '', generation + 1)).toBe('ILLEGAL_GENERATION');
    expect(await bench.heartbeat('someone', generation)).toBe('UNKNOWN_MEMBER_ID');
  });
});

describe('leaving', () => {
  test('begins a rebalance, the last one empties the group', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({}, {});
    const [leader = '', follower = ''] = memberIds;
    expect(await bench.leave({ memberId: leader })).toEqual(['NONE']);
    expect(await bench.heartbeat(follower, generation)).toBe('REBALANCE_IN_PROGRESS');
    expect(await bench.leave({ memberId: follower })).toEqual(['NONE']);
    expect((await bench.describe()).groupState).toBe('Empty');
  });

  test('has an answer for each member', async () => {
    const bench = await GroupBench.elected();
    const { memberIds } = await bench.stable({ instance: 'one' }, {});
    const [first = '', second = ''] = memberIds;
    expect(
      await bench.leave(
        { memberId: 'nobody' },
        { memberId: second, instance: 'one' },
        { memberId: first, instance: 'two' },
        { instance: 'one' },
        { memberId: second },
      ),
    ).toEqual(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'UNKNOWN_MEMBER_ID', 'NONE', 'NONE']);
  });

  test('a member that waits in a join is told to start over', async () => {
    const bench = await GroupBench.elected();
    const { memberId, join } = await bench.enter();
    expect(await bench.leave({ memberId })).toEqual(['NONE']);
    await settle();
    expect(join.answer?.error).toBe('UNKNOWN_MEMBER_ID');
  });

  test('an id that has not joined yet can leave', async () => {
    const bench = await GroupBench.elected();
    const { memberId } = await bench.join().done;
    expect(await bench.leave({ memberId })).toEqual(['NONE']);
    expect((await bench.join({ memberId }).done).error).toBe('UNKNOWN_MEMBER_ID');
  });

  test('of a group that is not there is an answer for each', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.leave({ memberId: 'a' }, { memberId: 'b' })).toEqual([
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
    ]);
  });
});
