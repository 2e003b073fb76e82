import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { Broker } from '../../src/broker/broker.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { Controller } from '../../src/controller/controller.ts';
import { replicationConfigs } from '../../src/metadata/configs/broker/replication-configs.ts';
import { setting } from '../../src/metadata/configs/testing/setting.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { findCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { endTxn } from '../../src/protocol/messages/26-end-txn.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { buildBatch, readRecords } from '../../src/protocol/records/record.ts';
import { hasCommand, kafkaTool, kcat } from '../support/kafka-tools.ts';
import { eventually } from '../support/millrace.ts';

const world = nodeWorld(silent);
const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const HOST = '127.0.0.1';
const CONTROLLER = 100;
/** Broker 1 leads every partition; the clients are in zone 2, as is broker 2. */
const LEADER = 1;
const CLOSEST = 2;
const OTHER = 3;
const RACK = 'zone-2';
const RECORDS = 400;
const RECORD_BYTES = 1000;
const NO_TRANSACTION = { producerId: -1, producerEpoch: -1 };

/** A proxy at the address of a broker that clients are told; it counts the bytes that they get through it. */
class Counted {
  readonly server: Server;
  target = 0;
  bytesToClients = 0;

  constructor() {
    this.server = createServer((client) => {
      const broker = connect(this.target, HOST);
      broker.on('data', (bytes) => {
        this.bytesToClients += bytes.length;
      });
      client.pipe(broker).pipe(client);
      client.on('error', () => broker.destroy());
      broker.on('error', () => client.destroy());
      client.on('close', () => broker.destroy());
    });
  }

  async listen(): Promise<number> {
    this.server.listen(0, HOST);
    await once(this.server, 'listening');
    return this.port;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'closest-'));
const running: { stop(): Promise<void> }[] = [];
const ways = new Map<number, Counted>();
const connections = new Map<number, KafkaConnection>();
/**
 * A broker answers the requests of one connection in order, so each consumer that waits has a connection of
 * its own.
 */
const consumers = new Map<number, KafkaConnection>();

async function startBroker(
  brokerId: number,
  controller: Controller,
  config: Record<string, string>,
): Promise<void> {
  const way = new Counted();
  ways.set(brokerId, way);
  const broker = await Broker.start(world, {
    clusterId: CLUSTER,
    brokerId,
    rack: `zone-${brokerId}`,
    dataDirectory: join(folder, `broker-${brokerId}`),
    controller: { id: CONTROLLER, host: HOST, port: controller.port },
    listeners: [
      { name: 'CLIENT', purpose: 'client', host: HOST, port: 0, advertisedPort: await way.listen() },
      { name: 'REPLICATION', purpose: 'replication', host: HOST, port: 0 },
    ],
    config,
  });
  running.push(broker);
  way.target = broker.port('CLIENT');
  const to = { host: HOST, port: way.target, clientId: 'wire', timeoutMs: 60_000 };
  connections.set(brokerId, await KafkaConnection.connect(world, to));
  consumers.set(brokerId, await KafkaConnection.connect(world, to));
}

function at<Value>(values: ReadonlyMap<number, Value>, broker: number): Value {
  const value = values.get(broker);
  if (value === undefined) throw new Error(`no broker ${broker}`);
  return value;
}

async function createTopic(name: string): Promise<void> {
  const answer = await at(connections, LEADER).send(createTopics, {
    topics: [
      {
        name,
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [LEADER, CLOSEST, OTHER] }],
        configs: [],
      },
    ],
    timeoutMs: 60_000,
  });
  expect(answer.topics[0]?.errorCode).toBe(0);
}

type Ids = typeof NO_TRANSACTION;

async function write(
  topic: string,
  values: readonly Buffer[],
  transaction: { readonly id: string; readonly ids: Ids } | null = null,
): Promise<number> {
  const records = buildBatch({
    records: values.map((value) => ({ timestamp: Date.now(), key: null, value })),
    ...(transaction ? { ...transaction.ids, baseSequence: 0, isTransactional: true } : {}),
  });
  const request = {
    transactionalId: transaction?.id ?? null,
    acks: -1,
    timeoutMs: 60_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  };
  for (;;) {
    const answer = await at(connections, LEADER).send(produce, request, { version: 11 });
    const partition = answer.responses[0]?.partitionResponses[0];
    if (partition?.errorCode === 0) return partition.baseOffset;
    // The leader may not have read of the topic yet.
    expect(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_OR_FOLLOWER', 'NOT_ENOUGH_REPLICAS']).toContain(
      errorName(partition?.errorCode ?? -1),
    );
  }
}

interface Reading {
  readonly topic: string;
  readonly offset: number;
  readonly version?: number;
  readonly maxWaitMs?: number;
  readonly committed?: boolean;
  readonly rackId?: string;
}

