import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { ZERO_UUID } from '../base/brand.ts';
import { silent } from '../base/log.ts';
import { KafkaConnection } from '../client/connection.ts';
import { Controller } from '../controller/controller.ts';
import { networkConfigs } from '../metadata/configs/broker/network-configs.ts';
import { replicationConfigs } from '../metadata/configs/broker/replication-configs.ts';
import { setting } from '../metadata/configs/testing/setting.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { errorName } from '../protocol/errors.ts';
import { produce } from '../protocol/messages/00-produce.ts';
import { fetch } from '../protocol/messages/01-fetch.ts';
import { listOffsets } from '../protocol/messages/02-list-offsets.ts';
import { apiVersions } from '../protocol/messages/18-api-versions.ts';
import { createTopics } from '../protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../protocol/messages/20-delete-topics.ts';
import { initProducerId } from '../protocol/messages/22-init-producer-id.ts';
import { describeConfigs } from '../protocol/messages/32-describe-configs.ts';
import { incrementalAlterConfigs } from '../protocol/messages/44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from '../protocol/messages/45-alter-partition-reassignments.ts';
import { batches } from '../protocol/records/batch.ts';
import { buildBatch, readRecords } from '../protocol/records/record.ts';
import type { Partition } from '../replication/partition.ts';
import { Broker } from './broker.ts';
import type { BrokerOptions } from './broker-options.ts';
import { VOLUME_FILE } from './volume/volume-file.ts';

const world = nodeWorld(silent);
const NO_HANDOVER = setting(replicationConfigs.controlledShutdownEnable, 'false');
const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface BrokerStart {
  readonly release?: string;
  /** Where it listens for clients; by default the system chooses. */
  readonly port?: number;
  /** Runs when the controller has registered it. */
  readonly onEpoch?: () => void;
}

