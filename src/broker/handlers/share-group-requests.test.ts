import { expect, test } from 'vitest';
import { GroupBench } from '../../../test/coordinator/group-bench.ts';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { emptyImage } from '../../metadata/image.ts';
import { errorName } from '../../protocol/errors.ts';
import { shareGroupHeartbeat } from '../../protocol/messages/76-share-group-heartbeat.ts';
import { shareGroupDescribe } from '../../protocol/messages/77-share-group-describe.ts';
import { shareFetch } from '../../protocol/messages/78-share-fetch.ts';
import { shareAcknowledge } from '../../protocol/messages/79-share-acknowledge.ts';
import { initializeShareGroupState } from '../../protocol/messages/83-initialize-share-group-state.ts';
import { readShareGroupState } from '../../protocol/messages/84-read-share-group-state.ts';
import { writeShareGroupState } from '../../protocol/messages/85-write-share-group-state.ts';
import { deleteShareGroupState } from '../../protocol/messages/86-delete-share-group-state.ts';
import { readShareGroupStateSummary } from '../../protocol/messages/87-read-share-group-state-summary.ts';
import { describeShareGroupOffsets } from '../../protocol/messages/90-describe-share-group-offsets.ts';
import { alterShareGroupOffsets } from '../../protocol/messages/91-alter-share-group-offsets.ts';
import { deleteShareGroupOffsets } from '../../protocol/messages/92-delete-share-group-offsets.ts';
import type { Authorize, Right } from '../../server/authorizer.ts';
import type { BrokerContext } from '../context.ts';
import { ShareSessions } from '../sharing/share-sessions.ts';
import { StateSenders } from '../sharing/state-senders.ts';
import { ask, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { shareGroupHeartbeatHandler } from './76-share-group-heartbeat.ts';
import { shareGroupDescribeHandler } from './77-share-group-describe.ts';
import { shareFetchHandler } from './78-share-fetch.ts';
import { shareAcknowledgeHandler } from './79-share-acknowledge.ts';
import { initializeShareGroupStateHandler } from './83-initialize-share-group-state.ts';
import { readShareGroupStateHandler } from './84-read-share-group-state.ts';
import { writeShareGroupStateHandler } from './85-write-share-group-state.ts';
import { deleteShareGroupStateHandler } from './86-delete-share-group-state.ts';
import { readShareGroupStateSummaryHandler } from './87-read-share-group-state-summary.ts';
import { describeShareGroupOffsetsHandler } from './90-describe-share-group-offsets.ts';
import { alterShareGroupOffsetsHandler } from './91-alter-share-group-offsets.ts';
import { deleteShareGroupOffsetsHandler } from './92-delete-share-group-offsets.ts';

/**
 * What each request needs, and how it is refused, is what Apache Kafka's KafkaApis does with it (4.3):
 * `handleShareGroupHeartbeatRequest` and its sisters.
 */

const GROUP = 'queue';
const TOPIC = 'orders';

async function broker(): Promise<{ readonly context: BrokerContext; readonly groups: GroupBench }> {
  const image = imageOf(
    { type: 'FeatureLevelRecord', name: 'share.version', featureLevel: 1 },
    ...topicRecords(TOPIC, ORDERS, [{ replicas: [1], leader: 1 }]),
  );
  const groups = await GroupBench.elected();
  groups.coordinator.onImage(image, ImageDelta.between(emptyImage, image));
  const refused = () => {
    throw new Error('whoever is refused gets so far nowhere');
  };
  const context = {
    world: groups.world,
    image: () => image,
    groups: groups.coordinator,
    shareSessions: new ShareSessions({ limit: () => 10, left: () => undefined }),
    sharePartitions: { configOf: () => ({ lockDurationMs: 1000 }), find: refused, of: refused },
    stateSenders: new StateSenders(() => image),
    shareCoordinator: {
      initialize: refused,
      read: refused,
      write: refused,
      delete: refused,
      summary: refused,
    },
  } as unknown as BrokerContext;
  return { context, groups };
}

const without =
  (...denied: string[]): Authorize<Right> =>
  (operation, resource) =>
    !denied.includes(`${resource}:${operation}`);

/** The member has joined, so the group reads the topic. */
function join(context: BrokerContext, authorize: Authorize<Right> = () => true) {
  return ask(shareGroupHeartbeat, shareGroupHeartbeatHandler, context, {
    version: 1,
    request: { groupId: GROUP, memberId: 'a', memberEpoch: 0, subscribedTopicNames: [TOPIC] },
    authorize,
  });
}

test('whoever joins needs READ of the group and DESCRIBE of every topic', async () => {
  const { context } = await broker();
  const answers = [];
  for (const denied of ['GROUP:READ', 'TOPIC:DESCRIBE', 'TOPIC:READ'])
    answers.push(errorName((await join(context, without(denied))).errorCode));
  expect(answers).toEqual(['GROUP_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED', 'NONE']);
});

test('who describes a group needs DESCRIBE of it, and of all topics that its members read', async () => {
  const { context, groups: bench } = await broker();
  const first = await join(context);
  // The share coordinator keeps the partition by then, and a new assignment may be made.
  await settle();
  await bench.clock.advance(1000);
  await ask(shareGroupHeartbeat, shareGroupHeartbeatHandler, context, {
    version: 1,
    request: { groupId: GROUP, memberId: 'a', memberEpoch: first.memberEpoch },
  });
  const describedBy = async (...denied: string[]) => {
    const { groups } = await ask(shareGroupDescribe, shareGroupDescribeHandler, context, {
      version: 1,
      request: { groupIds: [GROUP], includeAuthorizedOperations: false },
      authorize: without(...denied),
    });
    return groups.map(({ errorCode, members }) => [errorName(errorCode), members.length]);
  };
  expect(await describedBy()).toEqual([['NONE', 1]]);
  expect(await describedBy('GROUP:DESCRIBE')).toEqual([['GROUP_AUTHORIZATION_FAILED', 0]]);
  expect(await describedBy('TOPIC:DESCRIBE')).toEqual([['TOPIC_AUTHORIZATION_FAILED', 0]]);
});

function fetchWith(context: BrokerContext, authorize: Authorize<Right>, shareSessionEpoch = 0) {
  return ask(shareFetch, shareFetchHandler, context, {
    version: 2,
    request: {
      groupId: GROUP,
      memberId: 'a',
      shareSessionEpoch,
      maxWaitMs: 0,
      minBytes: 1,
      maxRecords: 1,
      batchSize: 1,
      topics:
        shareSessionEpoch === 0
          ? [{ topicId: ORDERS, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }]
          : [],
      forgottenTopicsData: [],
    },
    authorize,
  });
}

test('who fetches needs READ of the group and of the topic, with every request of the session', async () => {
  const { context } = await broker();
  expect(errorName((await fetchWith(context, without('GROUP:READ'))).errorCode)).toBe(
    'GROUP_AUTHORIZATION_FAILED',
  );
  for (const epoch of [0, 1]) {
    const { errorCode, responses } = await fetchWith(context, without('TOPIC:READ'), epoch);
    expect([errorCode, responses[0]?.partitions.map((one) => errorName(one.errorCode))]).toEqual([
      0,
      ['TOPIC_AUTHORIZATION_FAILED'],
    ]);
  }
});

test('who acknowledges needs READ of the group and of the topic', async () => {
  const { context } = await broker();
  await fetchWith(context, without('TOPIC:READ'));
  const acknowledgedBy = (...denied: string[]) =>
    ask(shareAcknowledge, shareAcknowledgeHandler, context, {
      version: 2,
      request: {
        groupId: GROUP,
        memberId: 'a',
        shareSessionEpoch: 1,
        topics: [
          {
            topicId: ORDERS,
            partitions: [
              {
                partitionIndex: 0,
                acknowledgementBatches: [{ firstOffset: 0, lastOffset: 0, acknowledgeTypes: [1] }],
              },
            ],
          },
        ],
      },
      authorize: without(...denied),
    });
  expect(errorName((await acknowledgedBy('GROUP:READ')).errorCode)).toBe('GROUP_AUTHORIZATION_FAILED');
  const { errorCode, responses } = await acknowledgedBy('TOPIC:READ');
  expect([errorCode, responses[0]?.partitions.map((one) => errorName(one.errorCode))]).toEqual([
    0,
    ['TOPIC_AUTHORIZATION_FAILED'],
  ]);
});

test('where a group is, is told with DESCRIBE of the group, and of each topic', async () => {
  const { context } = await broker();
  const toldTo = async (all: boolean, ...denied: string[]) => {
    const topics = all ? null : [{ topicName: TOPIC, partitions: [0] }];
    const { groups } = await ask(describeShareGroupOffsets, describeShareGroupOffsetsHandler, context, {
      version: 1,
      request: { groups: [{ groupId: GROUP, topics }] },
      authorize: without(...denied),
    });
    return groups.map((group) => [
      errorName(group.errorCode),
      group.topics.flatMap(({ partitions }) => partitions.map((one) => errorName(one.errorCode))),
    ]);
  };
  expect(await toldTo(false, 'GROUP:DESCRIBE')).toEqual([['GROUP_AUTHORIZATION_FAILED', []]]);
  expect(await toldTo(false, 'TOPIC:DESCRIBE')).toEqual([['NONE', ['TOPIC_AUTHORIZATION_FAILED']]]);
  // Of all that a group has, topics that the caller may not see are left out.
  await join(context);
  expect(await toldTo(true, 'TOPIC:DESCRIBE')).toEqual([['NONE', []]]);
});

test('who moves a group needs READ of it and of the topic; who has it forget a topic, DELETE and READ', async () => {
  const { context } = await broker();
  const moved = async (...denied: string[]) => {
    const partitions = [{ partitionIndex: 0, startOffset: 0 }];
    const { errorCode, responses } = await ask(
      alterShareGroupOffsets,
      alterShareGroupOffsetsHandler,
      context,
      {
        version: 0,
        request: { groupId: GROUP, topics: [{ topicName: TOPIC, partitions }] },
        authorize: without(...denied),
      },
    );
    return [errorName(errorCode), ...(responses[0]?.partitions.map((one) => errorName(one.errorCode)) ?? [])];
  };
  const forgotten = async (...denied: string[]) => {
    const { errorCode, responses } = await ask(
      deleteShareGroupOffsets,
      deleteShareGroupOffsetsHandler,
      context,
      {
        version: 0,
        request: { groupId: GROUP, topics: [{ topicName: TOPIC }] },
        authorize: without(...denied),
      },
    );
    return [errorName(errorCode), ...responses.map((one) => errorName(one.errorCode))];
  };
  expect(await moved('GROUP:READ')).toEqual(['GROUP_AUTHORIZATION_FAILED']);
  expect(await moved('TOPIC:READ')).toEqual(['NONE', 'TOPIC_AUTHORIZATION_FAILED']);
  expect(await moved('GROUP:DELETE', 'TOPIC:DESCRIBE')).toEqual(['NONE', 'NONE']);
  expect(await forgotten('GROUP:DELETE')).toEqual(['GROUP_AUTHORIZATION_FAILED']);
  expect(await forgotten('TOPIC:READ')).toEqual(['NONE', 'TOPIC_AUTHORIZATION_FAILED']);
  expect(await forgotten('GROUP:READ', 'TOPIC:DESCRIBE')).toEqual(['NONE', 'NONE']);
});

test('the state of share groups is for who may act for the cluster', async () => {
  const { context } = await broker();
  const authorize = without('CLUSTER:CLUSTER_ACTION');
  const about = <Fields extends object>(fields: Fields) => ({
    groupId: GROUP,
    topics: [{ topicId: ORDERS, partitions: [{ partition: 0, ...fields }] }],
  });
  const write = { stateEpoch: 1, leaderEpoch: 0, startOffset: 0, deliveryCompleteCount: 0, stateBatches: [] };
  const answers = [
    await ask(initializeShareGroupState, initializeShareGroupStateHandler, context, {
      version: 0,
      request: about({ stateEpoch: 1, startOffset: 0 }),
      authorize,
    }),
    await ask(readShareGroupState, readShareGroupStateHandler, context, {
      version: 0,
      request: about({ leaderEpoch: 0 }),
      authorize,
    }),
    await ask(writeShareGroupState, writeShareGroupStateHandler, context, {
      version: 1,
      request: about(write),
      authorize,
    }),
    await ask(deleteShareGroupState, deleteShareGroupStateHandler, context, {
      version: 0,
      request: about({}),
      authorize,
    }),
    await ask(readShareGroupStateSummary, readShareGroupStateSummaryHandler, context, {
      version: 1,
      request: about({ leaderEpoch: 0 }),
      authorize,
    }),
  ];
  expect(answers.map(({ results }) => errorName(results[0]?.partitions[0]?.errorCode ?? -1))).toEqual(
    Array.from({ length: 5 }, () => 'CLUSTER_AUTHORIZATION_FAILED'),
  );
});
