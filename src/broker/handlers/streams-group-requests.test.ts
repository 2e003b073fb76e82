import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../test/coordinator/group-bench.ts';
import { type RequestedTopology, subtopology, WORD_COUNT } from '../../../test/coordinator/streams-bench.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { emptyImage } from '../../metadata/image.ts';
import type { EncodableMetadataRecord } from '../../metadata/records.ts';
import { errorName } from '../../protocol/errors.ts';
import { streamsGroupHeartbeat } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { streamsGroupDescribe } from '../../protocol/messages/89-streams-group-describe.ts';
import type { Authorize, Right } from '../../server/authorizer.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import type { BrokerContext } from '../context.ts';
import { ask, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { streamsGroupHeartbeatHandler } from './88-streams-group-heartbeat.ts';
import { streamsGroupDescribeHandler } from './89-streams-group-describe.ts';

const LEVEL_1: EncodableMetadataRecord = {
  type: 'FeatureLevelRecord',
  name: 'streams.version',
  featureLevel: 1,
};

interface Asked {
  readonly names: string[];
  readonly failureMs: number;
}

async function broker(
  level: readonly EncodableMetadataRecord[] = [LEVEL_1],
  properties: Record<string, string> = {},
): Promise<{ context: BrokerContext; asked: Asked[]; failures: [string, string][] }> {
  const image = imageOf(...level, ...topicRecords('lines', ORDERS, [{ replicas: [1], leader: 1 }]));
  const groups = await GroupBench.elected();
  groups.coordinator.onImage(image, ImageDelta.between(emptyImage, image));
  const asked: Asked[] = [];
  const failures: [string, string][] = [];
  const context = {
    image: () => image,
    groups: groups.coordinator,
    settings: new BrokerSettings({ brokerId: 1, image: () => image, properties }),
    streamsTopics: {
      make: (topics: readonly { readonly name: string }[], _: unknown, failureMs: number) => {
        asked.push({ names: topics.map(({ name }) => name), failureMs });
      },
      failures: () => failures,
    },
  } as unknown as BrokerContext;
  return { context, asked, failures };
}

function beat(
  context: BrokerContext,
  options: { readonly topology?: RequestedTopology; readonly authorize?: Authorize<Right> } = {},
) {
  const { topology = WORD_COUNT, authorize } = options;
  return ask(streamsGroupHeartbeat, streamsGroupHeartbeatHandler, context, {
    version: 0,
    request: {
      groupId: 'app',
      memberId: 'thread',
      memberEpoch: 0,
      endpointInformationEpoch: 0,
      rebalanceTimeoutMs: 10_000,
      topology,
      processId: 'process',
      activeTasks: [],
      standbyTasks: [],
      warmupTasks: [],
    },
    ...(authorize && { authorize }),
  });
}

function describeApp(context: BrokerContext, authorize?: Authorize<Right>) {
  return ask(streamsGroupDescribe, streamsGroupDescribeHandler, context, {
    version: 0,
    request: { groupIds: ['app'], includeAuthorizedOperations: true },
    ...(authorize && { authorize }),
  });
}

const deny =
  (...denied: string[]): Authorize<Right> =>
  (operation, resource) =>
    !denied.includes(`${resource}:${operation}`);

const MISSING = 'Internal topics are missing: app-words-repartition, app-counts-changelog';
const missingStatus = (
  status: readonly { readonly statusCode: number; readonly statusDetail: string }[] | null,
) => (status ?? []).filter(({ statusCode }) => statusCode === 3).map(({ statusDetail }) => statusDetail);

test('a member joins, its topics are made, and the group is described', async () => {
  const { context, asked } = await broker();
  const joined = await beat(context);
  expect(joined).toMatchObject({
    errorCode: 0,
    memberId: 'thread',
    memberEpoch: 1,
    heartbeatIntervalMs: 5000,
  });
  expect(missingStatus(joined.status)).toEqual([MISSING]);
  expect(asked).toEqual([{ names: ['app-words-repartition', 'app-counts-changelog'], failureMs: 10_000 }]);
  const { groups } = await describeApp(context);
  expect(groups[0]).toMatchObject({
    errorCode: 0,
    groupState: 'NotReady',
    authorizedOperations: 3400,
    topology: { epoch: 0, subtopologies: [{ subtopologyId: '0' }, { subtopologyId: '1' }] },
    members: [{ memberId: 'thread', processId: 'process', isClassic: false }],
  });
});

test('why topics could not be made is told', async () => {
  const { context, failures } = await broker();
  failures.push(['app-words-repartition', 'too few brokers']);
  expect(missingStatus((await beat(context)).status)).toEqual([
    `${MISSING}; Creation failed: app-words-repartition (too few brokers).`,
  ]);
});

describe('rights', () => {
  test.each([
    ['GROUP:READ', 'GROUP_AUTHORIZATION_FAILED'],
    ['TOPIC:DESCRIBE', 'TOPIC_AUTHORIZATION_FAILED'],
  ])('who has no right %s cannot join', async (denied, error) => {
    const { context } = await broker();
    expect(errorName((await beat(context, { authorize: deny(denied) })).errorCode)).toBe(error);
  });

  test('who may create no topics gets none', async () => {
    const { context, asked } = await broker();
    const { errorCode, status } = await beat(context, { authorize: deny('TOPIC:CREATE', 'CLUSTER:CREATE') });
    expect([errorCode, missingStatus(status), asked]).toEqual([
      0,
      [`${MISSING}; Unauthorized to CREATE on topics app-words-repartition, app-counts-changelog.`],
      [],
    ]);
  });

  test.each(['TOPIC:CREATE', 'CLUSTER:CREATE'])(
    'one of the rights to create is enough: without %s',
    async (denied) => {
      const { context, asked } = await broker();
      await beat(context, { authorize: deny(denied) });
      expect(asked).toHaveLength(1);
    },
  );

  test.each([
    ['GROUP:DESCRIBE', 'GROUP_AUTHORIZATION_FAILED'],
    ['TOPIC:DESCRIBE', 'TOPIC_AUTHORIZATION_FAILED'],
  ])('who has no right %s is told nothing of the group', async (denied, error) => {
    const { context } = await broker();
    await beat(context);
    const { groups } = await describeApp(context, deny(denied));
    expect(
      groups.map(({ errorCode, members, topology }) => [errorName(errorCode), members, topology]),
    ).toEqual([[error, [], null]]);
  });
});

describe('topics that a topology cannot have', () => {
  test.each([
    [
      ['__consumer_offsets', '__transaction_state'],
      'Use of Kafka internal topics __consumer_offsets,__transaction_state in a Kafka Streams topology is prohibited.',
    ],
    [['a b', '..'], 'Topic names a b,.. are not valid topic names.'],
  ])('%s', async (sourceTopics, message) => {
    const { context } = await broker();
    const topology = { epoch: 0, subtopologies: [subtopology('0', { sourceTopics })] };
    const { errorCode, errorMessage } = await beat(context, { topology });
    expect([errorName(errorCode), errorMessage]).toEqual(['STREAMS_INVALID_TOPOLOGY', message]);
  });
});

describe('a cluster that does not use the protocol', () => {
  test.each<[string, EncodableMetadataRecord[], Record<string, string>]>([
    ['because streams.version is 0', [], {}],
    [
      'because the broker is told so',
      [LEVEL_1],
      { 'group.coordinator.rebalance.protocols': 'classic,consumer' },
    ],
  ])('says so, %s', async (_, level, properties) => {
    const { context } = await broker(level, properties);
    expect(errorName((await beat(context)).errorCode)).toBe('UNSUPPORTED_VERSION');
    const { groups } = await describeApp(context);
    expect(errorName(groups[0]?.errorCode ?? 0)).toBe('UNSUPPORTED_VERSION');
  });
});
