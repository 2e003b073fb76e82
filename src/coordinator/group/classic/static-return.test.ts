import { describe, expect, test } from 'vitest';
import { GroupBench, subscribed } from '../../../../test/coordinator/group-bench.ts';
import { settle } from '../../../../test/coordinator/manual-clock.ts';

describe('a static member (KIP-345)', () => {
  test('is named after its instance', async () => {
    const bench = await GroupBench.elected();
    const { memberIds } = await bench.stable({ instance: 'one' });
    expect(memberIds[0]).toMatch(/^one-[0-9a-f-]{36}$/);
  });

  test('that restarts goes on with its assignment, without a rebalance', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({ instance: 'one' }, { instance: 'two' });
    const [leader = '', follower = ''] = memberIds;
    const back = await bench.join({ instance: 'two' }).done;
    expect(back).toMatchObject({ error: 'NONE', generationId: generation, leader, members: [] });
    expect(back.memberId).not.toBe(follower);
    expect(await bench.heartbeat(leader, generation, 'one')).toBe('NONE');
    const synced = await bench.sync(back.memberId, generation, {}, { instance: 'two' }).done;
    expect(synced).toMatchObject({ error: 'NONE', assignment: Buffer.from('1') });
  });

  test('that restarted fences who still acts under its old id', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({ instance: 'one' });
    const [old = ''] = memberIds;
    await bench.join({ instance: 'one' }).done;
    expect(await bench.heartbeat(old, generation, 'one')).toBe('FENCED_INSTANCE_ID');
    expect((await bench.join({ memberId: old, instance: 'one' }).done).error).toBe('FENCED_INSTANCE_ID');
    expect((await bench.sync(old, generation, {}, { instance: 'one' }).done).error).toBe(
      'FENCED_INSTANCE_ID',
    );
    expect(await bench.commit(1, { memberId: old, generation, instance: 'one' })).toBe('FENCED_INSTANCE_ID');
    expect(await bench.heartbeat(old, generation, 'other')).toBe('UNKNOWN_MEMBER_ID');
  });

  test('that leads and restarts is told from version 9 on that it leads and must not assign (KIP-814)', async () => {
    const bench = await GroupBench.elected();
    const { generation } = await bench.stable({ instance: 'one' }, { instance: 'two' });
    const back = await bench.join({ instance: 'one', version: 9 }).done;
    expect(back).toMatchObject({ generationId: generation, leader: back.memberId, skipAssignment: true });
    expect(back.members).toHaveLength(2);
  });

  test('that leads and restarts is told the old leader before version 9, so that it does not assign', async () => {
    const bench = await GroupBench.elected();
    const { memberIds } = await bench.stable({ instance: 'one' }, { instance: 'two' });
    const back = await bench.join({ instance: 'one', version: 8 }).done;
    expect(back).toMatchObject({ leader: memberIds[0], skipAssignment: false, members: [] });
  });

  test('keeps its place after a fail-over', async () => {
    const bench = await GroupBench.elected();
    const { generation } = await bench.stable({ instance: 'one' }, { instance: 'two' });
    const back = await bench.join({ instance: 'two' }).done;
    await bench.failOver();
    expect(await bench.heartbeat(back.memberId, generation, 'two')).toBe('NONE');
    expect((await bench.sync(back.memberId, generation, {}, { instance: 'two' }).done).assignment).toEqual(
      Buffer.from('1'),
    );
  });

  test('that restarts with another protocol begins a rebalance', async () => {
    const bench = await GroupBench.elected();
    const both = ['range', 'sticky'].map((name) => ({ name, metadata: subscribed('orders') }));
    const { memberIds, generation } = await bench.stable(
      { instance: 'one', protocols: both },
      { instance: 'two', protocols: both },
    );
    bench.join({ instance: 'two', protocols: both.slice(1) });
    expect(await bench.heartbeat(memberIds[0] ?? '', generation, 'one')).toBe('REBALANCE_IN_PROGRESS');
  });

  test('that restarts while the leader assigns begins a rebalance, for the leader knows its old id', async () => {
    const bench = await GroupBench.elected();
    const one = bench.join({ instance: 'one' });
    const two = bench.join({ instance: 'two' });
    await bench.clock.advance(6000);
    const waiting = bench.sync(two.answer?.memberId ?? '', 1, {}, { instance: 'two' });
    await settle();
    bench.join({ instance: 'two' });
    await settle();
    expect(waiting.answer?.error).toBe('FENCED_INSTANCE_ID');
    expect(await bench.heartbeat(one.answer?.memberId ?? '', 1, 'one')).toBe('REBALANCE_IN_PROGRESS');
  });

  test('that restarts while others join answers its first join with FENCED_INSTANCE_ID', async () => {
    const bench = await GroupBench.elected();
    const first = bench.join({ instance: 'one' });
    const second = bench.join({ instance: 'one' });
    await bench.clock.advance(6000);
    expect(first.answer?.error).toBe('FENCED_INSTANCE_ID');
    expect(second.answer).toMatchObject({ error: 'NONE', generationId: 1 });
    expect(second.answer?.members).toHaveLength(1);
  });

  test('that does not come back in a rebalance stays a member until its session ends', async () => {
    const bench = await GroupBench.elected();
    const { memberIds } = await bench.stable(
      { rebalanceTimeoutMs: 8000 },
      { instance: 'two', rebalanceTimeoutMs: 8000, sessionTimeoutMs: 20_000 },
    );
    const back = bench.join({ memberId: memberIds[0], rebalanceTimeoutMs: 8000, sessionTimeoutMs: 60_000 });
    await bench.clock.advance(8000);
    expect(back.answer?.members.map(({ groupInstanceId }) => groupInstanceId)).toEqual([null, 'two']);
  });
});
