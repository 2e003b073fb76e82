import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import { settle } from '../../../../test/coordinator/manual-clock.ts';
import { errorName } from '../../../protocol/errors.ts';

const CLIENT = { apiVersion: 1, clientId: 'app', clientHost: '127.0.0.1' };

class Bench {
  readonly groups: GroupBench;

  constructor(groups: GroupBench) {
    this.groups = groups;
  }

  static async of(...topics: readonly (readonly [string, number])[]): Promise<Bench> {
    const groups = await GroupBench.elected();
    for (const [name, partitions] of topics) groups.createTopic(name, partitions);
    return new Bench(groups);
  }

  async beat(memberId: string, memberEpoch: number, topics: string[] | null = null, groupId = 'queue') {
    const {
      errorCode,
      memberEpoch: epoch,
      assignment,
    } = await this.groups.coordinator.shareHeartbeat(CLIENT, {
      groupId,
      memberId,
      memberEpoch,
      rackId: null,
      subscribedTopicNames: topics,
    });
    await settle();
    await this.groups.clock.advance(1000);
    const assigned = assignment?.topicPartitions.flatMap(({ partitions }) => partitions);
    return { error: errorName(errorCode), epoch, assigned };
  }

  /** A member that has joined, and its partitions. */
  async joined(memberId: string, topics: string[]): Promise<{ epoch: number; assigned: number[] }> {
    const first = await this.beat(memberId, 0, topics);
    const next = await this.beat(memberId, first.epoch);
    return { epoch: next.epoch, assigned: next.assigned ?? first.assigned ?? [] };
  }

  async describe() {
    const [group] = await this.groups.coordinator.descriptions.share(['queue']);
    return {
      error: errorName(group?.errorCode ?? -1),
      state: group?.groupState,
      epochs: [group?.groupEpoch, group?.assignmentEpoch],
      members: group?.members.map(({ memberId, assignment }) => [
        memberId,
        assignment.topicPartitions.flatMap(({ partitions }) => partitions),
      ]),
    };
  }
}

