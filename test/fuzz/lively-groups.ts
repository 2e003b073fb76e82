import type { Random } from '../../src/base/random.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import type { KnownPlace, Message } from '../../src/protocol/testing/sample-requests.ts';

/** Used beside the classic group of `populate`, whose one member cannot be moved. */
export const CONSUMERS = 'consumers';
export const SHARERS = 'sharers';
export const STREAMERS = 'streamers';

/** Ids of members: those of the share group must be UUIDs. */
const MEMBERS = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg', 'AAAAAAAAAAAAAAAAAAAAAw'];
const EPOCHS = [0, 0, 0, 1, 2, 3, -1, -2];

/**
 * Changes a sample so that it belongs to a living group: a few members join, subscribe, read, acknowledge and
 * leave, and the state of share partitions is made, written, read and deleted. A sample made from the
 * definition alone names the classic group, and is refused early. Does nothing for other APIs.
 */
export function lively(api: AnyApi, random: Random, place: KnownPlace): Message {
  const pick = <T>(from: readonly T[]): T | undefined => from[random.uint32() % from.length];
  const { topic, topicId } = place;
  const subscribed = () => pick([null, [], [topic], [topic, 'no such topic']]);
  switch (api.key) {
    case apis.consumerGroupHeartbeat.key:
      return {
        groupId: pick([CONSUMERS, CONSUMERS, CONSUMERS, SHARERS, 'group']),
        memberId: pick(MEMBERS),
        memberEpoch: pick(EPOCHS),
        instanceId: pick([null, null, null, 'static']),
        rackId: pick([null, 'use1-az1']),
        rebalanceTimeoutMs: 10_000,
        subscribedTopicNames: subscribed(),
        subscribedTopicRegex: pick([null, '', 'ord.*', '.*', '(ord', '(a+)+$']),
        serverAssignor: pick([null, 'uniform', 'range']),
        topicPartitions: pick([null, []]),
      };
    case apis.shareGroupHeartbeat.key:
      return {
        groupId: pick([SHARERS, SHARERS, SHARERS, CONSUMERS, 'group']),
        memberId: pick(MEMBERS),
        memberEpoch: pick(EPOCHS),
        rackId: pick([null, 'use1-az1']),
        subscribedTopicNames: subscribed(),
      };
    case apis.streamsGroupHeartbeat.key: {
      const memberEpoch = pick(EPOCHS);
      const tasks = () => pick([[], [], [{ subtopologyId: '0', partitions: [0] }]]);
      return {
        groupId: pick([STREAMERS, STREAMERS, STREAMERS, CONSUMERS]),
        memberId: pick(MEMBERS),
        memberEpoch,
        endpointInformationEpoch: 0,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: 10_000,
        topology: memberEpoch === 0 ? topology(topic, random) : null,
        activeTasks: tasks(),
        standbyTasks: tasks(),
        warmupTasks: [],
        processId: pick(MEMBERS),
        userEndpoint: pick([null, { host: 'localhost', port: 1 }]),
        clientTags: pick([null, [], [{ key: 'zone', value: 'a' }]]),
      };
    }
    case apis.shareFetch.key:
      return {
        groupId: SHARERS,
        memberId: pick(MEMBERS),
        shareSessionEpoch: pick([0, 0, 1, 2, 3, -1]),
        maxWaitMs: 1,
        maxRecords: pick([1, 10, 500]),
        batchSize: pick([1, 10, 500]),
      };
    case apis.shareAcknowledge.key:
      return { groupId: SHARERS, memberId: pick(MEMBERS), shareSessionEpoch: pick([1, 2, 3, -1]) };
    case apis.initializeShareGroupState.key:
    case apis.readShareGroupState.key:
    case apis.writeShareGroupState.key:
    case apis.deleteShareGroupState.key:
    case apis.readShareGroupStateSummary.key: {
      const stateBatches = [
        { firstOffset: 0, lastOffset: 1, deliveryState: pick([0, 2, 4]), deliveryCount: 1 },
      ];
      const partition = { partition: 0, stateEpoch: pick([0, 1]), leaderEpoch: pick([-1, 0]), stateBatches };
      const partitions = [{ ...partition, startOffset: pick([-1, 0, 1]), deliveryCompleteCount: 0 }];
      return { groupId: pick([SHARERS, 'others']), topics: [{ topicId, partitions }] };
    }
    default:
      return {};
  }
}

function topology(topic: string, random: Random): Message {
  const repartitioned = {
    name: 'again',
    partitions: random.uint32() % 3,
    replicationFactor: 0,
    topicConfigs: [],
  };
  const first = {
    subtopologyId: '0',
    sourceTopics: [topic],
    sourceTopicRegex: [],
    stateChangelogTopics: [{ name: 'store', partitions: 0, replicationFactor: 0, topicConfigs: [] }],
    repartitionSinkTopics: ['again'],
    repartitionSourceTopics: [],
    copartitionGroups: [],
  };
  const second = { ...first, subtopologyId: '1', sourceTopics: [], repartitionSinkTopics: [] };
  const both = [first, { ...second, stateChangelogTopics: [], repartitionSourceTopics: [repartitioned] }];
  return { epoch: random.uint32() % 2, subtopologies: random.uint32() % 2 === 0 ? [first] : both };
}
