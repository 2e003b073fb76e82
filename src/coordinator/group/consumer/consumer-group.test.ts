import { describe, expect, test } from 'vitest';
import { BenchConsumer, type HeartbeatOptions } from '../../../../test/coordinator/consumer-bench.ts';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from '../group-config.ts';

const ASSIGNMENT_INTERVAL_MS = 1000;

async function bench(partitions = 4, config: Partial<GroupConfig> = {}): Promise<GroupBench> {
  const made = await GroupBench.elected(config);
  made.createTopic('orders', partitions);
  return made;
}

async function joined(
  on: GroupBench,
  memberId: string,
  options: HeartbeatOptions = {},
): Promise<BenchConsumer> {
  const consumer = new BenchConsumer(on, memberId, options);
  expect(await consumer.join()).toBe('NONE');
  await on.clock.advance(ASSIGNMENT_INTERVAL_MS);
  return consumer;
}

/** Two members that share the partitions. */
async function pair(on: GroupBench): Promise<[BenchConsumer, BenchConsumer]> {
  const a = await joined(on, 'a');
  const b = await joined(on, 'b');
  await settled(a, b);
  return [a, b];
}

async function settled(...consumers: BenchConsumer[]): Promise<void> {
  for (let round = 0; round < 3; round++)
    for (const consumer of consumers) expect(await consumer.heartbeat()).toBe('NONE');
}

async function describeGroup(on: GroupBench) {
  const [group] = await on.coordinator.descriptions.consumer(['app']);
  if (!group) throw new Error('not described');
  return group;
}

describe('assigning', () => {
  test('the first member gets every partition with its first heartbeat', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a');
    expect(a).toMatchObject({ epoch: 2, owned: ['orders-0', 'orders-1', 'orders-2', 'orders-3'] });
    expect(await describeGroup(on)).toMatchObject({
      groupState: 'Stable',
      groupEpoch: 2,
      assignmentEpoch: 2,
      assignorName: 'uniform',
    });
  });

  test('a second member gets partitions once the first has given them back', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a');
    const b = await joined(on, 'b');
    expect(b).toMatchObject({ epoch: 3, owned: [] });
    // The first is told what it keeps; it is in its old epoch until it says that it has no more.
    expect(await a.heartbeat()).toBe('NONE');
    expect(a.epoch).toBe(2);
    expect(a.owned).toHaveLength(2);
    await b.heartbeat();
    expect(b.owned).toEqual([]);
    expect((await describeGroup(on)).groupState).toBe('Reconciling');
    await a.heartbeat();
    expect(a.epoch).toBe(3);
    await b.heartbeat();
    expect([...a.owned, ...b.owned].sort()).toEqual(['orders-0', 'orders-1', 'orders-2', 'orders-3']);
    expect((await describeGroup(on)).groupState).toBe('Stable');
  });

  test('between two assignments there is the assignment interval', async () => {
    const on = await bench(4);
    const a = new BenchConsumer(on, 'a');
    await a.join();
    const b = new BenchConsumer(on, 'b');
    await b.join();
    expect((await describeGroup(on)).groupState).toBe('Assigning');
    expect(b).toMatchObject({ epoch: 2, owned: [] });
    await on.clock.advance(ASSIGNMENT_INTERVAL_MS);
    await settled(b, a);
    expect([a.epoch, b.epoch]).toEqual([3, 3]);
    expect([a.owned.length, b.owned.length]).toEqual([2, 2]);
  });

  test('partitions that a topic gets later are assigned', async () => {
    const on = await bench(2);
    const [a, b] = await pair(on);
    on.createTopic('orders', 4);
    await settled(a, b);
    expect([...a.owned, ...b.owned].sort()).toEqual(['orders-0', 'orders-1', 'orders-2', 'orders-3']);
  });

  test('a topic that is made after somebody subscribed to it is assigned', async () => {
    const on = await bench(1);
    const a = await joined(on, 'a', { topics: ['orders', 'later'] });
    expect(a.owned).toEqual(['orders-0']);
    on.createTopic('later', 1);
    await a.heartbeat();
    expect(a.owned.sort()).toEqual(['later-0', 'orders-0']);
  });

  test('who a partition is led by is nothing to a group', async () => {
    const on = await bench(2);
    const a = await joined(on, 'a');
    on.electLeader('orders', 0);
    await a.heartbeat();
    expect(a.epoch).toBe(2);
  });

  test('most members decide on the assignor', async () => {
    const on = await bench(4);
    await joined(on, 'a', { assignor: 'range' });
    expect((await describeGroup(on)).assignorName).toBe('range');
  });
});

