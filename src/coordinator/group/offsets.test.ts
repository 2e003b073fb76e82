import { describe, expect, test } from 'vitest';
import { GroupBench, subscribed } from '../../../test/coordinator/group-bench.ts';
import { BenchThread, WORD_COUNT } from '../../../test/coordinator/streams-bench.ts';

const MINUTE = 60_000;

describe('committing', () => {
  test('what was committed is read back, with its leader epoch and metadata', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.commit(42, { metadata: 'note' })).toBe('NONE');
    const fetched = await bench.coordinator.offsets.fetch(
      { groupId: 'app', memberId: null, memberEpoch: -1, topics: null },
      false,
    );
    expect(fetched.topics).toMatchObject([
      {
        name: 'orders',
        partitions: [
          { partitionIndex: 0, committedOffset: 42, committedLeaderEpoch: 5, metadata: 'note', errorCode: 0 },
        ],
      },
    ]);
  });

  test('a consumer that assigns itself makes a simple group', async () => {
    const bench = await GroupBench.elected();
    await bench.commit(1);
    expect(await bench.describe()).toMatchObject({ groupState: 'Empty', protocolType: '' });
  });

  test('a member commits in its generation', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({});
    const [memberId = ''] = memberIds;
    expect(await bench.commit(1, { memberId, generation })).toBe('NONE');
    expect(await bench.commit(2, { memberId, generation: generation - 1 })).toBe('ILLEGAL_GENERATION');
    expect(await bench.commit(3, { memberId: 'other', generation })).toBe('UNKNOWN_MEMBER_ID');
    expect(await bench.commit(4)).toBe('UNKNOWN_MEMBER_ID');
    expect(await bench.committed()).toBe(1);
  });

  test('a generation of a group that does not exist is refused, from version 9 on by its own name', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.commit(1, { memberId: 'm', generation: 3, version: 8 })).toBe('ILLEGAL_GENERATION');
    expect(await bench.commit(1, { memberId: 'm', generation: 3, version: 9 })).toBe('GROUP_ID_NOT_FOUND');
  });

  test('a member that joined but has no assignment yet is sent on to the rebalance', async () => {
    const bench = await GroupBench.elected();
    const { memberId } = await bench.enter();
    await bench.clock.advance(6000);
    expect(await bench.commit(1, { memberId, generation: 1 })).toBe('REBALANCE_IN_PROGRESS');
  });

  test('a member may still commit while the next generation gathers', async () => {
    const bench = await GroupBench.elected();
    const { memberIds, generation } = await bench.stable({});
    await bench.enter();
    expect(await bench.commit(7, { memberId: memberIds[0], generation })).toBe('NONE');
  });

  test('metadata is limited by offset.metadata.max.bytes', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.commit(1, { metadata: 'x'.repeat(4096) })).toBe('NONE');
    expect(await bench.commit(2, { metadata: 'x'.repeat(4097) })).toBe('OFFSET_METADATA_TOO_LARGE');
    expect(await bench.committed()).toBe(1);
  });

  test('is answered when it is committed, or not in time', async () => {
    const bench = await GroupBench.elected();
    bench.log.held = true;
    const commit = bench.commit(1);
    const read = bench.committed();
    await bench.clock.advance(4999);
    bench.log.commit();
    expect(await commit).toBe('NONE');
    expect(await read).toBe(1);
    const late = bench.commit(2);
    const lateRead = bench.committed();
    await bench.clock.advance(5000);
    expect(await late).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(await lateRead).toBe('NOT_COORDINATOR');
  });
});

describe('fetching', () => {
  test('a group or partition without an offset is -1 and no error', async () => {
    const bench = await GroupBench.elected();
    expect(await bench.committed()).toBe(-1);
    await bench.commit(1);
    expect(await bench.committed('orders', 9)).toBe(-1);
    expect(await bench.committed('other')).toBe(-1);
  });
});