/** Brokers and their controller in this process, each broker to be stopped and started alone. */
class TestCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-broker-'));
  readonly brokers = new Map<number, Broker>();
  controller: Controller | undefined;

  static async start(
    brokers: number,
    config: Record<string, string> = {},
    release: { readonly release?: string } = {},
  ): Promise<TestCluster> {
    const cluster = new TestCluster();
    undo.push(() => rmSync(cluster.folder, { recursive: true, force: true }));
    cluster.controller = await Controller.start(world, {
      nodeId: 100,
      clusterId: CLUSTER,
      dataDirectory: join(cluster.folder, 'controller'),
      host: '127.0.0.1',
      port: 0,
      config,
      ...release,
    });
    undo.push(() => cluster.controller?.stop());
    await Promise.all(Array.from({ length: brokers }, (_, i) => cluster.startBroker(i + 1, config, release)));
    return cluster;
  }

  async startBroker(
    id: number,
    config: Record<string, string> = {},
    { port = 0, onEpoch, ...release }: BrokerStart = {},
  ): Promise<Broker> {
    const options: BrokerOptions = {
      clusterId: CLUSTER,
      brokerId: id,
      rack: `zone-${id}`,
      dataDirectory: join(this.folder, `broker-${id}`),
      controller: { id: 100, host: '127.0.0.1', port: this.controller?.port ?? 0 },
      listeners: [
        { name: 'CLIENT', purpose: 'client', host: '127.0.0.1', port },
        { name: 'REPLICATION', purpose: 'replication', host: '127.0.0.1', port: 0 },
      ],
      config,
      ...release,
    };
    const broker = await Broker.start(world, options, undefined, onEpoch);
    this.brokers.set(id, broker);
    undo.push(() => broker.stop());
    return broker;
  }

  broker(id: number): Broker {
    return this.brokers.get(id) ?? expect.fail(`no broker ${id}`);
  }

  async connect(id: number, listener = 'CLIENT'): Promise<KafkaConnection> {
    const connection = await KafkaConnection.connect(world, {
      host: '127.0.0.1',
      port: this.broker(id).port(listener),
      clientId: 'test',
      timeoutMs: 60_000,
    });
    undo.push(() => connection.close());
    return connection;
  }

  /** A topic with its replicas on exactly these brokers, the first of them leading. */
  async createTopic(name: string, brokerIds: number[], configs: Record<string, string> = {}): Promise<void> {
    await this.sendCreateTopic(name, brokerIds, configs);
    await until(() => brokerIds.every((id) => this.replica(id, name) !== undefined));
    await until(() => this.replica(brokerIds[0] ?? 1, name)?.isLeader === true);
  }

  /** Without waiting for the replicas. */
  async sendCreateTopic(
    name: string,
    brokerIds: number[],
    configs: Record<string, string> = {},
  ): Promise<void> {
    const connection = await this.connect(brokerIds[0] ?? 1);
    const answer = await connection.send(createTopics, {
      topics: [
        {
          name,
          numPartitions: -1,
          replicationFactor: -1,
          assignments: [{ partitionIndex: 0, brokerIds }],
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
    });
    expect(answer.topics[0]?.errorMessage).toBeNull();
  }

  replica(id: number, topic: string): Partition | undefined {
    return this.brokers.get(id)?.replicas.find(topic, 0);
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = world.clock.monotonic() + 60_000;
  while (!condition()) {
    if (world.clock.monotonic() > deadline) expect.fail('not in time');
    await new Promise<void>((done) => world.clock.after(2, done));
  }
}

const batchOf = (...values: string[]) =>
  buildBatch({ records: values.map((value) => ({ timestamp: 1, key: null, value: Buffer.from(value) })) });

async function send(
  connection: KafkaConnection,
  topic: string,
  records: Buffer,
  options: { acks?: number; timeoutMs?: number } = {},
) {
  const answer = await connection.send(
    produce,
    {
      acks: options.acks ?? -1,
      timeoutMs: options.timeoutMs ?? 5000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    },
    { version: 12 },
  );
  const partition = answer.responses[0]?.partitionResponses[0] ?? expect.fail('no answer');
  return { ...partition, error: errorName(partition.errorCode) };
}

async function read(connection: KafkaConnection, topic: string, offset = 0, more = {}) {
  const answer = await connection.send(
    fetch,
    {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1e6 }] }],
      forgottenTopicsData: [],
      ...more,
    },
    { version: 12 },
  );
  const partition = answer.responses[0]?.partitions[0];
  const values = [...batches(partition?.records ?? Buffer.alloc(0))].flatMap(({ bytes }) =>
    readRecords(bytes).map(({ value }) => value?.toString()),
  );
  return {
    ...partition,
    topError: errorName(answer.errorCode),
    error: errorName(partition?.errorCode ?? 0),
    values,
  };
}

/** Tries to connect until somebody accepts. */
async function firstAccepted(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port });
    const isAccepted = await new Promise<boolean>((tried) => {
      socket.once('connect', () => tried(true)).once('error', () => tried(false));
    });
    socket.destroy();
    if (isAccepted) return;
  }
}

const content = (partition: Partition | undefined) => {
  const log = partition?.log ?? expect.fail('no replica');
  const found = log.reads.read(log.logStartOffset, { maxBytes: 1e9, minOneBatch: true });
  if ('error' in found) throw new Error(found.error);
  const bytes = Buffer.concat(found.parts).toString('hex');
  found.release();
  return bytes;
};

