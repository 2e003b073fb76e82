import { expect, test } from 'vitest';
import { errorName } from '../protocol/errors.ts';
import { assignReplicasToDirs } from './directories-control.ts';
import { directoryOf, TestCluster } from './testing/cluster.ts';

function assign(cluster: TestCluster, brokerId: number, directory: string, topic = 'orders', epoch?: number) {
  const { errorCode, directories } = cluster.decided(
    assignReplicasToDirs(cluster, {
      brokerId,
      brokerEpoch: epoch ?? cluster.epochOf(brokerId),
      directories: [
        {
          id: directory,
          topics: [
            {
              topicId: cluster.image.topics.byName(topic)?.id ?? directoryOf(77),
              partitions: [{ partitionIndex: 0 }],
            },
          ],
        },
      ],
    }),
  );
  return errorName(errorCode || (directories[0]?.topics[0]?.partitions[0]?.errorCode ?? 0));
}

test('a broker says where a replica lies; what is known already is no change', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2]);
  const before = cluster.nextOffset;
  expect(assign(cluster, 2, directoryOf(2))).toBe('NONE');
  expect(cluster.nextOffset).toBe(before);
});

test('a replica in a folder that is not online is not in sync and does not lead', () => {
  const cluster = TestCluster.of(2).topic('orders', [1, 2]);
  expect(assign(cluster, 1, directoryOf(9))).toBe('NONE');
  expect(cluster.partition('orders')).toMatchObject({
    directories: [directoryOf(9), directoryOf(2)],
    isr: [2],
    leader: 2,
  });
});

test('only its own replicas, in the life it is in', () => {
  const cluster = TestCluster.of(3).topic('orders', [1, 2]);
  expect(assign(cluster, 3, directoryOf(3))).toBe('NOT_LEADER_OR_FOLLOWER');
  expect(assign(cluster, 2, directoryOf(2), 'none')).toBe('UNKNOWN_TOPIC_ID');
  expect(assign(cluster, 2, directoryOf(2), 'orders', 99)).toBe('STALE_BROKER_EPOCH');
});