describe('leaving', () => {
  test('what a member leaves is for the others', async () => {
    const on = await bench(4);
    const [a, b] = await pair(on);
    expect(await a.leave()).toBe('NONE');
    await settled(b);
    expect(b.owned).toHaveLength(4);
  });

  test('a member that is silent for its session is removed', async () => {
    const on = await bench(4);
    const [a, b] = await pair(on);
    for (let passed = 0; passed < 50_000; passed += 5000) {
      await on.clock.advance(5000);
      expect(await b.heartbeat()).toBe('NONE');
    }
    expect(b.owned).toHaveLength(4);
    expect(await a.heartbeat()).toBe('UNKNOWN_MEMBER_ID');
  });

  test('a member whose leave the log refused is removed when its session ends', async () => {
    const on = await bench(4);
    const [a, b] = await pair(on);
    on.log.refusal = 'NOT_ENOUGH_REPLICAS';
    expect(await a.leave()).toBe('COORDINATOR_NOT_AVAILABLE');
    for (let i = 0; i < 6; i++) {
      await on.clock.advance(10_000);
      await b.heartbeat();
    }
    expect((await describeGroup(on)).members).toHaveLength(1);
    expect(b.owned).toHaveLength(4);
  });

  test('a member that does not give partitions back in time is removed', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a', { rebalanceTimeoutMs: 20_000 });
    const b = await joined(on, 'b');
    await a.silent();
    for (let passed = 0; passed < 25_000; passed += 5000) {
      await on.clock.advance(5000);
      await a.silent();
      await b.heartbeat();
    }
    expect(await a.heartbeat()).toBe('UNKNOWN_MEMBER_ID');
    await b.heartbeat();
    expect(b.owned).toHaveLength(4);
  });

  test('so is one whose giving back the log refused, when it does not repeat it in time', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a', { rebalanceTimeoutMs: 20_000 });
    const b = await joined(on, 'b');
    await a.heartbeat();
    expect(a.owned).toHaveLength(2);
    on.log.refusal = 'NOT_ENOUGH_REPLICAS';
    expect(await a.heartbeat()).toBe('COORDINATOR_NOT_AVAILABLE');
    for (let passed = 0; passed < 25_000; passed += 5000) {
      await on.clock.advance(5000);
      await a.silent();
      await b.heartbeat();
    }
    expect(await a.silent()).toBe('UNKNOWN_MEMBER_ID');
  });

  test('a static member that leaves for a while finds its partitions again under another id', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a', { instance: 'one' });
    const b = await joined(on, 'b', { instance: 'two' });
    await settled(a, b);
    const before = a.owned;
    const rival = new BenchConsumer(on, 'rival', { instance: 'one' });
    expect(await rival.join()).toBe('UNRELEASED_INSTANCE_ID');
    expect(await a.leave(-2)).toBe('NONE');
    await settled(b);
    const again = await joined(on, 'again', { instance: 'one' });
    expect(again.owned).toEqual(before);
    expect(await a.heartbeat()).toBe('FENCED_INSTANCE_ID');
    await settled(again, b);
    expect([again.owned.length, b.owned.length]).toEqual([2, 2]);
  });

  test('an administrator removes members with LeaveGroup', async () => {
    const on = await bench(4);
    const [, b] = await pair(on);
    expect(await on.leave({ memberId: 'a' }, { memberId: 'nobody' })).toEqual(['NONE', 'UNKNOWN_MEMBER_ID']);
    await settled(b);
    expect(b.owned).toHaveLength(4);
  });
});

describe('fencing', () => {
  test('an epoch that the member cannot have is fenced, the one before is not', async () => {
    const on = await bench(4);
    const [a] = await pair(on);
    const { epoch, owned } = a;
    a.epoch = epoch + 1;
    expect(await a.heartbeat()).toBe('FENCED_MEMBER_EPOCH');
    a.epoch = epoch - 1;
    a.owned = owned;
    expect(await a.heartbeat()).toBe('NONE');
    a.epoch = epoch - 1;
    expect(await a.heartbeat({ owned: null })).toBe('FENCED_MEMBER_EPOCH');
  });

  test('who is no member is unknown, and a group that is not there is not found', async () => {
    const on = await bench(4);
    await joined(on, 'a');
    const stranger = new BenchConsumer(on, 'stranger');
    stranger.epoch = 1;
    expect(await stranger.heartbeat()).toBe('UNKNOWN_MEMBER_ID');
    const lost = new BenchConsumer(on, 'lost', { group: 'nowhere' });
    lost.epoch = 1;
    expect(await lost.heartbeat()).toBe('GROUP_ID_NOT_FOUND');
  });

  test('a full group takes no more members', async () => {
    const on = await bench(4, { consumer: { ...DEFAULT_GROUP_CONFIG.consumer, maxSize: 1 } });
    await joined(on, 'a');
    expect(await new BenchConsumer(on, 'b').join()).toBe('GROUP_MAX_SIZE_REACHED');
  });
});