describe('one broker', () => {
  test('gives back what was produced, also after it was stopped and started again', async () => {
    const cluster = await TestCluster.start(1);
    await cluster.createTopic('t', [1]);
    const connection = await cluster.connect(1);
    expect(await send(connection, 't', batchOf('a', 'b'))).toMatchObject({ error: 'NONE', baseOffset: 0 });
    expect(await send(connection, 't', batchOf('c'), { acks: 1 })).toMatchObject({ baseOffset: 2 });
    expect((await read(connection, 't')).values).toEqual(['a', 'b', 'c']);

    await cluster.broker(1).stop();
    await cluster.startBroker(1);
    const again = await cluster.connect(1);
    expect((await read(again, 't', 1)).values).toEqual(['a', 'b', 'c']);
    expect((await read(again, 't', 2)).values).toEqual(['c']);
    expect((await read(again, 't', 4)).error).toBe('OFFSET_OUT_OF_RANGE');
  });

  test('lets nobody connect before the controller takes it as alive, since it could not answer', async () => {
    const cluster = await TestCluster.start(0);
    const port = await freePort();
    const fenced = () => cluster.controller?.image?.brokers.byId(1)?.fenced;
    let fencedAtFirst: Promise<boolean | undefined> | undefined;
    const onEpoch = () => {
      fencedAtFirst = firstAccepted(port).then(fenced);
    };
    await cluster.startBroker(1, {}, { port, onEpoch });
    expect(await fencedAtFirst).toBe(false);
  });

  test('does not register when another process has its port', async () => {
    const cluster = await TestCluster.start(0);
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    undo.push(() => void other.close());
    await expect(cluster.startBroker(1, {}, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await until(() => cluster.controller?.image !== undefined);
    expect(cluster.controller?.image?.brokers.byId(1)).toBeUndefined();
  });

  test('starts with configs of an older release that do not go together, and takes others beside them', async () => {
    const cluster = await TestCluster.start(1, { 'log.retention.hours': '0' });
    await cluster.createTopic('t', [1], { 'retention.ms': '-1' });
    const connection = await cluster.connect(1);
    expect(await send(connection, 't', batchOf('a'))).toMatchObject({ error: 'NONE' });
    const change = async (configName: string, value: string) => {
      const configs = [{ name: configName, configOperation: 0, value }];
      const answer = await connection.send(incrementalAlterConfigs, {
        resources: [{ resourceType: 4, resourceName: '', configs }],
        validateOnly: false,
      });
      return answer.responses[0]?.errorMessage;
    };
    expect(await change('log.cleaner.threads', '2')).toBe(null);
    expect(await change('log.roll.ms', '0')).toMatch('log.roll.ms must be');
  });

  test('starts with what an older release took of a config that nobody obeys, if it has its type', async () => {
    const cluster = await TestCluster.start(1, { 'group.share.assignors': 'org.acme.Fair' });
    await cluster.createTopic('t', [1]);
    expect(await send(await cluster.connect(1), 't', batchOf('a'))).toMatchObject({ error: 'NONE' });
    for (const [name, value] of [
      ['log.cleaner.threads', 'many'],
      ['num.partitions', '0'],
    ] as const)
      await expect(cluster.startBroker(2, { [name]: value })).rejects.toThrow(
        'Broker 2 cannot start: Invalid value',
      );
  });

  test('starts with an empty list that an older release took, with the default of Kafka in force', async () => {
    const cluster = await TestCluster.start(1, {
      'group.consumer.assignors': '',
      'group.coordinator.rebalance.protocols': ' ',
    });
    const connection = await cluster.connect(1);
    const { results } = await connection.send(describeConfigs, {
      resources: [
        {
          resourceType: 4,
          resourceName: '1',
          configurationKeys: ['group.consumer.assignors', 'group.coordinator.rebalance.protocols'],
        },
      ],
      includeSynonyms: false,
      includeDocumentation: false,
    });
    // Kafka 4.3 without these properties.
    expect(results[0]?.configs.map(({ name, value }) => [name, value])).toEqual([
      ['group.consumer.assignors', 'uniform,range'],
      ['group.coordinator.rebalance.protocols', 'classic,consumer,streams'],
    ]);
    await expect(cluster.startBroker(2, { 'group.consumer.assignors': 'fair' })).rejects.toThrow(
      'Broker 2 cannot start: Invalid value fair for configuration group.consumer.assignors',
    );
  });

  test('with a full volume refuses records by a sentence and serves reads, until the volume has grown', async () => {
    const cluster = await TestCluster.start(0);
    const folder = join(cluster.folder, 'broker-1');
    mkdirSync(folder);
    const volume = (bytes: number) => writeFileSync(join(folder, VOLUME_FILE), String(bytes));
    volume(10_000);
    await cluster.startBroker(1);
    await cluster.createTopic('t', [1]);
    const connection = await cluster.connect(1);
    const large = batchOf('x'.repeat(6_000));
    expect(await send(connection, 't', Buffer.from(large))).toMatchObject({ error: 'NONE' });
    expect(await send(connection, 't', Buffer.from(large))).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
      errorMessage: expect.stringContaining('broker 1'),
    });
    expect((await read(connection, 't')).values).toEqual(['x'.repeat(6_000)]);
    volume(20_000);
    const deadline = world.clock.monotonic() + 60_000;
    while ((await send(connection, 't', Buffer.from(large))).error !== 'NONE')
      if (world.clock.monotonic() > deadline) expect.fail('the volume did not grow');
    expect((await read(connection, 't')).highWatermark).toBe(2);
  });

  test('remembers an idempotent producer: a repeated batch is acknowledged and not stored again', async () => {
    const cluster = await TestCluster.start(1);
    await cluster.createTopic('t', [1]);
    const connection = await cluster.connect(1);
    const { producerId } = await connection.send(initProducerId, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    const batch = (baseSequence: number, value: string) =>
      buildBatch({
        producerId,
        producerEpoch: 0,
        baseSequence,
        records: [{ timestamp: 1, key: null, value: Buffer.from(value) }],
      });
    expect(await send(connection, 't', batch(0, 'a'))).toMatchObject({ error: 'NONE', baseOffset: 0 });
    expect(await send(connection, 't', batch(1, 'b'))).toMatchObject({ error: 'NONE', baseOffset: 1 });
    expect(await send(connection, 't', batch(0, 'a'))).toMatchObject({ error: 'NONE', baseOffset: 0 });
    expect(await send(connection, 't', batch(3, 'd'))).toMatchObject({
      error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
    });
    expect((await read(connection, 't')).values).toEqual(['a', 'b']);
  });

  test('lets a fetch wait for records, and answers it when they come', async () => {
    const cluster = await TestCluster.start(1);
    await cluster.createTopic('t', [1]);
    const [consumer, producer] = [await cluster.connect(1), await cluster.connect(1)];
    const waiting = read(consumer, 't', 0, { maxWaitMs: 30_000 });
    await send(producer, 't', batchOf('a'));
    expect((await waiting).values).toEqual(['a']);
  });

  test('refuses what no client may do: too large, unsound, control records, a replica id', async () => {
    const cluster = await TestCluster.start(1);
    await cluster.createTopic('t', [1], { 'max.message.bytes': '200' });
    const connection = await cluster.connect(1);
    expect((await send(connection, 't', batchOf('x'.repeat(200)))).error).toBe('MESSAGE_TOO_LARGE');
    const damaged = batchOf('a');
    damaged[damaged.length - 2] = (damaged.at(-2) ?? 0) ^ 1;
    expect((await send(connection, 't', damaged)).error).toBe('CORRUPT_MESSAGE');
    expect((await send(connection, 't', Buffer.concat([batchOf('a'), batchOf('b')]))).error).toBe(
      'INVALID_RECORD',
    );
    expect((await send(connection, 'unknown', batchOf('a'))).error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect((await send(connection, 't', batchOf('a'), { acks: 2 })).error).toBe('INVALID_REQUIRED_ACKS');
    expect((await read(connection, 't', 0, { replicaId: 1 })).topError).toBe('CLUSTER_AUTHORIZATION_FAILED');
    expect((await read(connection, 't')).values).toEqual([]);
  });

  test('takes out of fetch.max.bytes what is left for the next partition, and gives a first batch whole', async () => {
    const cluster = await TestCluster.start(1);
    await cluster.createTopic('t', [1]);
    const connection = await cluster.connect(1);
    await send(connection, 't', batchOf('a'.repeat(1000)));
    await send(connection, 't', batchOf('b'));
    expect((await read(connection, 't', 0, { maxBytes: 10 })).values).toEqual(['a'.repeat(1000)]);
  });

  test('gives no more in one answer than its own fetch.max.bytes says, whatever the reader asks for', async () => {
    const cluster = await TestCluster.start(1, setting(networkConfigs.fetchMaxBytes, '1024'));
    await cluster.createTopic('t', [1]);
    const connection = await cluster.connect(1);
    const values = ['a'.repeat(700), 'b'.repeat(700)];
    for (const value of values) await send(connection, 't', batchOf(value));
    expect((await read(connection, 't', 0)).values).toEqual([values[0]]);
    expect((await read(connection, 't', 1)).values).toEqual([values[1]]);
  });

  test.each([
    ['hands its leaderships over before it stops', {}, true],
    ['stops at once where controlled.shutdown.enable is false', NO_HANDOVER, false],
  ])('%s', async (_, config, asksFirst) => {
    const cluster = await TestCluster.start(2, config);
    await cluster.createTopic('t', [1, 2]);
    await cluster.broker(1).stop();
    const { controller } = cluster;
    await until(() => controller?.image?.brokers.byId(1)?.fenced === true);
    expect(controller?.image?.brokers.byId(1)?.inControlledShutdown).toBe(asksFirst);
  });

  test('tells the offsets of times', async () => {
    const cluster = await TestCluster.start(1);
    await cluster.createTopic('t', [1]);
    const connection = await cluster.connect(1);
    for (const timestamp of [100, 300, 200])
      await send(
        connection,
        't',
        buildBatch({ records: [{ timestamp, key: null, value: Buffer.from('v') }] }),
      );
    const offsetAt = async (timestamp: number) => {
      const answer = await connection.send(listOffsets, {
        replicaId: -1,
        isolationLevel: 0,
        timeoutMs: 0,
        topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }],
      });
      const { offset, timestamp: at } = answer.topics[0]?.partitions[0] ?? expect.fail('no answer');
      return [offset, at];
    };
    expect(await offsetAt(-2)).toEqual([0, -1]);
    expect(await offsetAt(-1)).toEqual([3, -1]);
    expect(await offsetAt(-3)).toEqual([1, 300]);
    expect(await offsetAt(150)).toEqual([1, 300]);
    expect(await offsetAt(301)).toEqual([-1, -1]);
  });
});

