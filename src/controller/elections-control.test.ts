import { expect, test } from 'vitest';
import { fenceBroker } from './brokers-control.ts';
import {
  balanceLeaders,
  type ElectionType,
  electLeader,
  electLeaders,
  electUncleanLeaders,
} from './elections-control.ts';
import { TestCluster } from './testing/cluster.ts';

function asked(cluster: TestCluster, type: ElectionType, topics: Record<string, number[]> | null) {
  const wanted = topics && Object.entries(topics).map(([topic, partitions]) => ({ topic, partitions }));
  const results = cluster.decided(electLeaders(cluster, type, wanted));
  return results.flatMap(({ topic, partitions }) =>
    partitions.map(({ partitionId, refusal }) => `${topic}-${partitionId} ${refusal?.error ?? 'elected'}`),
  );
}

test('leadership goes back to the first replica once it is in sync again', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(cluster.decided(balanceLeaders(cluster))).toBe(0);
  cluster.returns(1);
  expect(cluster.decided(balanceLeaders(cluster))).toBe(0);
  cluster.inSync('orders', [2, 1]);
  expect(cluster.decided(balanceLeaders(cluster))).toBe(1);
  expect(cluster.partition('orders')).toMatchObject({ leader: 1, leaderEpoch: 2 });
});

test('an election that would change nothing has no record', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2]);
  const topic = cluster.image.topics.byName('orders');
  expect(topic && electLeader(cluster, topic, 0, 'preferred')).toBeNull();
});

test('the preferred leader is elected when it is in sync, and each partition is told its own result', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2], [2, 1], [3, 2]).topic('bills', [1, 3]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  cluster.returns(1);
  cluster.inSync('orders', [2, 1]);
  expect(asked(cluster, 'preferred', { orders: [0, 1, 9], bills: [0], none: [0] })).toEqual([
    'orders-0 elected',
    'orders-1 ELECTION_NOT_NEEDED',
    'orders-9 UNKNOWN_TOPIC_OR_PARTITION',
    'bills-0 PREFERRED_LEADER_NOT_AVAILABLE',
    'none-0 UNKNOWN_TOPIC_OR_PARTITION',
  ]);
  expect(cluster.partition('orders')).toMatchObject({ leader: 1, isr: [2, 1] });
});

test('asked for all partitions, it tells of those only that need an election', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2], [2, 1]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(asked(cluster, 'preferred', null)).toEqual(['orders-0 PREFERRED_LEADER_NOT_AVAILABLE']);
});

test('an unclean election needs a partition without a leader and a replica that is alive', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2]).topic('alone', [1]);
  cluster.inSync('orders', [1]);
  expect(asked(cluster, 'unclean', { orders: [0] })).toEqual(['orders-0 ELECTION_NOT_NEEDED']);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(asked(cluster, 'preferred', { orders: [0] })).toEqual(['orders-0 PREFERRED_LEADER_NOT_AVAILABLE']);
  expect(asked(cluster, 'unclean', { orders: [0], alone: [0] })).toEqual([
    'orders-0 elected',
    'alone-0 ELIGIBLE_LEADERS_NOT_AVAILABLE',
  ]);
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2], leaderRecoveryState: 1 });
});

test('a partition named twice is elected once', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2]);
  cluster.inSync('orders', [1]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(asked(cluster, 'unclean', { orders: [0, 0] })).toEqual(['orders-0 elected']);
  expect(cluster.partition('orders').leaderEpoch).toBe(2);
});

test('when unclean elections become allowed, for one topic or for all, what has no leader gets one', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2]).topic('bills', [1, 2]);
  for (const topic of ['orders', 'bills']) cluster.inSync(topic, [1]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(cluster.decided(electUncleanLeaders(cluster))).toBe(0);
  const allow = (resourceType: number, resourceName: string) =>
    cluster.replay([
      {
        type: 'ConfigRecord',
        resourceType,
        resourceName,
        name: 'unclean.leader.election.enable',
        value: 'true',
      },
    ]);
  allow(2, 'orders');
  expect(cluster.decided(electUncleanLeaders(cluster))).toBe(1);
  expect(cluster.partition('orders').leader).toBe(2);
  allow(4, '');
  expect(cluster.decided(electUncleanLeaders(cluster))).toBe(1);
  expect(cluster.partition('bills').leader).toBe(2);
});
