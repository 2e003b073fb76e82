import { expect, test } from 'vitest';
import { errorName } from '../protocol/errors.ts';
import { fenceBroker } from './brokers-control.ts';
import { alterPartition, leaderAndIsrChanges } from './partitions-control.ts';
import { TestCluster } from './testing/cluster.ts';

interface Asked {
  readonly by?: number;
  readonly isr: readonly number[];
  readonly leaderEpoch?: number;
  readonly partitionEpoch?: number;
  readonly memberEpochs?: Readonly<Record<number, number>>;
  readonly leaderRecoveryState?: number;
}

function alter(cluster: TestCluster, topic: string, asked: Asked) {
  const partition = cluster.partition(topic);
  const by = asked.by ?? partition.leader;
  const answer = cluster.decided(
    alterPartition(
      cluster,
      {
        brokerId: by,
        brokerEpoch: cluster.epochOf(by),
        topics: [
          {
            topicId: cluster.image.topics.byName(topic)?.id ?? '',
            partitions: [
              {
                partitionIndex: 0,
                leaderEpoch: asked.leaderEpoch ?? partition.leaderEpoch,
                partitionEpoch: asked.partitionEpoch ?? partition.partitionEpoch,
                newIsr: [],
                newIsrWithEpochs: asked.isr.map((brokerId) => ({
                  brokerId,
                  brokerEpoch: asked.memberEpochs?.[brokerId] ?? cluster.epochOf(brokerId),
                })),
                leaderRecoveryState: asked.leaderRecoveryState ?? partition.leaderRecoveryState,
              },
            ],
          },
        ],
      },
      3,
    ),
  );
  const code = answer.errorCode || (answer.topics[0]?.partitions[0]?.errorCode ?? 0);
  return errorName(code);
}

test('a leader shrinks and grows its ISR; each change is a partition epoch, none a leader epoch', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2, 3]);
  expect(alter(cluster, 'orders', { isr: [1, 2] })).toBe('NONE');
  expect(cluster.partition('orders')).toMatchObject({ isr: [1, 2], leaderEpoch: 0, partitionEpoch: 1 });
  expect(alter(cluster, 'orders', { isr: [1, 2, 3] })).toBe('NONE');
  expect(cluster.partition('orders')).toMatchObject({
    isr: [1, 2, 3],
    leader: 1,
    leaderEpoch: 0,
    partitionEpoch: 2,
  });
});

test('an ISR change is refused to all but the leader of this epoch, with the state it knows', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2, 3]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, leaderEpoch: 1, partitionEpoch: 1 });
  expect(alter(cluster, 'orders', { by: 3, isr: [3] })).toBe('INVALID_REQUEST');
  expect(alter(cluster, 'orders', { isr: [2], leaderEpoch: 0 })).toBe('FENCED_LEADER_EPOCH');
  expect(alter(cluster, 'orders', { isr: [2], leaderEpoch: 2 })).toBe('NOT_CONTROLLER');
  expect(alter(cluster, 'orders', { isr: [2], partitionEpoch: 0 })).toBe('INVALID_UPDATE_VERSION');
  expect(alter(cluster, 'orders', { isr: [2], partitionEpoch: 2 })).toBe('NOT_CONTROLLER');
});

test('an ISR has only replicas, the leader among them, and only brokers that are alive in this very life', () => {
  const cluster = TestCluster.of(4, {}, [3]).topic('orders', [1, 2, 3]);
  expect(alter(cluster, 'orders', { isr: [1, 4] })).toBe('INVALID_REQUEST');
  expect(alter(cluster, 'orders', { isr: [2] })).toBe('INVALID_REQUEST');
  expect(alter(cluster, 'orders', { isr: [1, 1] })).toBe('INVALID_REQUEST');
  expect(alter(cluster, 'orders', { isr: [1, 2, 3] })).toBe('INELIGIBLE_REPLICA');
  expect(alter(cluster, 'orders', { isr: [1, 2], memberEpochs: { 2: 99 } })).toBe('INELIGIBLE_REPLICA');
  expect(alter(cluster, 'orders', { isr: [1, 2] })).toBe('NONE');
});

test('a fenced leader is followed by the next replica in sync, and the last one in sync stays in the ISR', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2, 3]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2, 3], leaderEpoch: 1 });
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(3)));
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2], leaderEpoch: 1 });
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(2)));
  expect(cluster.partition('orders')).toMatchObject({ leader: -1, isr: [2], leaderEpoch: 2 });
});

test('a replica that is not in sync leads only where unclean elections are allowed, and must then recover', () => {
  const lost = (properties: Record<string, string>) => {
    const cluster = TestCluster.of(2, properties).topic('orders', [1, 2]);
    alter(cluster, 'orders', { isr: [1] });
    cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
    return cluster;
  };
  expect(lost({}).partition('orders')).toMatchObject({ leader: -1, isr: [1], leaderRecoveryState: 0 });
  const unclean = lost({ 'unclean.leader.election.enable': 'true' });
  expect(unclean.partition('orders')).toMatchObject({ leader: 2, isr: [2], leaderRecoveryState: 1 });
  expect(alter(unclean, 'orders', { isr: [2, 1] })).toBe('INVALID_REQUEST');
  expect(alter(unclean, 'orders', { isr: [2], leaderRecoveryState: 0 })).toBe('NONE');
  expect(unclean.partition('orders').leaderRecoveryState).toBe(0);
  expect(alter(unclean, 'orders', { isr: [2], leaderRecoveryState: 1 })).toBe('INVALID_REQUEST');
});

test('after all brokers died, one that is behind does not lead at once: those in sync have a moment to return', () => {
  const cluster = TestCluster.of(2, { 'unclean.leader.election.enable': 'true' }).topic('orders', [1, 2]);
  cluster.inSync('orders', [1]);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(2)));
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(1)));
  const comesBack = (id: number) => cluster.replay(leaderAndIsrChanges(cluster, { added: id }));
  comesBack(2);
  expect(cluster.partition('orders')).toMatchObject({ leader: -1, isr: [1] });
  comesBack(1);
  expect(cluster.partition('orders')).toMatchObject({ leader: 1, isr: [1], leaderRecoveryState: 0 });
});