describe('three brokers', () => {
  test('hold the same bytes, and acks=all means that all have them', async () => {
    const cluster = await TestCluster.start(3);
    await cluster.createTopic('t', [1, 2, 3]);
    const connection = await cluster.connect(1);
    for (let i = 0; i < 20; i++) expect((await send(connection, 't', batchOf(`v${i}`))).error).toBe('NONE');
    for (const id of [1, 2, 3]) expect(cluster.replica(id, 't')?.log.endOffset).toBe(20);
    expect(content(cluster.replica(2, 't'))).toBe(content(cluster.replica(1, 't')));
    expect(content(cluster.replica(3, 't'))).toBe(content(cluster.replica(1, 't')));
    // A follower learns with its next fetch what is committed.
    await until(() => [1, 2, 3].every((id) => cluster.replica(id, 't')?.log.highWatermark === 20));
  });

  test('go on without one, which catches up when it is back', async () => {
    const cluster = await TestCluster.start(3);
    await cluster.createTopic('t', [1, 2, 3]);
    await send(await cluster.connect(1), 't', batchOf('a'));

    await cluster.broker(1).stop();
    await until(() => cluster.replica(2, 't')?.isLeader === true);
    const second = await cluster.connect(2);
    expect(await send(second, 't', batchOf('b'))).toMatchObject({ error: 'NONE', baseOffset: 1 });

    await cluster.startBroker(1);
    await until(() => cluster.replica(2, 't')?.isr.length === 3);
    expect(await send(second, 't', batchOf('c'))).toMatchObject({ error: 'NONE', baseOffset: 2 });
    expect(content(cluster.replica(1, 't'))).toBe(content(cluster.replica(2, 't')));
    expect((await read(second, 't')).values).toEqual(['a', 'b', 'c']);
    expect((await send(await cluster.connect(1), 't', batchOf('d'))).error).toBe('NOT_LEADER_OR_FOLLOWER');
  });

  test('tell who waits for acks=all, when the leader stops, who leads now', async () => {
    const cluster = await TestCluster.start(2);
    await cluster.createTopic('t', [1, 2]);
    const leader = cluster.replica(1, 't') ?? expect.fail('no replica');
    // What the follower has is not known to the leader, so that the record waits.
    leader.onFollowerFetch = () => null;
    const connection = await cluster.connect(1);
    const waiting = connection.send(
      produce,
      {
        transactionalId: null,
        acks: -1,
        timeoutMs: 10_000,
        topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf('a') }] }],
      },
      { version: 12 },
    );
    await until(() => leader.waiterCount === 1);
    const stopped = cluster.broker(1).stop();
    const { responses, nodeEndpoints } = await waiting;
    const answer = responses[0]?.partitionResponses[0];
    expect(errorName(answer?.errorCode ?? 0)).toBe('NOT_LEADER_OR_FOLLOWER');
    expect(answer?.currentLeader).toEqual({ leaderId: 2, leaderEpoch: 1 });
    expect(nodeEndpoints).toMatchObject([{ nodeId: 2, port: cluster.broker(2).port('CLIENT') }]);
    await stopped;
  });

  test('fill a replica that was added as fast as the throttle says, and the ISR as ever', async () => {
    const cluster = await TestCluster.start(3);
    await cluster.createTopic('t', [1, 2]);
    const connection = await cluster.connect(1);
    const large = 'x'.repeat(700_000);
    for (let i = 0; i < 4; i++) await send(connection, 't', batchOf(large));
    const set = (type: number, resourceName: string, name: string, value: string) =>
      connection.send(incrementalAlterConfigs, {
        resources: [{ resourceType: type, resourceName, configs: [{ name, configOperation: 0, value }] }],
        validateOnly: false,
      });
    await set(4, '1', 'leader.replication.throttled.rate', '1000');
    await set(2, 't', 'leader.replication.throttled.replicas', '0:1');
    await connection.send(alterPartitionReassignments, {
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, replicas: [1, 2, 3] }] }],
    });
    // The first answer uses up the rate for more than as long as the last windows reach.
    await until(() => (cluster.replica(3, 't')?.log.endOffset ?? 0) > 0);
    for (let i = 0; i < 3; i++)
      expect(await send(connection, 't', batchOf('small'))).toMatchObject({ error: 'NONE' });
    expect(cluster.replica(3, 't')?.log.endOffset).toBe(1);
    expect(cluster.replica(1, 't')?.isr).toEqual([1, 2]);
    await set(4, '1', 'leader.replication.throttled.rate', '100000000');
    await until(() => cluster.replica(1, 't')?.isr.length === 3);
    expect(content(cluster.replica(3, 't'))).toBe(content(cluster.replica(1, 't')));
  });

  test('refuse acks=all with fewer in sync than min.insync.replicas, and take acks=1', async () => {
    const cluster = await TestCluster.start(2);
    await cluster.createTopic('t', [1, 2], { 'min.insync.replicas': '2' });
    const connection = await cluster.connect(1);
    expect((await send(connection, 't', batchOf('a'))).error).toBe('NONE');
    await cluster.broker(2).stop();
    await until(() => cluster.replica(1, 't')?.isr.length === 1);
    expect((await send(connection, 't', batchOf('b'))).error).toBe('NOT_ENOUGH_REPLICAS');
    expect((await send(connection, 't', batchOf('c'), { acks: 1 })).error).toBe('NONE');
    // Nothing becomes visible that the missing replicas would have to confirm.
    expect((await read(connection, 't')).values).toEqual(['a']);
  });

  test('of a topic made again take part by themselves after their broker was away', async () => {
    const cluster = await TestCluster.start(3);
    await cluster.createTopic('t', [1, 2, 3]);
    await send(await cluster.connect(1), 't', batchOf('old'));
    await cluster.broker(2).stop();
    const connection = await cluster.connect(1);
    const deleted = await connection.send(deleteTopics, {
      topics: [{ name: 't', topicId: ZERO_UUID }],
      timeoutMs: 60_000,
    });
    expect(deleted.responses[0]?.errorCode).toBe(0);
    await until(() => cluster.replica(1, 't') === undefined && cluster.replica(3, 't') === undefined);
    await cluster.sendCreateTopic('t', [1, 2, 3]);
    await until(() => cluster.replica(1, 't')?.isLeader === true);
    await send(connection, 't', batchOf('new'));

    await cluster.startBroker(2);
    await until(() => cluster.replica(1, 't')?.isr.length === 3);
    expect(content(cluster.replica(2, 't'))).toBe(content(cluster.replica(1, 't')));
    const strays = readdirSync(join(cluster.folder, 'broker-2')).filter((name) => name.endsWith('-stray'));
    expect(strays).toEqual([expect.stringMatching(/^t-0\./)]);
  });

  test('cut back a log that diverged from the new leader’s', async () => {
    const cluster = await TestCluster.start(2);
    await cluster.createTopic('t', [1, 2]);
    await send(await cluster.connect(1), 't', batchOf('a'));
    await cluster.broker(1).stop();
    await until(() => cluster.replica(2, 't')?.isLeader === true);
    await send(await cluster.connect(2), 't', batchOf('new'), { acks: 1 });

    // What broker 1 appended alone in its old epoch, as if it had done so before it was cut off.
    const { LogDirectory } = await import('../storage/log-directory.ts');
    const { defaultLogConfig } = await import('../storage/log-config.ts');
    const directory = await LogDirectory.open(world, {
      path: join(cluster.folder, 'broker-1'),
      clusterId: CLUSTER,
      brokerId: 1,
      configOf: () => defaultLogConfig,
      onStorageError: () => expect.fail('storage error'),
    });
    directory.get('t', 0)?.log.append(batchOf('old', 'older'), { origin: 'client', leaderEpoch: 0 });
    await directory.close(-1);

    await cluster.startBroker(1);
    await until(() => cluster.replica(2, 't')?.isr.length === 2);
    expect(content(cluster.replica(1, 't'))).toBe(content(cluster.replica(2, 't')));
    expect((await read(await cluster.connect(2), 't')).values).toEqual(['a', 'new']);
  });
});

