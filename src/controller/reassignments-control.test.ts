import { expect, test } from 'vitest';
import { fenceBroker } from './brokers-control.ts';
import { alterPartitionReassignments, listPartitionReassignments } from './reassignments-control.ts';
import { directoryOf, TestCluster } from './testing/cluster.ts';

function reassign(
  cluster: TestCluster,
  replicas: number[] | null,
  more: { topic?: string; index?: number; keepFactor?: boolean } = {},
): string {
  const [result] = cluster.decided(
    alterPartitionReassignments(cluster, {
      allowReplicationFactorChange: more.keepFactor !== true,
      topics: [
        {
          name: more.topic ?? 'orders',
          partitions: [{ partitionIndex: more.index ?? 0, replicas }],
        },
      ],
    }),
  );
  return result?.partitions[0]?.refusal?.error ?? 'accepted';
}

test('replicas are added, caught up, and the old ones removed by the ISR change that completes them', () => {
  const cluster = TestCluster.of(4).topic('orders', [1, 2]);
  expect(reassign(cluster, [3, 4])).toBe('accepted');
  expect(cluster.partition('orders')).toMatchObject({
    replicas: [3, 4, 1, 2],
    addingReplicas: [3, 4],
    removingReplicas: [1, 2],
    directories: [3, 4, 1, 2].map(directoryOf),
    isr: [1, 2],
    leader: 1,
    leaderEpoch: 0,
  });
  cluster.inSync('orders', [1, 2, 3]);
  expect(cluster.partition('orders').addingReplicas).toEqual([3, 4]);
  cluster.inSync('orders', [1, 2, 3, 4]);
  expect(cluster.partition('orders')).toMatchObject({
    replicas: [3, 4],
    addingReplicas: [],
    removingReplicas: [],
    directories: [3, 4].map(directoryOf),
    isr: [3, 4],
    leader: 3,
    leaderEpoch: 1,
  });
});

test('who is to stay and is not in sync is waited for as well', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2, 3]);
  cluster.inSync('orders', [1, 3]);
  reassign(cluster, [1, 2]);
  expect(cluster.partition('orders')).toMatchObject({ replicas: [1, 2, 3], removingReplicas: [3] });
  cluster.inSync('orders', [1, 3, 2]);
  expect(cluster.partition('orders')).toMatchObject({
    replicas: [1, 2],
    isr: [1, 2],
    leader: 1,
    leaderEpoch: 1,
  });
});

test('another order of the same replicas, and fewer of them, is complete at once', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2, 3]);
  reassign(cluster, [3, 2, 1]);
  expect(cluster.partition('orders')).toMatchObject({ replicas: [3, 2, 1], leader: 1, leaderEpoch: 0 });
  reassign(cluster, [3, 2]);
  expect(cluster.partition('orders')).toMatchObject({
    replicas: [3, 2],
    isr: [2, 3],
    leader: 3,
    leaderEpoch: 1,
  });
  expect(listPartitionReassignments(cluster.image, null)).toEqual([]);
});

test('the leader that is removed is followed by one that stays', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2]);
  reassign(cluster, [2, 3]);
  expect(cluster.partition('orders').leader).toBe(1);
  cluster.inSync('orders', [1, 2, 3]);
  expect(cluster.partition('orders')).toMatchObject({ replicas: [2, 3], leader: 2 });
});

test('a cancelled reassignment leaves the replicas from before it, also what they were about to lose', () => {
  const cluster = TestCluster.of(4).topic('orders', [1, 2]);
  reassign(cluster, [3, 4]);
  cluster.inSync('orders', [1, 2, 3]);
  expect(reassign(cluster, null)).toBe('accepted');
  expect(cluster.partition('orders')).toMatchObject({
    replicas: [1, 2],
    addingReplicas: [],
    removingReplicas: [],
    isr: [1, 2],
    leader: 1,
    // Those that were added learn from it that they go.
    leaderEpoch: 1,
  });
  expect(reassign(cluster, null)).toBe('NO_REASSIGNMENT_IN_PROGRESS');
});

test('a cancel that would lose records needs unclean elections to be allowed', () => {
  const onlyAddedInSync = (properties: Record<string, string>) => {
    const cluster = TestCluster.of(4, properties).topic('orders', [1, 2]);
    reassign(cluster, [3, 4]);
    cluster.inSync('orders', [1, 3]);
    cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
    expect(cluster.partition('orders')).toMatchObject({ isr: [3], leader: 3 });
    return cluster;
  };
  expect(reassign(onlyAddedInSync({}), null)).toBe('INVALID_REPLICA_ASSIGNMENT');
  const unclean = onlyAddedInSync({ 'unclean.leader.election.enable': 'true' });
  expect(reassign(unclean, null)).toBe('accepted');
  expect(unclean.partition('orders')).toMatchObject({ replicas: [1, 2], leader: 2 });
});

test('a second reassignment replaces the first, and cancelling it goes back to before both', () => {
  const cluster = TestCluster.of(5).topic('orders', [1, 2]);
  reassign(cluster, [1, 3]);
  reassign(cluster, [1, 3, 4]);
  expect(cluster.partition('orders')).toMatchObject({ addingReplicas: [3, 4], removingReplicas: [2] });
  reassign(cluster, null);
  expect(cluster.partition('orders').replicas).toEqual([1, 2]);
});

test('replicas are brokers of this cluster, each once', () => {
  const cluster = TestCluster.of(3, {}, [3]).topic('orders', [1, 2]);
  expect(reassign(cluster, [])).toBe('INVALID_REPLICA_ASSIGNMENT');
  expect(reassign(cluster, [1, 1])).toBe('INVALID_REPLICA_ASSIGNMENT');
  expect(reassign(cluster, [1, 9])).toBe('INVALID_REPLICA_ASSIGNMENT');
  expect(reassign(cluster, [1], { topic: 'none' })).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(reassign(cluster, [1], { index: 1 })).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  // One that is down is waited for.
  expect(reassign(cluster, [1, 3])).toBe('accepted');
});

test('the number of replicas may be held (KIP-860)', () => {
  const cluster = TestCluster.of(4).topic('orders', [1, 2]);
  expect(reassign(cluster, [1], { keepFactor: true })).toBe('INVALID_REPLICATION_FACTOR');
  expect(reassign(cluster, [3, 4], { keepFactor: true })).toBe('accepted');
  expect(reassign(cluster, [1, 3, 4], { keepFactor: true })).toBe('INVALID_REPLICATION_FACTOR');
});

test('what is under way is listed, of all topics or of those named', () => {
  const cluster = TestCluster.of(3).topic('orders', [1], [2]).topic('bills', [1]);
  reassign(cluster, [3], { index: 1 });
  const orders = {
    name: 'orders',
    partitions: [{ partitionIndex: 1, replicas: [3, 2], addingReplicas: [3], removingReplicas: [2] }],
  };
  expect(listPartitionReassignments(cluster.image, null)).toEqual([orders]);
  expect(listPartitionReassignments(cluster.image, [{ name: 'orders', partitionIndexes: [0, 1] }])).toEqual([
    orders,
  ]);
  expect(listPartitionReassignments(cluster.image, [{ name: 'bills', partitionIndexes: [0] }])).toEqual([]);
});