describe('committed offsets', () => {
  test('a member commits and fetches with its epoch', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a');
    expect(await a.commit(5)).toBe('NONE');
    expect(await on.commit(6, { memberId: '', generation: -1 })).toBe('UNKNOWN_MEMBER_ID');
    expect(await a.commit(6, { epoch: a.epoch + 1 })).toBe('STALE_MEMBER_EPOCH');
    expect(await on.commit(6, { memberId: 'a', generation: a.epoch, version: 8 })).toBe(
      'UNSUPPORTED_VERSION',
    );
    expect(await on.committed()).toBe(5);
  });

  test('in a transaction an epoch that is not the member’s is ILLEGAL_GENERATION, which ends the transaction alone', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a');
    const member = { memberId: 'a', topicId: on.topicId('orders') };
    expect(await on.commitInTransaction(6, { ...member, generation: a.epoch + 1 })).toBe(
      'ILLEGAL_GENERATION',
    );
    expect(await on.commitInTransaction(6, { ...member, generation: a.epoch })).toBe('NONE');
  });

  test('a late epoch is good for what the member had in it already, and for nothing else', async () => {
    const on = await bench(4);
    const [a, b] = await pair(on);
    const kept = Number(a.owned[0]?.split('-')[1]);
    const lost = Number(b.owned[0]?.split('-')[1]);
    expect(await a.commit(1, { epoch: 2, partition: kept })).toBe('NONE');
    expect(await a.commit(1, { epoch: 2, partition: lost })).toBe('STALE_MEMBER_EPOCH');
    expect(await b.commit(1, { epoch: 2, partition: lost })).toBe('STALE_MEMBER_EPOCH');
  });

  test('offsets of topics that the group is subscribed to are not deleted and do not expire', async () => {
    const on = await bench(4, { offsetsRetentionMs: 60_000, offsetsRetentionCheckIntervalMs: 1000 });
    const a = await joined(on, 'a');
    await a.commit(5);
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0 }] }];
    const refused = await on.coordinator.offsets.delete({ groupId: 'app', topics });
    expect(refused.topics[0]?.partitions[0]?.errorCode).toBe(86);
    for (let passed = 0; passed < 90_000; passed += 5000) {
      await on.clock.advance(5000);
      await a.heartbeat();
    }
    expect(await on.committed()).toBe(5);
    await a.leave();
    await on.clock.advance(120_000);
    expect(await on.committed()).toBe(-1);
    expect((await describeGroup(on)).errorCode).toBe(69);
  });
});

describe('the log', () => {
  test('a member that waits for partitions writes nothing with its heartbeats', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a');
    const b = await joined(on, 'b');
    await a.silent();
    await b.heartbeat();
    const { length } = on.log.entries;
    for (let beat = 0; beat < 5; beat++) await b.heartbeat();
    expect(on.log.entries).toHaveLength(length);
  });

  test('another coordinator goes on where the first one was', async () => {
    const on = await bench(4);
    const [a, b] = await pair(on);
    const before = await describeGroup(on);
    await on.failOver();
    expect(await describeGroup(on)).toEqual(before);
    const { epoch } = a;
    await settled(a, b);
    expect(a.epoch).toBe(epoch);
  });

  test('a group that nobody is in is deleted with all its records', async () => {
    const on = await bench(4);
    const a = await joined(on, 'a');
    expect(await on.coordinator.deleteGroups(['app'])).toMatchObject([{ errorCode: 68 }]);
    await a.leave();
    expect(await on.coordinator.deleteGroups(['app'])).toMatchObject([{ errorCode: 0 }]);
    await on.failOver();
    expect(await on.coordinator.descriptions.list({ statesFilter: [], typesFilter: [] })).toEqual({
      errorCode: 0,
      groups: [],
    });
  });
});

describe('kinds', () => {
  test('an empty classic group becomes a consumer group, and back, with its offsets', async () => {
    const on = await bench(4);
    await on.commit(7);
    const a = await joined(on, 'a');
    expect(await on.committed()).toBe(7);
    const list = await on.coordinator.descriptions.list({
      statesFilter: ['stable'],
      typesFilter: ['Consumer'],
    });
    expect(list.groups).toEqual([
      { groupId: 'app', protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' },
    ]);
    expect((await on.describe('app', 6)).errorCode).toBe(69);
    await a.leave();
    await on.enter();
    await on.failOver();
    expect((await on.describe('app', 6)).groupState).toBe('Empty');
    expect(await on.committed()).toBe(7);
  });
});