describe('a broker like that of a release of Kafka', () => {
  const versionsOf = async (cluster: TestCluster, broker: number, listener?: string) => {
    const connection = await cluster.connect(broker, listener);
    const asked = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
    const { apiKeys, supportedFeatures, finalizedFeatures } = await connection.send(apiVersions, asked);
    const last = (key: number) => apiKeys.find(({ apiKey }) => apiKey === key)?.maxVersion ?? null;
    const features = (of: readonly { name: string }[]) => of.map(({ name }) => name).sort();
    return {
      produce: last(0),
      fetch: last(1),
      describeTopicPartitions: last(75),
      metadata: supportedFeatures.find(({ name }) => name === 'metadata.version')?.maxVersion,
      supported: features(supportedFeatures),
      finalized: features(finalizedFeatures),
    };
  };

  test('offers clients its APIs and features; brokers among themselves speak the newest', async () => {
    const cluster = await TestCluster.start(1, {}, { release: '3.7' });
    expect(await versionsOf(cluster, 1)).toEqual({
      produce: 10,
      fetch: 16,
      describeTopicPartitions: null,
      metadata: 19,
      supported: ['metadata.version'],
      finalized: ['metadata.version'],
    });
    expect(await versionsOf(cluster, 1, 'REPLICATION')).toMatchObject({ produce: 13, fetch: 18 });
    expect(cluster.broker(1).image.features.level('metadata.version')).toBe(19);
  });

  test('cannot join a cluster that uses features of a later one', async () => {
    const cluster = await TestCluster.start(1, {}, { release: '4.0' });
    await expect(cluster.startBroker(2, {}, { release: '3.9' })).rejects.toThrow(
      'refused to register broker 2: UNSUPPORTED_VERSION',
    );
    await cluster.startBroker(3, {}, { release: '4.1' });
    expect(await versionsOf(cluster, 3)).toMatchObject({ produce: 13, metadata: 27 });
  });
});
