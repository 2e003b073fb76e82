import { describe, expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import type { BrokerId } from '../../base/brand.ts';
import { Sfc32 } from '../../base/random.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { errorCode } from '../../protocol/errors.ts';
import { metadata } from '../../protocol/messages/03-metadata.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { ImageWaiters } from '../metadata-view/image-waiters.ts';
import { TopicCreation } from '../peers/topic-creation.ts';
import { ask, brokerRecords, CLICKS, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { type MetadataContext, metadataHandler } from './03-metadata.ts';

const NOT_ASKED = -2147483648;

const cluster = [
  ...brokerRecords,
  ...topicRecords('orders', ORDERS, [
    { replicas: [1, 2], leader: 1 },
    { replicas: [2, 1], leader: 2 },
  ]),
  ...topicRecords('__consumer_offsets', CLICKS, [{ replicas: [1], leader: 1 }]),
];

const JUST_DELETED = 'just-deleted';

/**
 * A broker on which topics are made by `create`, which may put another image in place. `died`: brokers that
 * were fenced recently.
 */
function broker(
  first: ClusterImage,
  create?: (name: string, show: (image: ClusterImage) => void) => number,
  died: readonly BrokerId[] = [],
): MetadataContext {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker');
  let current = first;
  const image = () => current;
  const waiters = new ImageWaiters(world, image);
  const settings = new BrokerSettings({
    brokerId: 1,
    image,
    properties: { 'auto.create.topics.enable': String(create !== undefined) },
  });
  const topicCreation = new TopicCreation(world, {
    create: async (topics) =>
      new Map(
        topics.map(({ name }) => [
          name,
          create?.(name, (next) => {
            current = next;
            waiters.onImage(next);
          }) ?? 0,
        ]),
      ),
    image,
    waiters,
    settings,
  });
  const recentDeletions = { has: (name: string) => name === JUST_DELETED };
  const seeded = { clock: world.clock, random: new Sfc32(1) };
  const recentFencings = { has: (id: BrokerId) => died.includes(id) };
  return { world: seeded, clusterId: 'cluster-1', image, topicCreation, recentDeletions, recentFencings };
}

function byNames(...names: string[]) {
  return { topics: names.map((name) => ({ name })) };
}

describe('brokers', () => {
  test('are those that live and have the listener of the connection', async () => {
    const image = imageOf(...cluster, { type: 'FenceBrokerRecord', id: 2, epoch: 2 });
    const client = await ask(metadata, metadataHandler, broker(image), { version: 13, request: byNames() });
    expect(client.brokers).toEqual([{ nodeId: 1, host: 'b1.example', port: 9091, rack: 'zone-1' }]);
    expect(client.clusterId).toBe('cluster-1');
    const request = { version: 13, request: byNames(), listenerName: 'REPLICATION' };
    const peer = await ask(metadata, metadataHandler, broker(image), request);
    expect(peer.brokers.map(({ nodeId, port }) => [nodeId, port])).toEqual([
      [1, 9191],
      [3, 9193],
    ]);
  });

  test('are also those that died just now; the controller is none of them', async () => {
    const image = imageOf(...cluster, { type: 'FenceBrokerRecord', id: 2, epoch: 2 });
    const request = { version: 13, request: byNames('orders'), listenerName: 'REPLICATION' };
    for (let i = 0; i < 20; i++) {
      const answer = await ask(metadata, metadataHandler, broker(image, undefined, [2]), request);
      expect(answer.brokers.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3]);
      expect([1, 3]).toContain(answer.controllerId);
      expect(answer.topics[0]?.partitions[0]?.offlineReplicas).toEqual([2]);
    }
  });

  test('the controller is one that lives', async () => {
    const image = imageOf(...cluster, { type: 'FenceBrokerRecord', id: 2, epoch: 2 });
    const { controllerId } = await ask(metadata, metadataHandler, broker(image), {
      version: 9,
      request: byNames(),
    });
    expect([1, 3]).toContain(controllerId);
    const empty = await ask(metadata, metadataHandler, broker(imageOf()), { version: 9, request: byNames() });
    expect(empty).toMatchObject({ controllerId: -1, brokers: [] });
  });
});

describe('topics', () => {
  test('are described with replicas, leader and epoch', async () => {
    const answer = await ask(metadata, metadataHandler, broker(imageOf(...cluster)), {
      version: 13,
      request: byNames('orders'),
    });
    const partition = { errorCode: 0, leaderEpoch: 4, offlineReplicas: [] };
    expect(answer.topics).toEqual([
      {
        errorCode: 0,
        name: 'orders',
        topicId: ORDERS,
        isInternal: false,
        partitions: [
          { ...partition, partitionIndex: 0, leaderId: 1, replicaNodes: [1, 2], isrNodes: [1, 2] },
          { ...partition, partitionIndex: 1, leaderId: 2, replicaNodes: [2, 1], isrNodes: [2, 1] },
        ],
        topicAuthorizedOperations: NOT_ASKED,
      },
    ]);
  });

  test.each(Array.from({ length: 14 }, (_, version) => version))(
    'all of them are told in v%i',
    async (version) => {
      const answer = await ask(metadata, metadataHandler, broker(imageOf(...cluster)), {
        version,
        request: { topics: version === 0 ? [] : null },
      });
      expect(answer.topics.map(({ name }) => name).sort()).toEqual(['__consumer_offsets', 'orders']);
      expect(answer.topics.every(({ errorCode: code }) => code === 0)).toBe(true);
      const internal = answer.topics.filter(({ isInternal }) => isInternal).map(({ name }) => name);
      expect(internal).toEqual(version === 0 ? [] : ['__consumer_offsets']);
    },
  );

  test('an empty list asks for none from v1 on', async () => {
    const answer = await ask(metadata, metadataHandler, broker(imageOf(...cluster)), {
      version: 1,
      request: byNames(),
    });
    expect(answer.topics).toEqual([]);
  });

  test('are found by id from v12 on, and an unknown id is said to be so', async () => {
    const answer = await ask(metadata, metadataHandler, broker(imageOf(...cluster)), {
      version: 12,
      request: {
        topics: [
          { topicId: ORDERS, name: null },
          { topicId: 'unkn0wnAAAAAAAAAAAAAAA', name: null },
        ],
      },
    });
    expect(answer.topics.map(({ errorCode: code, name, topicId }) => [code, name, topicId])).toEqual([
      [0, 'orders', ORDERS],
      [errorCode('UNKNOWN_TOPIC_ID'), null, 'unkn0wnAAAAAAAAAAAAAAA'],
    ]);
  });

  test('asking by id before v12 is refused as a whole', async () => {
    const answer = await ask(metadata, metadataHandler, broker(imageOf(...cluster)), {
      version: 11,
      request: { topics: [{ topicId: ORDERS, name: 'orders' }] },
    });
    expect(answer.topics.map(({ errorCode: code }) => code)).toEqual([errorCode('INVALID_REQUEST')]);
    expect(answer.brokers).toEqual([]);
  });

  test('one that does not exist has an error of its own', async () => {
    const answer = await ask(metadata, metadataHandler, broker(imageOf(...cluster)), {
      version: 4,
      request: byNames('orders', 'missing', 'no/name', 'missing'),
    });
    expect(answer.topics.map(({ errorCode: code, name }) => [name, code])).toEqual([
      ['orders', 0],
      ['missing', errorCode('UNKNOWN_TOPIC_OR_PARTITION')],
      ['no/name', errorCode('INVALID_TOPIC_EXCEPTION')],
    ]);
  });
});

describe('replicas out of reach', () => {
  const image = imageOf(
    ...brokerRecords,
    ...topicRecords('orders', ORDERS, [
      { replicas: [1, 2], isr: [1], leader: 1 },
      { replicas: [2], leader: -1 },
      { replicas: [3], leader: 3 },
    ]),
    { type: 'FenceBrokerRecord', id: 2, epoch: 2 },
  );
  const partitions = async (version: number) => {
    const answer = await ask(metadata, metadataHandler, broker(image), {
      version,
      request: byNames('orders'),
    });
    return answer.topics[0]?.partitions ?? [];
  };

  test('are offline, and a partition without leader says so', async () => {
    const [first, second, third] = await partitions(9);
    expect(first).toMatchObject({ errorCode: 0, leaderId: 1, replicaNodes: [1, 2], offlineReplicas: [2] });
    expect(second).toMatchObject({
      errorCode: errorCode('LEADER_NOT_AVAILABLE'),
      leaderId: -1,
      offlineReplicas: [2],
    });
    expect(third).toMatchObject({
      errorCode: errorCode('LISTENER_NOT_FOUND'),
      leaderId: -1,
      offlineReplicas: [3],
    });
  });

  test('a leader without the listener is LEADER_NOT_AVAILABLE before v6', async () => {
    expect((await partitions(5))[2]?.errorCode).toBe(errorCode('LEADER_NOT_AVAILABLE'));
  });

  test('are left out and reported in v0', async () => {
    const [first] = await partitions(0);
    expect(first).toMatchObject({
      errorCode: errorCode('REPLICA_NOT_AVAILABLE'),
      replicaNodes: [1],
      isrNodes: [1],
    });
  });

  test('a replica whose directory is lost is offline', async () => {
    const lost = imageOf(
      ...brokerRecords,
      { type: 'TopicRecord', name: 'orders', topicId: ORDERS },
      {
        type: 'PartitionRecord',
        topicId: ORDERS,
        partitionId: 0,
        replicas: [1, 2],
        isr: [1, 2],
        removingReplicas: [],
        addingReplicas: [],
        leader: 1,
        leaderEpoch: 0,
        partitionEpoch: 0,
        // Kafka's reserved ids: LOST is 2.
        directories: ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg'],
      },
    );
    const answer = await ask(metadata, metadataHandler, broker(lost), {
      version: 9,
      request: byNames('orders'),
    });
    expect(answer.topics[0]?.partitions[0]?.offlineReplicas).toEqual([2]);
  });
});

describe('authorization', () => {
  const image = imageOf(...cluster);

  test('topics that may not be described are hidden, or refused by name whether they exist or not', async () => {
    const authorize = (operation: string, _: string, name: string) =>
      operation !== 'DESCRIBE' || name === 'orders';
    const all = await ask(metadata, metadataHandler, broker(image), {
      version: 13,
      request: { topics: null },
      authorize,
    });
    expect(all.topics.map(({ name }) => name)).toEqual(['orders']);
    const named = await ask(metadata, metadataHandler, broker(image), {
      version: 13,
      request: byNames('__consumer_offsets', 'missing'),
      authorize,
    });
    const refused = errorCode('TOPIC_AUTHORIZATION_FAILED');
    expect(named.topics.map(({ errorCode: code, topicId }) => [code, topicId])).toEqual([
      [refused, 'AAAAAAAAAAAAAAAAAAAAAA'],
      [refused, 'AAAAAAAAAAAAAAAAAAAAAA'],
    ]);
  });

  test('what the caller may do is told on request, one bit for each operation', async () => {
    // AclOperation codes: READ 3, DESCRIBE 8.
    const authorize = (operation: string) => operation === 'READ' || operation === 'DESCRIBE';
    const request = { ...byNames('orders'), includeTopicAuthorizedOperations: true };
    const topic = await ask(metadata, metadataHandler, broker(image), { version: 8, request, authorize });
    expect(topic.topics[0]?.topicAuthorizedOperations).toBe((1 << 3) | (1 << 8));
    expect(topic.clusterAuthorizedOperations).toBe(NOT_ASKED);
    const whole = await ask(metadata, metadataHandler, broker(image), {
      version: 10,
      request: { ...byNames(), includeClusterAuthorizedOperations: true },
      authorize,
    });
    expect(whole.clusterAuthorizedOperations).toBe(1 << 8);
  });
});

describe('a topic that does not exist', () => {
  const before = imageOf(...brokerRecords);
  const after = imageOf(...brokerRecords, ...topicRecords('clicks', CLICKS, [{ replicas: [1], leader: 1 }]));

  test('is made when request and broker allow it, and is in the answer', async () => {
    const made: string[] = [];
    const context = broker(before, (name, show) => {
      made.push(name);
      show(after);
      return 0;
    });
    const answer = await ask(metadata, metadataHandler, context, {
      version: 4,
      request: byNames('clicks', 'no/name'),
    });
    expect(made).toEqual(['clicks']);
    expect(answer.topics.map(({ name, errorCode: code }) => [name, code])).toEqual([
      ['clicks', 0],
      ['no/name', errorCode('INVALID_TOPIC_EXCEPTION')],
    ]);
  });

  test('is made again after the answer when it was just deleted', async () => {
    const made: string[] = [];
    const context = broker(before, (name) => {
      made.push(name);
      return 0;
    });
    const answer = await ask(metadata, metadataHandler, context, {
      version: 4,
      request: byNames(JUST_DELETED),
    });
    expect(answer.topics[0]?.errorCode).toBe(errorCode('UNKNOWN_TOPIC_OR_PARTITION'));
    expect(made).toEqual([JUST_DELETED]);
  });

  test('is not made when the request does not want it', async () => {
    const context = broker(before, () => expect.unreachable());
    const request = { ...byNames('clicks'), allowAutoTopicCreation: false };
    const answer = await ask(metadata, metadataHandler, context, { version: 4, request });
    expect(answer.topics[0]?.errorCode).toBe(errorCode('UNKNOWN_TOPIC_OR_PARTITION'));
  });

  test('is not made by whoever may not create it', async () => {
    const context = broker(before, () => expect.unreachable());
    const authorize = (operation: string) => operation !== 'CREATE';
    const answer = await ask(metadata, metadataHandler, context, {
      version: 4,
      request: byNames('clicks'),
      authorize,
    });
    expect(answer.topics[0]?.errorCode).toBe(errorCode('TOPIC_AUTHORIZATION_FAILED'));
  });

  test('has the error of the controller when that refuses', async () => {
    const context = broker(before, () => errorCode('POLICY_VIOLATION'));
    const answer = await ask(metadata, metadataHandler, context, { version: 4, request: byNames('clicks') });
    expect(answer.topics[0]?.errorCode).toBe(errorCode('POLICY_VIOLATION'));
  });
});