/** One fetch of partition 0, by topic name. */
async function read(broker: number, reading: Reading) {
  const version = reading.version ?? 12;
  const answer = await at(consumers, broker).send(
    fetch,
    {
      maxWaitMs: reading.maxWaitMs ?? 0,
      minBytes: 1,
      isolationLevel: reading.committed ? 1 : 0,
      topics: [
        {
          topic: reading.topic,
          partitions: [{ partition: 0, fetchOffset: reading.offset, partitionMaxBytes: 1_000_000 }],
        },
      ],
      ...(version >= 11 ? { rackId: reading.rackId ?? RACK } : {}),
    },
    { version },
  );
  const partition = answer.responses[0]?.partitions[0];
  if (!partition) throw new Error('no answer for the partition');
  return { ...partition, error: errorName(partition.errorCode) };
}

function values(records: Buffer | null): string[] {
  return [...batches(records ?? Buffer.alloc(0))]
    .filter(({ header }) => !header.isControl)
    .flatMap(({ bytes }) => readRecords(bytes).map(({ value }) => String(value)));
}

function text(n: number): string {
  return `${String(n).padStart(6, '0')}${'.'.repeat(RECORD_BYTES - 6)}`;
}

const written = Array.from({ length: RECORDS }, (_, n) => text(n));

