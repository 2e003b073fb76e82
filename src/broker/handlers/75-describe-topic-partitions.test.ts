import { describe, expect, test } from 'vitest';
import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import { setting } from '../../metadata/configs/testing/setting.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  type DescribeTopicPartitionsRequest,
  describeTopicPartitions,
} from '../../protocol/messages/75-describe-topic-partitions.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { ask, brokerRecords, CLICKS, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { describeTopicPartitionsHandler } from './75-describe-topic-partitions.ts';

const one = { replicas: [1, 2], leader: 1 };
const image = imageOf(
  ...brokerRecords,
  ...topicRecords('orders', ORDERS, [one, one, one]),
  ...topicRecords('clicks', CLICKS, [one, one]),
);

function request(
  body: Partial<DescribeTopicPartitionsRequest>,
  options: { authorize?: (operation: string, type: string, name: string) => boolean; limit?: number } = {},
) {
  const properties =
    options.limit === undefined
      ? {}
      : setting(networkConfigs.maxRequestPartitionSizeLimit, String(options.limit));
  const settings = new BrokerSettings({ brokerId: 1, image: () => image, properties });
  const context = { image: () => image, settings };
  return ask(describeTopicPartitions, describeTopicPartitionsHandler, context, {
    version: 0,
    request: { topics: [], ...body },
    authorize: options.authorize,
  });
}

type Answered = Awaited<ReturnType<typeof request>>;

function listed({ topics }: Answered): string[] {
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`),
  );
}

test('an empty list asks for all topics, in order of their names', async () => {
  const answer = await request({});
  expect(listed(answer)).toEqual(['clicks-0', 'clicks-1', 'orders-0', 'orders-1', 'orders-2']);
  expect(answer.nextCursor).toBe(null);
  expect(answer.topics[1]).toMatchObject({ errorCode: 0, topicId: ORDERS, isInternal: false });
  expect(answer.topics[0]?.partitions[0]).toEqual({
    errorCode: 0,
    partitionIndex: 0,
    leaderId: 1,
    leaderEpoch: 4,
    replicaNodes: [1, 2],
    isrNodes: [1, 2],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    offlineReplicas: [],
  });
});

describe('pages', () => {
  test.each([1, 2, 3, 4])('of %i partitions, followed by their cursors, are all partitions', async (size) => {
    const all: string[] = [];
    let cursor: Answered['nextCursor'] = null;
    do {
      const page: Answered = await request({ responsePartitionLimit: size, cursor });
      const partitions = listed(page);
      expect(partitions.length).toBeLessThanOrEqual(size);
      all.push(...partitions);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(all).toEqual(['clicks-0', 'clicks-1', 'orders-0', 'orders-1', 'orders-2']);
  });

  test('a page that ends with a topic points to the beginning of the next', async () => {
    const { nextCursor } = await request({ responsePartitionLimit: 2 });
    expect(nextCursor).toEqual({ topicName: 'orders', partitionIndex: 0 });
  });

  test('are never larger than the broker allows, and never empty', async () => {
    expect(listed(await request({ responsePartitionLimit: 100 }, { limit: 3 })).length).toBe(3);
    expect(listed(await request({ responsePartitionLimit: 0 })).length).toBe(1);
  });

  test('may begin at a topic that is gone', async () => {
    const cursor = { topicName: 'deleted', partitionIndex: 5 };
    expect(listed(await request({ cursor }))).toEqual(['orders-0', 'orders-1', 'orders-2']);
  });

  test('a cursor outside the named topics, or before the first partition, is refused', async () => {
    const topics = [{ name: 'orders' }];
    const outside = await request({ topics, cursor: { topicName: 'clicks', partitionIndex: 0 } });
    const before = await request({ topics, cursor: { topicName: 'orders', partitionIndex: -1 } });
    for (const answer of [outside, before]) {
      expect(answer.topics.map(({ errorCode: code }) => code)).toEqual([errorCode('INVALID_REQUEST')]);
    }
  });
});

test('a named topic that does not exist has an error', async () => {
  const answer = await request({ topics: [{ name: 'missing' }, { name: 'no/name' }, { name: 'clicks' }] });
  expect(answer.topics.map(({ name, errorCode: code }) => [name, code])).toEqual([
    ['clicks', 0],
    ['missing', errorCode('UNKNOWN_TOPIC_OR_PARTITION')],
    ['no/name', errorCode('INVALID_TOPIC_EXCEPTION')],
  ]);
});

test('topics that may not be described are left out of all, and refused by name', async () => {
  const authorize = (_: string, __: string, name: string) => name !== 'orders';
  expect((await request({}, { authorize })).topics.map(({ name }) => name)).toEqual(['clicks']);
  const named = await request({ topics: [{ name: 'orders' }, { name: 'clicks' }] }, { authorize });
  expect(
    named.topics.map(({ name, errorCode: code, partitions }) => [name, code, partitions.length]),
  ).toEqual([
    ['clicks', 0, 2],
    ['orders', errorCode('TOPIC_AUTHORIZATION_FAILED'), 0],
  ]);
});
