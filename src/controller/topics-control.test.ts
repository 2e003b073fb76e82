import { expect, test } from 'vitest';
import { createPartitions } from './more-partitions-control.ts';
import { TestCluster } from './testing/cluster.ts';
import { createTopics, deleteTopics, type TopicDefaults } from './topics-control.ts';

const DEFAULTS: TopicDefaults = { numPartitions: 3, replicationFactor: 2 };

interface Wanted {
  readonly name: string;
  readonly numPartitions?: number;
  readonly replicationFactor?: number;
  readonly assignments?: { partitionIndex: number; brokerIds: number[] }[];
  readonly configs?: { name: string; value: string | null }[];
}

function create(cluster: TestCluster, wanted: readonly Wanted[], defaults = DEFAULTS) {
  const topics = wanted.map((topic) => ({
    numPartitions: 1,
    replicationFactor: 1,
    assignments: [],
    configs: [],
    ...topic,
  }));
  return cluster.decided(
    createTopics(cluster, topics, { random: cluster.random, defaults, admits: () => true }),
  );
}

test('-1 asks for the default number of partitions and replicas', () => {
  const cluster = TestCluster.of(3);
  expect(create(cluster, [{ name: 'orders', numPartitions: -1, replicationFactor: -1 }])).toMatchObject([
    { partitions: 3, replicationFactor: 2 },
  ]);
  expect(cluster.image.topics.byName('orders')?.partitions.map(({ replicas }) => replicas.length)).toEqual([
    2, 2, 2,
  ]);
});

test('of several topics those that may be are created, each with its own answer', () => {
  const cluster = TestCluster.of(1).topic('taken', [1]);
  const results = create(cluster, [
    { name: 'good' },
    { name: 'taken' },
    { name: 'a/b' },
    { name: 'x'.repeat(250) },
    { name: 'none', numPartitions: 0 },
    { name: 'thin', replicationFactor: 0 },
    { name: 'wide', replicationFactor: 2 },
    { name: 'odd', configs: [{ name: 'no.such.config', value: '1' }] },
    { name: 'null', configs: [{ name: 'retention.ms', value: null }] },
  ]);
  expect(results.map((result) => ('error' in result ? result.error : 'NONE'))).toEqual([
    'NONE',
    'TOPIC_ALREADY_EXISTS',
    'INVALID_TOPIC_EXCEPTION',
    'INVALID_TOPIC_EXCEPTION',
    'INVALID_PARTITIONS',
    'INVALID_REPLICATION_FACTOR',
    'INVALID_REPLICATION_FACTOR',
    'INVALID_CONFIG',
    'INVALID_CONFIG',
  ]);
  expect([...cluster.image.topics.all()].map(({ name }) => name).sort()).toEqual(['good', 'taken']);
});

test("names that differ only in '.' and '_' collide, also within one request", () => {
  const cluster = TestCluster.of(1).topic('a.b', [1]);
  const results = create(cluster, [{ name: 'a_b' }, { name: 'c_d' }, { name: 'c.d' }]);
  expect(results).toMatchObject([
    { error: 'INVALID_TOPIC_EXCEPTION', message: "Topic 'a_b' collides with existing topic: a.b" },
    { partitions: 1 },
    { error: 'INVALID_TOPIC_EXCEPTION', message: "Topic 'c.d' collides with existing topic: c_d" },
  ]);
});

test('a topic is refused when all brokers are fenced', () => {
  expect(create(TestCluster.of(2, {}, [1, 2]), [{ name: 'orders' }])).toEqual([
    {
      error: 'INVALID_REPLICATION_FACTOR',
      message: 'Unable to replicate the partition 1 time(s): All brokers are currently fenced.',
    },
  ]);
});

test('a fenced broker may get replicas, but is in no ISR', () => {
  const cluster = TestCluster.of(2, {}, [2]);
  create(cluster, [{ name: 'orders', replicationFactor: 2 }]);
  expect(cluster.partition('orders')).toMatchObject({ replicas: [1, 2], isr: [1], leader: 1 });
});