beforeAll(async () => {
  const config = {
    ...setting(
      replicationConfigs.replicaSelectorClass,
      'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    ),
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.replication.factor': '3',
    'group.initial.rebalance.delay.ms': '0',
  };
  const controller = await Controller.start(world, {
    nodeId: CONTROLLER,
    clusterId: CLUSTER,
    dataDirectory: join(folder, 'controller'),
    host: HOST,
    port: 0,
    config,
  });
  running.push(controller);
  await Promise.all([LEADER, CLOSEST, OTHER].map((id) => startBroker(id, controller, config)));
  await createTopic('large');
  await write(
    'large',
    written.map((value) => Buffer.from(value)),
  );
});

afterAll(async () => {
  for (const connection of [...connections.values(), ...consumers.values()]) connection.close();
  for (const part of running.reverse()) await part.stop();
  for (const { server } of ways.values()) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a consumer of all records of `large`; resolves with the bytes that it got from each broker. */
async function bytesFrom(consume: () => Promise<string>): Promise<Map<number, number>> {
  for (const way of ways.values()) way.bytesToClients = 0;
  const lines = (await consume()).split('\n').filter((line) => line !== '');
  expect(lines).toEqual(written);
  return new Map([...ways].map(([id, way]) => [id, way.bytesToClients]));
}

function expectReadFromClosest(bytes: ReadonlyMap<number, number>): void {
  expect(at(bytes, CLOSEST)).toBeGreaterThan(RECORDS * RECORD_BYTES);
  expect(at(bytes, LEADER)).toBeLessThan((RECORDS * RECORD_BYTES) / 4);
  expect(at(bytes, OTHER)).toBeLessThan((RECORDS * RECORD_BYTES) / 4);
}

const bootstrap = () => `${HOST}:${at(ways, LEADER).port}`;

describe('a consumer with client.rack gets its records from the follower of that rack', () => {
  test.skipIf(!hasCommand('kcat'))('librdkafka', async () => {
    const reading = (rack: string) => async () => {
      const args = ['-b', bootstrap(), '-C', '-t', 'large', '-o', 'beginning', '-e', '-q'];
      const result = await kcat([...args, '-X', `client.rack=${rack}`]);
      expect(result.stderr).toBe('');
      return result.stdout;
    };
    expectReadFromClosest(await bytesFrom(reading(RACK)));
    const elsewhere = await bytesFrom(reading('zone-9'));
    expect(at(elsewhere, LEADER)).toBeGreaterThan(RECORDS * RECORD_BYTES);
  });

  test.skipIf(!kafkaJars('tools'))('Apache Kafka’s', async () => {
    const bytes = await bytesFrom(async () => {
      const where = ['--bootstrap-server', bootstrap(), '--topic', 'large', '--partition', '0'];
      const what = ['--offset', 'earliest', '--max-messages', String(RECORDS)];
      const options = ['--command-property', `client.rack=${RACK}`];
      const result = await kafkaTool('kafka-console-consumer', [...where, ...what, ...options]);
      expect(result.status, result.stderr).toBe(0);
      return result.stdout;
    });
    expectReadFromClosest(bytes);
  });
});

test('a broker does not start with a replica selector that it cannot have', async () => {
  const start = Broker.start(world, {
    clusterId: CLUSTER,
    brokerId: 4,
    rack: null,
    dataDirectory: join(folder, 'broker-4'),
    controller: { id: CONTROLLER, host: HOST, port: 1 },
    listeners: [],
    config: { 'replica.selector.class': 'com.example.Nearest' },
  });
  await expect(start).rejects.toThrow(
    'Broker 4 cannot start: Invalid value com.example.Nearest for configuration replica.selector.class: String must be one of: org.apache.kafka.common.replica.LeaderSelector, org.apache.kafka.common.replica.RackAwareReplicaSelector',
  );
});

describe('leaders and followers answer a consumer', () => {
  test('the leader names the closest replica, and gives no records with it', async () => {
    expect(await read(LEADER, { topic: 'large', offset: 0 })).toMatchObject({
      error: 'NONE',
      preferredReadReplica: CLOSEST,
      records: Buffer.alloc(0),
    });
    const own = await read(LEADER, { topic: 'large', offset: 0, rackId: 'zone-1' });
    expect(own.preferredReadReplica).toBe(-1);
    expect(values(own.records)).toEqual(written);
  });

  test('a follower serves those who may know of it: since version 11', async () => {
    await eventually('the follower knows what is committed', async () => {
      const { highWatermark } = await read(CLOSEST, { topic: 'large', offset: 0, version: 11 });
      return highWatermark === RECORDS;
    });
    expect(values((await read(CLOSEST, { topic: 'large', offset: 0, version: 11 })).records)).toEqual(
      written,
    );
    const old = await read(CLOSEST, { topic: 'large', offset: 0, version: 10 });
    expect(old.error).toBe('NOT_LEADER_OR_FOLLOWER');
    expect((await read(CLOSEST, { topic: 'large', offset: RECORDS + 1 })).error).toBe('OFFSET_OUT_OF_RANGE');
  });

  test('a fetch that waits at a follower is answered as soon as a record is committed', async () => {
    await createTopic('live');
    let offset = await write('live', [Buffer.from('first')]);
    const delays: number[] = [];
    for (const value of ['a', 'b', 'c', 'd', 'e']) {
      offset++;
      await eventually('the follower has what was written before', async () => {
        return (await read(CLOSEST, { topic: 'live', offset: offset - 1 })).highWatermark === offset;
      });
      const waiting = read(CLOSEST, { topic: 'live', offset, maxWaitMs: 10_000 });
      await write('live', [Buffer.from(value)]);
      const acknowledged = performance.now();
      expect(values((await waiting).records)).toEqual([value]);
      delays.push(performance.now() - acknowledged);
    }
    // A replica that has nothing new lets a fetch wait for 500 ms: no fetch here waited for that.
    expect(Math.min(...delays)).toBeLessThan(250);
  });

  test('readers of committed records at a follower see which of them were aborted', async () => {
    await createTopic('bills');
    const id = 'biller';
    const { coordinator: broker, producerId, producerEpoch } = await initialize(id);
    const ids = { producerId, producerEpoch };
    const coordinator = at(connections, broker);
    await coordinator.send(
      addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: id,
        v3AndBelowProducerId: ids.producerId,
        v3AndBelowProducerEpoch: ids.producerEpoch,
        v3AndBelowTopics: [{ name: 'bills', partitions: [0] }],
      },
      { version: 3 },
    );
    const offset = await write('bills', [Buffer.from('never')], { id, ids });
    await eventually('the follower has the record', async () => {
      return (await read(CLOSEST, { topic: 'bills', offset })).highWatermark > offset;
    });
    const open = await read(CLOSEST, { topic: 'bills', offset, committed: true });
    expect(open).toMatchObject({ error: 'NONE', lastStableOffset: offset, records: Buffer.alloc(0) });
    const waiting = read(CLOSEST, { topic: 'bills', offset, committed: true, maxWaitMs: 10_000 });
    const ended = await coordinator.send(
      endTxn,
      { transactionalId: id, ...ids, committed: false },
      { version: 4 },
    );
    expect(errorName(ended.errorCode)).toBe('NONE');
    expect((await waiting).abortedTransactions).toEqual([
      { producerId: ids.producerId, firstOffset: offset },
    ]);
  });
});

/** Initializes a producer with this transactional id, at the broker that coordinates it. */
async function initialize(transactionalId: string): Promise<Ids & { readonly coordinator: number }> {
  for (;;) {
    const found = await at(connections, LEADER).send(findCoordinator, {
      keyType: 1,
      coordinatorKeys: [transactionalId],
    });
    const coordinator = found.coordinators[0]?.nodeId ?? -1;
    const answer = await connections.get(coordinator)?.send(initProducerId, {
      transactionalId,
      transactionTimeoutMs: 60_000,
    });
    if (answer?.errorCode === 0) return { ...answer, coordinator };
  }
}
