import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../test/coordinator/group-bench.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { emptyImage } from '../../metadata/image.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { errorName } from '../../protocol/errors.ts';
import { consumerGroupHeartbeat } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { consumerGroupDescribe } from '../../protocol/messages/69-consumer-group-describe.ts';
import type { Authorize, Right } from '../../server/authorizer.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import type { BrokerContext } from '../context.ts';
import { ask, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { consumerGroupHeartbeatHandler } from './68-consumer-group-heartbeat.ts';
import { consumerGroupDescribeHandler } from './69-consumer-group-describe.ts';

const LEVEL_1: EncodableMetadataRecord = {
  type: 'FeatureLevelRecord',
  name: 'group.version',
  featureLevel: 1,
};

async function broker(
  level: readonly EncodableMetadataRecord[] = [LEVEL_1],
  properties: Record<string, string> = {},
): Promise<BrokerContext> {
  const image = imageOf(
    ...level,
    ...topicRecords('orders', ORDERS, [
      { replicas: [1], leader: 1 },
      { replicas: [1], leader: 1 },
    ]),
  );
  const groups = await GroupBench.elected();
  groups.coordinator.onImage(image, ImageDelta.between(emptyImage, image));
  return {
    image: () => image,
    groups: groups.coordinator,
    settings: new BrokerSettings({ brokerId: 1, image: () => image, properties }),
  } as unknown as BrokerContext;
}

function beat(
  context: BrokerContext,
  options: {
    readonly version?: number;
    readonly memberEpoch?: number;
    readonly topics?: readonly string[];
    readonly authorize?: Authorize<Right>;
  } = {},
) {
  const { version = 1, memberEpoch = 0, topics = ['orders'], authorize } = options;
  return ask(consumerGroupHeartbeat, consumerGroupHeartbeatHandler, context, {
    version,
    request: {
      groupId: 'app',
      memberId: 'member',
      memberEpoch,
      ...(memberEpoch === 0 && {
        rebalanceTimeoutMs: 10_000,
        subscribedTopicNames: [...topics],
        topicPartitions: [],
      }),
    },
    ...(authorize && { authorize }),
  });
}

function describeApp(context: BrokerContext, version = 1, authorize?: Authorize<Right>) {
  return ask(consumerGroupDescribe, consumerGroupDescribeHandler, context, {
    version,
    request: { groupIds: ['app'], includeAuthorizedOperations: true },
    ...(authorize && { authorize }),
  });
}

const deny =
  (denied: string): Authorize<Right> =>
  (operation, resource) =>
    `${resource}:${operation}` !== denied;

test.each([0, 1])('v%i: from the first heartbeat to the last', async (version) => {
  const context = await broker();
  const joined = await beat(context, { version });
  expect(joined).toMatchObject({
    errorCode: 0,
    memberId: 'member',
    heartbeatIntervalMs: 5000,
    assignment: { topicPartitions: [{ topicId: ORDERS, partitions: [0, 1] }] },
  });
  expect(await beat(context, { version, memberEpoch: joined.memberEpoch })).toMatchObject({
    errorCode: 0,
    assignment: null,
  });
  const { groups } = await describeApp(context, version);
  expect(groups[0]).toMatchObject({
    errorCode: 0,
    groupState: 'Stable',
    authorizedOperations: 3400,
    members: [
      {
        memberId: 'member',
        memberEpoch: joined.memberEpoch,
        assignment: { topicPartitions: [{ topicId: ORDERS, topicName: 'orders', partitions: [0, 1] }] },
        memberType: version === 0 ? -1 : 1,
      },
    ],
  });
  expect(await beat(context, { version, memberEpoch: -1 })).toMatchObject({ errorCode: 0, memberEpoch: -1 });
});

describe('rights', () => {
  test.each([
    ['GROUP:READ', 'GROUP_AUTHORIZATION_FAILED'],
    ['TOPIC:DESCRIBE', 'TOPIC_AUTHORIZATION_FAILED'],
  ])('who has no right %s cannot join', async (denied, error) => {
    const answer = await beat(await broker(), { authorize: deny(denied) });
    expect(errorName(answer.errorCode)).toBe(error);
  });

  test.each([
    ['GROUP:DESCRIBE', 'GROUP_AUTHORIZATION_FAILED'],
    ['TOPIC:DESCRIBE', 'TOPIC_AUTHORIZATION_FAILED'],
  ])('who has no right %s is told nothing of the group', async (denied, error) => {
    const context = await broker();
    await beat(context);
    const { groups } = await describeApp(context, 1, deny(denied));
    expect(groups.map(({ errorCode, members }) => [errorName(errorCode), members])).toEqual([[error, []]]);
  });
});

describe('a cluster that does not use the protocol', () => {
  test.each<[string, EncodableMetadataRecord[], Record<string, string>]>([
    ['because group.version is 0', [], {}],
    ['because the broker is told so', [LEVEL_1], { 'group.coordinator.rebalance.protocols': 'classic' }],
  ])('says so, %s', async (_, level, properties) => {
    const context = await broker(level, properties);
    expect(errorName((await beat(context)).errorCode)).toBe('UNSUPPORTED_VERSION');
    const { groups } = await describeApp(context);
    expect(errorName(groups[0]?.errorCode ?? 0)).toBe('UNSUPPORTED_VERSION');
  });
});

test('a member names no more topics than a group can keep', async () => {
  const context = await broker();
  const topics = Array.from({ length: 10_001 }, (_, i) => `topic-${i}`);
  const answer = await beat(context, { topics });
  expect(errorName(answer.errorCode)).toBe('INVALID_REQUEST');
  expect(answer.errorMessage).toBe('SubscribedTopicNames has 10001 names, and 10000 are allowed.');
  expect(errorName((await beat(context, { topics: topics.slice(1) })).errorCode)).toBe('NONE');
});