describe('transactional offsets', () => {
  const producer = { producerId: 9, producerEpoch: 0 };
  const offsetRecord = async (bench: GroupBench, offset: number) => {
    const { encodeGroupRecord } = await import('./records.ts');
    const { key, value } = encodeGroupRecord({
      type: 'OffsetCommit',
      key: { group: 'app', topic: 'orders', partition: 0 },
      value: { offset, metadata: '', commitTimestamp: bench.clock.now() },
    });
    bench.log.append([{ key, value }], producer);
  };
  const end = (bench: GroupBench, committed: boolean) =>
    bench.coordinator.completeTransaction(0, {
      ...producer,
      coordinatorEpoch: 0,
      committed,
      transactionVersion: 0,
    });

  test('do not count before the transaction is committed', async () => {
    const bench = new GroupBench();
    await offsetRecord(bench, 5);
    await bench.elect();
    expect(await bench.committed()).toBe(-1);
    expect(await bench.committed('orders', 0, 'app', true)).toBe('UNSTABLE_OFFSET_COMMIT');
    expect(await end(bench, true)).toBeNull();
    expect(await bench.committed('orders', 0, 'app', true)).toBe(5);
    await bench.failOver();
    expect(await bench.committed()).toBe(5);
  });

  test('are forgotten when it is aborted', async () => {
    const bench = new GroupBench();
    await offsetRecord(bench, 5);
    await bench.elect();
    await end(bench, false);
    expect(await bench.committed('orders', 0, 'app', true)).toBe(-1);
  });

  test('are not ended by the marker of the transaction before, when it comes once more', async () => {
    const bench = new GroupBench();
    await bench.elect();
    const marker = { ...producer, coordinatorEpoch: 0, committed: true, transactionVersion: 2 };
    const again = () => bench.coordinator.completeTransaction(0, marker);
    expect(await again()).toBeNull();
    // The next transaction has the epoch of that marker (KIP-890).
    await offsetRecord(bench, 5);
    await bench.failOver();
    expect(await again()).toBeNull();
    expect(await bench.committed('orders', 0, 'app', true)).toBe('UNSTABLE_OFFSET_COMMIT');
    await bench.coordinator.completeTransaction(0, { ...marker, producerEpoch: 1 });
    expect(await bench.committed('orders', 0, 'app', true)).toBe(5);
  });

  test('yield to a commit that came after them', async () => {
    const bench = new GroupBench();
    await offsetRecord(bench, 5);
    await bench.elect();
    await bench.commit(8);
    await end(bench, true);
    expect(await bench.committed()).toBe(8);
  });
});

describe('offsets expire (KIP-211)', () => {
  const retention = { offsetsRetentionMs: 60 * MINUTE, offsetsRetentionCheckIntervalMs: 10 * MINUTE };

  test('of a simple group, a retention after the last commit, and the group with them', async () => {
    const bench = await GroupBench.elected(retention);
    await bench.commit(1);
    await bench.clock.advance(50 * MINUTE);
    expect(await bench.committed()).toBe(1);
    await bench.clock.advance(20 * MINUTE);
    expect(await bench.committed()).toBe(-1);
    expect((await bench.describe()).groupState).toBe('Dead');
  });

  test('many that the log refuses to forget are tried again twice a second', async () => {
    const bench = await GroupBench.elected(retention);
    for (let partition = 0; partition < 2001; partition++) await bench.commit(1, { partition });
    await bench.clock.advance(59 * MINUTE);
    const refusals = bench.log.refuse('NOT_ENOUGH_REPLICAS', 50);
    await bench.clock.advance(MINUTE + 1100);
    expect(refusals.left).toBe(47);
    refusals.left = 0;
    await bench.clock.advance(MINUTE);
    expect((await bench.describe()).groupState).toBe('Dead');
  });

  test('of many groups, in batches that the log takes', async () => {
    const bench = await GroupBench.elected(retention);
    for (let partition = 0; partition < 1997; partition++) await bench.commit(1, { group: 'a', partition });
    // The end of this one takes more records than there is room for in the first batch.
    const thread = new BenchThread(bench, 'm');
    const tasks = { activeTasks: [], standbyTasks: [], warmupTasks: [] };
    const joining = { rebalanceTimeoutMs: 1000, topology: WORD_COUNT, processId: 'm', ...tasks };
    expect(await thread.send({ groupId: 'b', ...joining })).toBe('NONE');
    expect(await thread.leave({ groupId: 'b' })).toBe('NONE');
    expect(await bench.commit(1, { group: 'b' })).toBe('NONE');
    for (let partition = 0; partition < 8000; partition++) await bench.commit(1, { group: 'c', partition });
    bench.log.maxBatchBytes = 100_000;
    await bench.clock.advance(71 * MINUTE);
    expect((await bench.describe('c')).groupState).toBe('Dead');
  });

  test('of an empty group, a retention after it became empty', async () => {
    const bench = await GroupBench.elected(retention);
    const { memberIds, generation } = await bench.stable({});
    const [memberId = ''] = memberIds;
    await bench.commit(1, { memberId, generation });
    for (let i = 0; i < 400; i++) {
      await bench.clock.advance(9000);
      await bench.heartbeat(memberId, generation);
    }
    await bench.leave({ memberId });
    await bench.clock.advance(55 * MINUTE);
    expect(await bench.committed()).toBe(1);
    await bench.clock.advance(16 * MINUTE);
    expect(await bench.committed()).toBe(-1);
  });

  test('of topics a working group no longer reads, and of no others', async () => {
    const bench = await GroupBench.elected(retention);
    const protocols = [{ name: 'range', metadata: subscribed('orders') }];
    const { memberIds, generation } = await bench.stable({ protocols });
    const [memberId = ''] = memberIds;
    await bench.commit(1, { memberId, generation, topic: 'orders' });
    await bench.commit(2, { memberId, generation, topic: 'old' });
    for (let i = 0; i < 480; i++) {
      await bench.clock.advance(9000);
      await bench.heartbeat(memberId, generation);
    }
    expect(await bench.committed('orders')).toBe(1);
    expect(await bench.committed('old')).toBe(-1);
  });

  test('not because the wall clock jumps seven days ahead', async () => {
    const bench = await GroupBench.elected(retention);
    const { memberIds, generation } = await bench.stable({});
    await bench.commit(1, { memberId: memberIds[0], generation });
    await bench.leave({ memberId: memberIds[0] });
    bench.clock.skewMs = 7 * 24 * 60 * MINUTE;
    await bench.clock.advance(25 * MINUTE);
    expect(await bench.committed()).toBe(1);
  });

  test('not because the wall clock was seven days behind at the commit', async () => {
    const bench = await GroupBench.elected(retention);
    bench.clock.skewMs = -7 * 24 * 60 * MINUTE;
    await bench.commit(2);
    bench.clock.skewMs = 0;
    await bench.clock.advance(50 * MINUTE);
    expect(await bench.committed()).toBe(2);
    await bench.clock.advance(70 * MINUTE);
    expect(await bench.committed()).toBe(-1);
  });

  test('at the time the client asked for, up to version 4', async () => {
    const bench = await GroupBench.elected(retention);
    await bench.commit(1, { retentionMs: 15 * MINUTE, version: 4 });
    await bench.clock.advance(10 * MINUTE);
    expect(await bench.committed()).toBe(1);
    await bench.clock.advance(10 * MINUTE);
    expect(await bench.committed()).toBe(-1);
  });
});