test('a manual assignment is taken as it is when its brokers are known and its factors are equal', () => {
  const cluster = TestCluster.of(3);
  const manual = (...replicas: number[][]) => ({
    name: 'orders',
    numPartitions: -1,
    replicationFactor: -1,
    assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
  });
  const refusals = [manual([1, 9]), manual([1, 1]), manual([1], [1, 2]), manual([])].map(
    (topic) => create(cluster, [topic])[0],
  );
  expect(refusals.map((result) => result && 'error' in result && result.error)).toEqual(
    Array(4).fill('INVALID_REPLICA_ASSIGNMENT'),
  );
  const gap = { ...manual(), assignments: [{ partitionIndex: 1, brokerIds: [1] }] };
  expect(create(cluster, [gap])).toMatchObject([
    {
      error: 'INVALID_REPLICA_ASSIGNMENT',
      message: 'partitions should be a consecutive 0-based integer sequence',
    },
  ]);
  expect(create(cluster, [{ ...manual([1]), numPartitions: 1 }])).toMatchObject([
    { error: 'INVALID_REQUEST' },
  ]);
  create(cluster, [manual([3, 1], [2, 3])]);
  expect(cluster.partition('orders', 0)).toMatchObject({ replicas: [3, 1], leader: 3 });
  expect(cluster.partition('orders', 1)).toMatchObject({ replicas: [2, 3], leader: 2 });
});

test('a million partitions are refused before any is made', () => {
  expect(create(TestCluster.of(1), [{ name: 'huge', numPartitions: 1_000_000 }])).toMatchObject([
    { error: 'POLICY_VIOLATION' },
  ]);
});

test('a limit of replicas that is set refuses what brokers alone would allow', () => {
  expect(
    create(TestCluster.of(3), [{ name: 'orders', replicationFactor: 2 }], {
      ...DEFAULTS,
      maxReplicationFactor: 1,
    }),
  ).toMatchObject([{ error: 'INVALID_REPLICATION_FACTOR' }]);
});

test('partitions are added, never taken away, and keep the replication factor', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2]);
  const grow = (count: number, assignments: { brokerIds: number[] }[] | null = null, name = 'orders') =>
    cluster.decided(
      createPartitions(cluster.image, [{ name, count, assignments }], {
        random: cluster.random,
        admits: () => true,
      }),
    )[0];
  expect(grow(1)).toMatchObject({
    error: 'INVALID_PARTITIONS',
    message: 'Topic already has 1 partition(s).',
  });
  expect(grow(0)).toMatchObject({ error: 'INVALID_PARTITIONS' });
  expect(grow(2, null, 'nothing')).toMatchObject({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
  expect(grow(3, [{ brokerIds: [1, 2] }])).toMatchObject({ error: 'INVALID_REPLICA_ASSIGNMENT' });
  expect(grow(2, [{ brokerIds: [1] }])).toMatchObject({ error: 'INVALID_REPLICA_ASSIGNMENT' });
  expect(grow(2, [{ brokerIds: [3, 1] }])).toBeNull();
  expect(cluster.partition('orders', 1)).toMatchObject({ replicas: [3, 1], isr: [3, 1], leader: 3 });
  expect(grow(5)).toBeNull();
  expect(cluster.image.topics.byName('orders')?.partitions.map(({ replicas }) => replicas.length)).toEqual(
    Array(5).fill(2),
  );
});

test('a deleted topic is gone with its configs', () => {
  const cluster = TestCluster.of(1);
  create(cluster, [{ name: 'orders', configs: [{ name: 'retention.ms', value: '5' }] }]);
  const orders = cluster.image.topics.byName('orders');
  cluster.decided(deleteTopics(orders ? [orders] : []));
  expect(cluster.image.topics.byName('orders')).toBeUndefined();
  expect(cluster.image.configs.get('topic', 'orders').size).toBe(0);
});
