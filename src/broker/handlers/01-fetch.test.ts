import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { ZERO_UUID } from '../../base/brand.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { type ClusterImage, emptyImage } from '../../metadata/image.ts';
import { completeMetadataRecord, type EncodableMetadataRecord } from '../../metadata/records.ts';
import { errorName } from '../../protocol/errors.ts';
import { type FetchRequest, fetch } from '../../protocol/messages/01-fetch.ts';
import { Reader } from '../../protocol/reader.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import { Writer } from '../../protocol/writer.ts';
import { IsrChanges } from '../../replication/isr-changes.ts';
import type { Partition } from '../../replication/partition.ts';
import { ReplicaDirectories } from '../../replication/replica-directories.ts';
import { ReplicaManager } from '../../replication/replica-manager.ts';
import { ReplicationThrottle } from '../../replication/replication-throttle.ts';
import { LogDirectory } from '../../storage/log-directory.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { AllTopicSettings } from '../configs/topic-settings.ts';
import { FetchSessions } from '../fetch-sessions/fetch-sessions.ts';
import { ClientQuotas } from '../quotas/client-quotas.ts';
import { brokerRecords, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { fetchHandler } from './01-fetch.ts';

const VERSION = 17;
const LEADER_EPOCH = 4;

/** Broker 1, which leads all partitions of a topic that brokers 2 and 3 follow. */
class Leader {
  readonly replicas: ReplicaManager;
  readonly sessions: FetchSessions;
  /** How often a fetch looked at a partition. */
  visits = 0;
  /** Whether a consumer may read the topic. */
  mayRead = true;
  #image: ClusterImage = emptyImage;
  readonly #world: World;
  readonly #settings: BrokerSettings;

  static async of(world: World, partitions: number): Promise<Leader> {
    const logs = await LogDirectory.open(world, {
      path: '/data',
      clusterId: 'c',
      brokerId: 1,
      configOf: () => leader.#topics.of('orders').log,
      onStorageError: () => {},
    });
    const leader: Leader = new Leader(world, logs);
    const replicas = [1, 2, 3];
    leader.apply([
      ...brokerRecords,
      ...topicRecords(
        'orders',
        ORDERS,
        Array.from({ length: partitions }, () => ({ replicas, leader: 1 })),
      ),
    ]);
    return leader;
  }

  readonly #topics: AllTopicSettings;

  private constructor(world: World, logs: LogDirectory) {
    const image = () => this.#image;
    this.#world = world;
    this.#settings = new BrokerSettings({ brokerId: 1, image, properties: {} });
    this.#topics = new AllTopicSettings(image, this.#settings);
    this.replicas = new ReplicaManager(world, {
      brokerId: 1,
      logs,
      image,
      isrChanges: new IsrChanges(world, {
        send: () => new Promise(() => {}),
        broker: () => ({ id: 1, epoch: 1 }),
      }),
      directories: new ReplicaDirectories(world, {
        send: () => new Promise(() => {}),
        broker: () => ({ id: 1, epoch: 1 }),
      }),
      fetchers: { follow() {}, unfollow() {} },
      leaderThrottle: new ReplicationThrottle(world.clock, {
        rate: () => Number.MAX_SAFE_INTEGER,
        throttled: () => new Set(),
        windows: () => ({ count: 11, lengthMs: 1000 }),
      }),
      topicSettings: (topic) => this.#topics.of(topic),
      lagTimeMaxMs: () => 30_000,
    });
    const lookup = this.replicas.lookup.bind(this.replicas);
    this.replicas.lookup = (topic, index) => {
      this.visits++;
      return lookup(topic, index);
    };
    this.sessions = new FetchSessions(world.random, {
      now: () => world.clock.monotonic(),
      slots: 1000,
      watchers: this.replicas.watchers,
    });
  }

  apply(records: readonly EncodableMetadataRecord[]): void {
    const delta = new ImageDelta(this.#image);
    for (const record of records) delta.replay(completeMetadataRecord(record));
    this.#image = delta.apply({ offset: 1, epoch: 1, timestamp: 0 });
    this.replicas.applyDelta(this.#image, delta);
  }

  partition(index: number): Partition {
    return this.replicas.find('orders', index) ?? expect.fail(`no partition ${index}`);
  }

  async produce(index: number): Promise<void> {
    const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from('x') }] });
    this.partition(index).append({ records, origin: 'client', acks: 'leader', acked: () => {} });
    await new Promise<void>((resolve) => this.#world.clock.soon(resolve));
  }

  /** Over the wire's codecs; resolves with the answer. */
  async fetch(replicaId: number, request: Partial<FetchRequest>) {
    const writer = new Writer();
    fetch.request(VERSION).encode(writer, {
      replicaState: { replicaId, replicaEpoch: replicaId },
      maxWaitMs: 60_000,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: 0,
      topics: [],
      forgottenTopicsData: [],
      ...request,
    });
    const answer = await fetchHandler.run(
      {
        world: this.#world,
        rack: null,
        image: () => this.#image,
        settings: this.#settings,
        replicas: this.replicas,
        fetchSessions: this.sessions,
        quotas: new ClientQuotas(this.#world.clock, { image: () => this.#image, settings: this.#settings }),
      },
      fetch.request(VERSION).decode(new Reader(writer.done())),
      {
        apiKey: fetch.key,
        apiVersion: VERSION,
        correlationId: 1,
        clientId: null,
        principal: 'User:ANONYMOUS',
        clientHost: 'b',
        listener: 'replication',
        listenerName: 'REPLICATION',
        connectionId: '1',
        connectionNumber: 1,
        authorize: (_operation, resourceType) => resourceType === 'CLUSTER' || this.mayRead,
        allows: () => true,
        authorizeSome: () => true,
        iam: null,
        sasl: null,
        isPeer: true,
        afterWrite: () => {},
        requestBytes: 100,
        waitMsMax: Number.POSITIVE_INFINITY,
        mute: () => {},
        output: { grant: (bytes) => bytes, holds: () => {}, whenRoom: () => () => {} },
      },
    );
    const answered = new Writer();
    fetch.response(VERSION).encode(answered, answer as never);
    return fetch.response(VERSION).decode(new Reader(answered.done()));
  }
}

/** What a follower names of each partition. */
function wanted(indexes: Iterable<number>, fetchOffset = 0): FetchRequest['topics'] {
  const partitions = [...indexes].map((partition) => ({
    partition,
    currentLeaderEpoch: LEADER_EPOCH,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: 0,
    partitionMaxBytes: 1_000_000,
    replicaDirectoryId: ZERO_UUID,
    highWatermark: 0,
  }));
  return [{ topic: '', topicId: ORDERS, partitions }];
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

async function withLeader(
  partitions: number,
  run: (leader: Leader, simulation: Simulation) => Promise<void>,
): Promise<void> {
  const simulation = new Simulation(1);
  await simulation.run(async () => run(await Leader.of(simulation.host('b1').world, partitions), simulation));
}

/** Both followers have everything, and wait for more. */
async function follow(leader: Leader, partitions: number): Promise<number[]> {
  const ids: number[] = [];
  for (const follower of [2, 3]) {
    const { sessionId } = await leader.fetch(follower, { topics: wanted(upTo(partitions)), maxWaitMs: 0 });
    ids.push(sessionId);
  }
  return ids;
}

/**
 * Visits for one record: it is written, fetched by both followers, and acknowledged by their next fetches.
 */
async function visitsOfOneRecord(partitions: number): Promise<number> {
  let visits = 0;
  await withLeader(partitions, async (leader) => {
    const [two = 0, three = 0] = await follow(leader, partitions);
    const waiting = [
      leader.fetch(2, { sessionId: two, sessionEpoch: 1 }),
      leader.fetch(3, { sessionId: three, sessionEpoch: 1 }),
    ];
    leader.visits = 0;
    await leader.produce(7);
    for (const { responses } of await Promise.all(waiting))
      expect(responses[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([7]);
    for (const [follower, sessionId] of [
      [2, two],
      [3, three],
    ] as const)
      await leader.fetch(follower, { sessionId, sessionEpoch: 2, topics: wanted([7], 1), maxWaitMs: 1 });
    expect(leader.partition(7).log.highWatermark).toBe(1);
    visits = leader.visits;
  });
  return visits;
}

test('one record costs the same among ten partitions and among five hundred', async () => {
  expect(await visitsOfOneRecord(500)).toBe(await visitsOfOneRecord(10));
});

test('a delta that changes all partitions asks each fetch that waits once, not once for each of them', async () => {
  const count = 2000;
  await withLeader(count, async (leader, simulation) => {
    const waiting = [2, 3, 3].map((follower) => leader.fetch(follower, { topics: wanted(upTo(count)) }));
    await sleep(simulation.clock, 100);
    leader.visits = 0;
    leader.apply(
      upTo(count).map((partitionId) => ({
        type: 'PartitionChangeRecord',
        topicId: ORDERS,
        partitionId,
        leader: 2,
      })),
    );
    for (const { responses } of await Promise.all(waiting)) expect(responses).not.toEqual([]);
    // Each waiter finds out by the first, and its answer looks at each of its partitions once.
    expect(leader.visits).toBeLessThanOrEqual(waiting.length * (count + 1));
  });
});

/** The fetch that follower 2 sent from `offset` in one of its registrations, with its answer's error. */
async function fetchOfLife(leader: Leader, replicaEpoch: number, offset: number): Promise<string> {
  const { responses } = await leader.fetch(2, {
    replicaState: { replicaId: 2, replicaEpoch },
    topics: wanted([0], offset),
    maxWaitMs: 0,
  });
  return errorName(responses[0]?.partitions[0]?.errorCode ?? 0);
}

test.each(['the metadata log', 'its first fetch'])(
  'a fetch from before the follower registered anew, which %s has told, commits nothing',
  async (told) => {
    const former = 2;
    const next = 12;
    await withLeader(1, async (leader) => {
      for (let i = 0; i < 3; i++) await leader.produce(0);
      await leader.fetch(3, { topics: wanted([0], 3), maxWaitMs: 0 });
      if (told === 'the metadata log')
        leader.apply([
          {
            type: 'RegisterBrokerRecord',
            brokerId: 2,
            incarnationId: 'another2AAAAAAAAAAAAAA',
            brokerEpoch: next,
            endPoints: [],
            features: [],
            rack: null,
            fenced: false,
            logDirs: [],
          },
        ]);
      // Its device has kept one record of three.
      else expect(await fetchOfLife(leader, next, 1)).toBe('NONE');
      const { log } = leader.partition(0);
      const { highWatermark } = log;
      expect(await fetchOfLife(leader, former, 3)).toBe('NOT_LEADER_OR_FOLLOWER');
      expect(log.highWatermark).toBe(highWatermark);
      expect(highWatermark).toBeLessThan(3);
      expect(await fetchOfLife(leader, next, 3)).toBe('NONE');
      expect(log.highWatermark).toBe(3);
    });
  },
);

test('a follower that rests is in sync for as long as it fetches, and out of it a lag after it stopped', async () => {
  await withLeader(2, async (leader, simulation) => {
    const [two = 0, three = 0] = await follow(leader, 2);
    const partition = leader.partition(0);
    for (let epoch = 1; epoch < 100; epoch++) {
      await leader.fetch(2, { sessionId: two, sessionEpoch: epoch, maxWaitMs: 500 });
      await leader.fetch(3, { sessionId: three, sessionEpoch: epoch, maxWaitMs: 500 });
    }
    await leader.produce(0);
    // Nobody fetched since the record came, but both had everything a moment ago.
    expect([2, 3].map((id) => partition.isCaughtUp(id))).toEqual([true, true]);
    await sleep(simulation.clock, 20_000);
    await leader.fetch(2, { sessionId: two, sessionEpoch: 100, topics: wanted([0], 1), maxWaitMs: 0 });
    // Fetches that do not take the record do not make up for it.
    await leader.fetch(3, { sessionId: three, sessionEpoch: 100, maxWaitMs: 0 });
    await sleep(simulation.clock, 15_000);
    expect([2, 3].map((id) => partition.isCaughtUp(id))).toEqual([true, false]);
  });
});

test('what a follower waits for elsewhere ends when it is awaited for a partition that is led here anew', async () => {
  await withLeader(1, async (leader, simulation) => {
    const [two = 0] = await follow(leader, 1);
    const waiting = leader.fetch(2, { sessionId: two, sessionEpoch: 1 });
    await sleep(simulation.clock, 100);
    const before = simulation.time;
    leader.apply(topicRecords('clicks', 'cl1cksAAAAAAAAAAAAAAAA', [{ replicas: [1, 2, 3], leader: 1 }]));
    expect((await waiting).responses).toEqual([]);
    // Its metadata may be a moment behind: it is asked again soon, until it names the partition.
    await leader.fetch(2, { sessionId: two, sessionEpoch: 2 });
    expect(simulation.time - before).toBeLessThan(20);
    const [topic] = wanted([0]);
    const named = topic ? [{ ...topic, topicId: 'cl1cksAAAAAAAAAAAAAAAA' }] : [];
    const long = leader.fetch(2, { sessionId: two, sessionEpoch: 3, topics: named, maxWaitMs: 5000 });
    const asked = simulation.time;
    await long;
    expect(simulation.time - asked).toBeGreaterThan(4000);
    expect(leader.sessions.size).toBe(2);
  });
});

test('where a log begins is told to a follower that rests', async () => {
  await withLeader(1, async (leader) => {
    await leader.produce(0);
    const topics = wanted([0], 1);
    const sessions = [];
    for (const follower of [2, 3]) sessions.push(await leader.fetch(follower, { topics, maxWaitMs: 0 }));
    const sessionId = sessions[0]?.sessionId ?? 0;
    await leader.fetch(2, { sessionId, sessionEpoch: 1, maxWaitMs: 1 });
    expect((await leader.fetch(2, { sessionId, sessionEpoch: 2, maxWaitMs: 1 })).responses).toEqual([]);
    leader.partition(0).log.trimming.advanceLogStartOffset(1);
    const told = await leader.fetch(2, { sessionId, sessionEpoch: 3, maxWaitMs: 1 });
    expect(told.responses[0]?.partitions[0]?.logStartOffset).toBe(1);
  });
});

const CONSUMER = -1;

test('a consumer whose right is taken away while its fetch waits is told so when records come, and gets none', () =>
  withLeader(1, async (leader) => {
    const waiting = leader.fetch(CONSUMER, { topics: wanted([0]) });
    await leader.produce(0);
    leader.mayRead = false;
    for (const follower of [2, 3]) await leader.fetch(follower, { topics: wanted([0], 1), maxWaitMs: 0 });
    const { responses } = await waiting;
    expect(
      responses.flatMap(({ partitions }) =>
        partitions.map(({ errorCode, records }) => [errorName(errorCode), records?.length ?? 0]),
      ),
    ).toEqual([['TOPIC_AUTHORIZATION_FAILED', 0]]);
  }));

/**
 * Apache Kafka 4.3.1 answered 140 such fetches with a wait of 200 ms after 201.5 ms at the earliest. It
 * matters to node-rdkafka: where its reads last as long as its fetches may wait, and a fetch ends in the
 * instant in which the last read does, it loses the event that the partition has ended, and its disconnect
 * never returns.
 */
test('a consumer whose fetch brought nothing is told so after its wait, and not in the same millisecond', () =>
  withLeader(1, async (leader, simulation) => {
    const asked = simulation.time;
    await leader.fetch(CONSUMER, { topics: wanted([0]), maxWaitMs: 200 });
    expect(simulation.time - asked).toBeGreaterThan(201);
    expect(simulation.time - asked).toBeLessThan(205);
  }));