/** What requests wait for until it is resolved. */
function held(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('share groups', () => {
  test('a member reads what it is subscribed to once the share coordinator keeps it, and leaves', async () => {
    const bench = await Bench.of(['orders', 3]);
    expect(await bench.beat('a', 0, ['orders'])).toEqual({ error: 'NONE', epoch: 2, assigned: [] });
    expect(bench.groups.shareState.kept.size).toBe(3);
    expect(await bench.beat('a', 2)).toEqual({ error: 'NONE', epoch: 3, assigned: [0, 1, 2] });
    expect(await bench.beat('a', 3)).toEqual({ error: 'NONE', epoch: 3, assigned: undefined });
    expect(await bench.describe()).toEqual({
      error: 'NONE',
      state: 'Stable',
      epochs: [3, 3],
      members: [['a', [0, 1, 2]]],
    });
    expect(await bench.beat('a', -1)).toMatchObject({ error: 'NONE', epoch: -1 });
    expect(await bench.describe()).toEqual({ error: 'NONE', state: 'Empty', epochs: [4, 3], members: [] });
  });

  test('partitions that wait for the next assignment make one epoch, however often members heartbeat', async () => {
    const bench = await Bench.of(['orders', 2]);
    const beat = async (memberEpoch: number) => {
      const { memberEpoch: epoch } = await bench.groups.coordinator.shareHeartbeat(CLIENT, {
        ...{ groupId: 'queue', memberId: 'a', memberEpoch, rackId: null },
        subscribedTopicNames: memberEpoch === 0 ? ['orders'] : null,
      });
      await settle();
      return epoch;
    };
    expect([await beat(0), await beat(2), await beat(2), await beat(2)]).toEqual([2, 2, 2, 2]);
    expect(await bench.describe()).toMatchObject({ epochs: [3, 2] });
    await bench.groups.clock.advance(1000);
    expect(await bench.beat('a', 2)).toEqual({ error: 'NONE', epoch: 3, assigned: [0, 1] });
  });

  test('members share partitions where there are more members than those, and split them where there are not', async () => {
    const bench = await Bench.of(['one', 1], ['many', 6]);
    await bench.joined('a', ['one']);
    expect(await bench.joined('b', ['one'])).toMatchObject({ assigned: [0] });
    const split = await Bench.of(['many', 6]);
    const a = await split.joined('a', ['many']);
    const b = await split.joined('b', ['many']);
    const again = await split.beat('a', a.epoch);
    expect([...b.assigned, ...(again.assigned ?? [])].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(b.assigned).toHaveLength(3);
  });

  test('what the share coordinator could not keep is asked for again with the next heartbeat', async () => {
    const bench = await Bench.of(['orders', 2]);
    bench.groups.shareState.failure = { error: 'COORDINATOR_NOT_AVAILABLE', message: null };
    const first = await bench.beat('a', 0, ['orders']);
    expect(await bench.beat('a', first.epoch)).toMatchObject({ error: 'NONE', assigned: undefined });
    bench.groups.shareState.failure = null;
    const third = await bench.beat('a', first.epoch);
    expect(await bench.beat('a', third.epoch)).toMatchObject({ assigned: [0, 1] });
  });

  test('partitions that a topic gains are kept and given, those of a topic that is deleted are forgotten', async () => {
    const bench = await Bench.of(['orders', 1]);
    const { epoch } = await bench.joined('a', ['orders', 'returns']);
    bench.groups.createTopic('returns', 2);
    const grown = await bench.beat('a', epoch);
    expect(await bench.beat('a', grown.epoch)).toMatchObject({ assigned: expect.arrayContaining([0, 0, 1]) });
    await bench.groups.deleteTopic('returns');
    await settle();
    const shrunk = await bench.beat('a', grown.epoch + 1);
    expect(shrunk).toMatchObject({ error: 'NONE', assigned: [0] });
  });

  test('a member that is silent is removed, one with a wrong epoch or without a group is told so', async () => {
    const bench = await Bench.of(['orders', 1]);
    expect(await bench.beat('a', 3)).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' });
    const { epoch } = await bench.joined('a', ['orders']);
    expect(await bench.beat('b', epoch)).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await bench.beat('a', epoch + 1)).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' });
    expect(await bench.beat('a', 0, [])).toMatchObject({ error: 'INVALID_REQUEST' });
    expect(await bench.beat('a', 0, ['orders'])).toMatchObject({ error: 'NONE', assigned: [0] });
    await bench.groups.clock.advance(46_000);
    expect(await bench.describe()).toMatchObject({ state: 'Empty' });
  });

  test('a member whose leave the log refused is removed when its session ends', async () => {
    const bench = await Bench.of(['orders', 1]);
    await bench.joined('a', ['orders']);
    bench.groups.log.refusal = 'NOT_ENOUGH_REPLICAS';
    expect(await bench.beat('a', -1)).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE' });
    await bench.groups.clock.advance(46_000);
    expect(await bench.describe()).toMatchObject({ state: 'Empty' });
  });

  test.each([
    [
      'the log refused that',
      async ({ groups }: Bench) => {
        groups.log.refusal = 'NOT_ENOUGH_REPLICAS';
        await groups.deleteTopic('returns');
        await groups.clock.advance(0);
        expect(groups.log.refusal).toBe(null);
      },
    ],
    [
      'it happened while nobody coordinated the group',
      async ({ groups }: Bench) => {
        groups.coordinator.runtime.stop();
        await groups.deleteTopic('returns');
        await groups.failOver();
      },
    ],
  ])('a group comes to rest without a topic that is gone, though %s', async (_, happens) => {
    const bench = await Bench.of(['orders', 1], ['returns', 1]);
    const before = await bench.joined('a', ['orders', 'returns']);
    await happens(bench);
    const { epoch } = await bench.beat('a', before.epoch);
    for (let round = 0; round < 3; round++)
      expect(await bench.beat('a', epoch)).toEqual({ error: 'NONE', epoch, assigned: undefined });
    const partitions = await bench.groups.coordinator.shareOffsets.partitions('queue');
    expect(partitions).toEqual([{ topicId: bench.groups.topicId('orders'), partition: 0 }]);
  });

  test('the share coordinator is not asked twice while it has not answered', async () => {
    const bench = await Bench.of(['orders', 1]);
    const { promise, resolve } = held();
    bench.groups.shareState.heldInitializations = promise;
    const { epoch } = await bench.beat('a', 0, ['orders']);
    await bench.beat('a', epoch);
    await bench.beat('b', 0, ['orders']);
    expect(bench.groups.shareState.initializations).toBe(1);
    resolve();
    await settle();
    expect(await bench.beat('a', epoch)).toMatchObject({ assigned: [0] });
  });

  test('a partition that the share coordinator keeps only after its topic was deleted is not the group’s', async () => {
    const bench = await Bench.of(['orders', 1]);
    const { promise, resolve } = held();
    bench.groups.shareState.heldInitializations = promise;
    await bench.beat('a', 0, ['orders']);
    await bench.groups.deleteTopic('orders');
    await bench.groups.clock.advance(0);
    resolve();
    await settle();
    expect(await bench.groups.coordinator.shareOffsets.partitions('queue')).toEqual([]);
  });

  test('what is deleted with a group that a member joins meanwhile is kept again', async () => {
    const bench = await Bench.of(['orders', 2]);
    await bench.joined('a', ['orders']);
    await bench.beat('a', -1);
    const { promise, resolve } = held();
    bench.groups.shareState.heldDeletions = promise;
    const deleted = bench.groups.coordinator.deleteGroups(['queue']);
    await settle();
    const { epoch } = await bench.joined('a', ['orders']);
    resolve();
    expect(await deleted).toMatchObject([{ errorCode: 68 }]);
    await bench.beat('a', epoch);
    expect(bench.groups.shareState.kept.size).toBe(2);
  });

  test('a group whose last member leaves while it is deleted keeps nothing behind when it is gone', async () => {
    const bench = await Bench.of(['orders', 2]);
    await bench.joined('a', ['orders']);
    const deleted = bench.groups.coordinator.deleteGroups(['queue']);
    const left = bench.beat('a', -1);
    expect(await deleted).toMatchObject([{ errorCode: 68 }]);
    await left;
    expect(await bench.groups.coordinator.deleteGroups(['queue'])).toMatchObject([{ errorCode: 0 }]);
    expect(bench.groups.shareState.kept.size).toBe(0);
  });

  test('nor does one that a member has joined and left meanwhile', async () => {
    const bench = await Bench.of(['orders', 2]);
    await bench.joined('a', ['orders']);
    await bench.beat('a', -1);
    const { promise, resolve } = held();
    bench.groups.shareState.heldDeletions = promise;
    const deleted = bench.groups.coordinator.deleteGroups(['queue']);
    await settle();
    await bench.joined('b', ['orders']);
    await bench.beat('b', -1);
    resolve();
    expect(await deleted).toMatchObject([{ errorCode: 68 }]);
    expect(await bench.groups.coordinator.deleteGroups(['queue'])).toMatchObject([{ errorCode: 0 }]);
    expect(bench.groups.shareState.kept.size).toBe(0);
  });

  test('a group keeps nothing behind that is deleted before the share coordinator has begun to keep it', async () => {
    const bench = await Bench.of(['orders', 2]);
    const { promise, resolve } = held();
    bench.groups.shareState.heldInitializations = promise;
    await bench.beat('a', 0, ['orders']);
    await bench.beat('a', -1);
    const deleted = bench.groups.coordinator.deleteGroups(['queue']);
    await settle();
    resolve();
    expect(await deleted).toMatchObject([{ errorCode: 0 }]);
    await settle();
    expect(bench.groups.shareState.kept.size).toBe(0);
  });

  test('the next coordinator goes on where the one before was', async () => {
    const bench = await Bench.of(['orders', 2]);
    const { epoch } = await bench.joined('a', ['orders']);
    await bench.groups.failOver();
    expect(await bench.describe()).toMatchObject({ state: 'Stable', members: [['a', [0, 1]]] });
    expect(await bench.beat('a', epoch)).toMatchObject({ error: 'NONE', epoch });
  });

  test('an empty group is moved to other offsets and deleted; one with members is not', async () => {
    const bench = await Bench.of(['orders', 2]);
    const { shareOffsets } = bench.groups.coordinator;
    const topicId = bench.groups.topicId('orders');
    const moved = [{ topicId, partition: 1, startOffset: 7 }];
    const { epoch } = await bench.joined('a', ['orders']);
    expect(await shareOffsets.alter('queue', moved)).toEqual({ error: 'NON_EMPTY_GROUP' });
    expect(await bench.groups.coordinator.deleteGroups(['queue'])).toMatchObject([{ errorCode: 68 }]);
    await bench.beat('a', -1);
    expect(await shareOffsets.alter('queue', moved)).toEqual([{ topicId, partition: 1, failure: null }]);
    expect(await shareOffsets.summary('queue', { topicId, partition: 1 })).toMatchObject({ startOffset: 7 });
    expect(await bench.groups.coordinator.deleteGroups(['queue'])).toMatchObject([{ errorCode: 0 }]);
    expect(bench.groups.shareState.kept.size).toBe(0);
    expect(await bench.describe()).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' });
    expect(await bench.beat('a', epoch)).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' });
  });

  test('a name is a group of one kind', async () => {
    const bench = await Bench.of(['orders', 1]);
    await bench.joined('a', ['orders']);
    const classic = await bench.groups.join({ group: 'queue', memberId: '' }).done;
    expect(classic.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    await bench.beat('a', -1);
    const again = await bench.groups.join({ group: 'queue', memberId: '' }).done;
    expect(again.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    const { groups } = await bench.groups.coordinator.descriptions.list({
      statesFilter: [],
      typesFilter: ['share'],
    });
    expect(groups).toEqual([
      { groupId: 'queue', protocolType: 'share', groupState: 'Empty', groupType: 'share' },
    ]);
  });
});