describe('deleting', () => {
  test('offsets of a deleted topic are forgotten', async () => {
    const bench = await GroupBench.elected();
    bench.createTopic('orders', 1);
    await bench.commit(1, { topic: 'orders' });
    await bench.commit(2, { topic: 'other' });
    await bench.deleteTopic('orders');
    expect(await bench.committed('orders')).toBe(-1);
    expect(await bench.committed('other')).toBe(2);
  });

  test('a group is deleted when it is empty, with all it committed, however much', async () => {
    const bench = await GroupBench.elected();
    for (let partition = 0; partition < 4500; partition++) await bench.commit(1, { partition });
    expect(await bench.coordinator.deleteGroups(['app', 'none'])).toEqual([
      { groupId: 'app', errorCode: 0 },
      { groupId: 'none', errorCode: 69 },
    ]);
    expect(await bench.committed('orders', 4499)).toBe(-1);
    await bench.failOver();
    expect(await bench.committed('orders', 0)).toBe(-1);
    expect((await bench.describe()).groupState).toBe('Dead');
  });

  test('a group with members is not', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({});
    expect(await bench.coordinator.deleteGroups(['app'])).toEqual([{ groupId: 'app', errorCode: 68 }]);
  });

  test('single offsets are, unless a member reads the topic (KIP-496)', async () => {
    const bench = await GroupBench.elected();
    const ask = (topic: string) =>
      bench.coordinator.offsets.delete({
        groupId: 'app',
        topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
      });
    expect((await ask('orders')).errorCode).toBe(69);
    await bench.commit(3, { topic: 'old' });
    await bench.stable({});
    expect((await ask('orders')).topics[0]?.partitions[0]?.errorCode).toBe(86);
    expect((await ask('old')).topics[0]?.partitions[0]?.errorCode).toBe(0);
    expect(await bench.committed('old')).toBe(-1);
  });

  test('single offsets of a working group that is not of consumers are not', async () => {
    const bench = await GroupBench.elected();
    await bench.stable({ protocolType: 'connect' });
    const answer = await bench.coordinator.offsets.delete({ groupId: 'app', topics: [] });
    expect(answer.errorCode).toBe(68);
  });
});
