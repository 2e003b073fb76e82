import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { silent } from '../base/log.ts';
import { KafkaConnection } from '../client/connection.ts';
import { topicsConfigs } from '../metadata/configs/broker/topics-configs.ts';
import { setting } from '../metadata/configs/testing/setting.ts';
import { snapshotRecords } from '../metadata/snapshot.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { errorName } from '../protocol/errors.ts';
import { decodeResponseHeader, encodeRequestHeader } from '../protocol/headers.ts';
import { createTopics } from '../protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../protocol/messages/20-delete-topics.ts';
import { incrementalAlterConfigs } from '../protocol/messages/44-incremental-alter-configs.ts';
import { envelope } from '../protocol/messages/58-envelope.ts';
import { brokerRegistration } from '../protocol/messages/62-broker-registration.ts';
import { brokerHeartbeat } from '../protocol/messages/63-broker-heartbeat.ts';
import { allocateProducerIds } from '../protocol/messages/67-allocate-producer-ids.ts';
import { encodePrincipal } from '../protocol/principal-data.ts';
import { Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import { rightsText } from '../security/iam/forwarded-rights.ts';
import { directoryOf, userIdentity } from '../security/iam/testing/directory-of.ts';
import { Controller, type ControllerOptions } from './controller.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
/** tcpmux: nobody listens there. */
const CLOSED_PORT = 1;
const world = nodeWorld(silent);
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo.length = 0;
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-controller-'));
  undo.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Brokers here fetch nothing, so that each answer waits for them, and must not be fenced meanwhile. */
const LONG_SESSION = { 'broker.session.timeout.ms': '600000' };

async function start(dataDirectory: string, more: Partial<ControllerOptions> = {}): Promise<Controller> {
  const controller = await Controller.start(world, {
    nodeId: 3000,
    clusterId: CLUSTER,
    dataDirectory,
    host: '127.0.0.1',
    port: 0,
    config: LONG_SESSION,
    ...more,
  });
  undo.push(() => controller.stop());
  return controller;
}

async function connect(controller: Controller, clientId = 'test'): Promise<KafkaConnection> {
  const connection = await KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port: controller.port,
    clientId,
    timeoutMs: 60_000,
  });
  undo.push(() => connection.close());
  return connection;
}

/** A broker as far as the controller sees one: registered and unfenced over its own connection. */
async function joinBroker(
  controller: Controller,
  id: number,
  incarnation = `${id}`,
  port = CLOSED_PORT,
): Promise<{ epoch: number; connection: KafkaConnection }> {
  const connection = await connect(controller);
  const registered = await connection.send(brokerRegistration, {
    brokerId: id,
    clusterId: CLUSTER,
    incarnationId: Buffer.from(incarnation.padStart(16, '.')).toString('base64url'),
    listeners: [{ name: 'CLIENT', host: '127.0.0.1', port, securityProtocol: 0 }],
    features: [
      { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 },
      { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
      { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'streams.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
    ],
    rack: `zone-${id}`,
    logDirs: [Buffer.from(`directory-${id}`.padEnd(16, '.')).toString('base64url')],
  });
  expect(errorName(registered.errorCode)).toBe('NONE');
  const epoch = registered.brokerEpoch;
  const beat = await connection.send(brokerHeartbeat, {
    brokerId: id,
    brokerEpoch: epoch,
    currentMetadataOffset: epoch,
    wantFence: false,
    wantShutDown: false,
  });
  expect(beat.isFenced).toBe(false);
  return { epoch, connection };
}

const content = (controller: Controller) => [...snapshotRecords(controller.image ?? expect.fail())];

async function until(condition: () => boolean): Promise<void> {
  const deadline = world.clock.monotonic() + 60_000;
  while (!condition()) {
    if (world.clock.monotonic() > deadline) expect.fail('not in time');
    await new Promise<void>((done) => world.clock.after(2, done));
  }
}

test('topics, configs and producer ids that were answered are there after a restart', async () => {
  const folder = newFolder();
  const first = await start(folder);
  const { connection, epoch } = await joinBroker(first, 1);
  await joinBroker(first, 2);
  await joinBroker(first, 3);
  const created = await connection.send(createTopics, {
    topics: [
      {
        name: 'orders',
        numPartitions: 6,
        replicationFactor: 3,
        assignments: [],
        configs: [{ name: 'retention.ms', value: '1000' }],
      },
      { name: 'bad name', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
      { name: 'wide', numPartitions: 1, replicationFactor: 4, assignments: [], configs: [] },
    ],
    validateOnly: false,
  });
  expect(created.topics.map((topic) => [topic.name, errorName(topic.errorCode)])).toEqual([
    ['orders', 'NONE'],
    ['bad name', 'INVALID_TOPIC_EXCEPTION'],
    ['wide', 'INVALID_REPLICATION_FACTOR'],
  ]);
  expect(created.topics[2]?.errorMessage).toBe(
    'Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned.',
  );
  const altered = await connection.send(incrementalAlterConfigs, {
    resources: [
      {
        resourceType: 2,
        resourceName: 'orders',
        configs: [{ name: 'cleanup.policy', configOperation: 2, value: 'compact' }],
      },
    ],
    validateOnly: false,
  });
  expect(errorName(altered.responses[0]?.errorCode ?? -1)).toBe('NONE');
  const block = await connection.send(allocateProducerIds, { brokerId: 1, brokerEpoch: epoch });
  expect([block.producerIdStart, block.producerIdLen]).toEqual([0, 1000]);
  const before = content(first).filter(({ type }) => type !== 'RegisterControllerRecord');
  await first.stop();

  const second = await start(folder);
  expect(content(second).filter(({ type }) => type !== 'RegisterControllerRecord')).toEqual(before);
  const orders = second.image?.topics.byName('orders');
  expect(orders?.partitions.map(({ isr }) => isr.length)).toEqual([3, 3, 3, 3, 3, 3]);
  expect(second.image?.configs.get('topic', 'orders')).toEqual(
    new Map([
      ['retention.ms', '1000'],
      ['cleanup.policy', 'delete,compact'],
    ]),
  );
});

const ANN = { type: 'User', name: 'ann', tokenAuthenticated: false };

/** What a broker forwards for a client that wants a topic deleted; resolves with the error in the answer. */
async function forwardDeletion(
  connection: KafkaConnection,
  topic: string,
  principal: Parameters<typeof encodePrincipal>[0] = ANN,
): Promise<string> {
  const version = 5;
  const writer = new Writer();
  encodeRequestHeader(writer, deleteTopics, version, 7, 'admin');
  deleteTopics.request(version).encode(writer, { topics: [], topicNames: [topic], timeoutMs: 60_000 });
  const { errorCode, responseData } = await connection.send(envelope, {
    requestData: writer.done(),
    requestPrincipal: encodePrincipal(principal),
    clientHostAddress: Buffer.from([127, 0, 0, 1]),
  });
  expect(errorName(errorCode)).toBe('NONE');
  const reader = new Reader(responseData ?? expect.fail('no answer inside'));
  decodeResponseHeader(reader, deleteTopics, version);
  return errorName(deleteTopics.response(version).decode(reader).responses[0]?.errorCode ?? -1);
}

test('for a client that signed in by IAM the policies decide that its broker tells', async () => {
  const controller = await start(newFolder());
  const { connection } = await joinBroker(controller, 1);
  await connection.send(createTopics, {
    topics: [{ name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    validateOnly: false,
  });
  const forwarder = await connect(controller, 'broker-1');
  const identity = userIdentity('ann');
  const ann = { type: 'IAM', name: identity.principalArn, tokenAuthenticated: false };
  const told = (...actions: string[]) => {
    const Action = actions.map((action) => `kafka-cluster:${action}`);
    const directory = directoryOf({ users: { ann: [{ Effect: 'Allow', Action, Resource: '*' }] } });
    return { ...ann, iamRights: rightsText(identity, directory) };
  };
  const refused = 'TOPIC_AUTHORIZATION_FAILED';
  expect(await forwardDeletion(forwarder, 'orders', ann)).toBe(refused);
  expect(await forwardDeletion(forwarder, 'orders', { ...ann, iamRights: '{}' })).toBe(refused);
  expect(await forwardDeletion(forwarder, 'orders', { ...ann, iamRights: rightsText(identity, null) })).toBe(
    refused,
  );
  expect(await forwardDeletion(forwarder, 'orders', told('Connect', 'DescribeTopic'))).toBe(refused);
  expect(await forwardDeletion(forwarder, 'orders', told('DeleteTopic', 'DescribeTopic'))).toBe(refused);
  expect(controller.image?.topics.byName('orders')).toBeDefined();
  const all = told('Connect', 'DescribeTopic', 'DeleteTopic');
  expect(await forwardDeletion(forwarder, 'orders', all)).toBe('NONE');
});

test('no topic is deleted where delete.topic.enable is false', async () => {
  const controller = await start(newFolder(), { config: setting(topicsConfigs.deleteTopicEnable, 'false') });
  const { connection } = await joinBroker(controller, 1);
  await connection.send(createTopics, {
    topics: [{ name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    validateOnly: false,
  });
  expect(await forwardDeletion(await connect(controller, 'broker-1'), 'orders')).toBe(
    'TOPIC_DELETION_DISABLED',
  );
  expect(controller.image?.topics.byName('orders')).toBeDefined();
});

test('what a broker sent again over a newer connection is not carried out when the older one brings it late', async () => {
  const controller = await start(newFolder());
  const { connection } = await joinBroker(controller, 1);
  const create = () =>
    connection.send(createTopics, {
      topics: [{ name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      validateOnly: false,
    });
  await create();
  const older = await connect(controller, 'broker-1');
  const newer = await connect(controller, 'broker-1');
  const other = await connect(controller, 'broker-2');
  expect(await forwardDeletion(newer, 'orders')).toBe('NONE');
  expect(await forwardDeletion(other, 'orders')).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  await create();
  await expect(forwardDeletion(older, 'orders')).rejects.toMatchObject({ code: 'CLOSED' });
  expect(controller.image?.topics.byName('orders')).toBeDefined();
  expect(await forwardDeletion(newer, 'orders')).toBe('NONE');
  // The broker's next connection is the newest.
  expect(await forwardDeletion(await connect(controller, 'broker-1'), 'orders')).toBe(
    'UNKNOWN_TOPIC_OR_PARTITION',
  );
});

/** A process that stands still: its kernel accepts connections, and nobody reads. */
async function listenDeaf(): Promise<{ port: number; close(): Promise<void> }> {
  const listener = await world.network.listen({ host: '127.0.0.1', port: 0 }, () => {});
  undo.push(() => listener.close());
  return listener;
}

test('a broker whose connection closes and that still listens is not fenced before its session ends', async () => {
  const controller = await start(newFolder(), { config: { 'broker.session.timeout.ms': '1000' } });
  const { port } = await listenDeaf();
  const before = world.clock.monotonic();
  const { connection } = await joinBroker(controller, 1, 'first life', port);
  connection.close();
  await until(() => controller.image?.brokers.byId(1)?.fenced === true);
  // The session began with the heartbeat in between.
  expect(world.clock.monotonic() - before).toBeGreaterThan(900);
});

test('it is fenced as soon as its listener closes, and another life is admitted before that', async () => {
  const controller = await start(newFolder(), { config: { 'broker.session.timeout.ms': '60000' } });
  const first = await listenDeaf();
  const dying = await joinBroker(controller, 1, 'first life', first.port);
  const second = await listenDeaf();
  const living = await joinBroker(controller, 2, 'first life', second.port);
  dying.connection.close();
  living.connection.close();
  const { epoch } = await joinBroker(controller, 2, 'second life', second.port);
  expect(epoch).toBeGreaterThan(living.epoch);
  await first.close();
  const closedAt = world.clock.monotonic();
  await until(() => controller.image?.brokers.byId(1)?.fenced === true);
  // Its session lasts a minute.
  expect(world.clock.monotonic() - closedAt).toBeLessThan(30_000);
  expect(controller.image?.brokers.byId(2)).toMatchObject({ fenced: false, epoch });
});

test('of a life that is over the death is told in vain', async () => {
  const controller = await start(newFolder());
  const { port } = await listenDeaf();
  const first = await joinBroker(controller, 1, 'first life', port);
  await controller.brokerDied({ id: 1, epoch: first.epoch });
  expect(controller.image?.brokers.byId(1)?.fenced).toBe(true);
  first.connection.close();
  await until(() => controller.image?.brokers.byId(1)?.fenced === true);
  const second = await joinBroker(controller, 1, 'second life', port);
  await controller.brokerDied({ id: 1, epoch: first.epoch });
  expect(controller.image?.brokers.byId(1)).toMatchObject({ fenced: false, epoch: second.epoch });
});

test('a controller that stood still for longer than a session fences nobody who spoke meanwhile', async () => {
  const controller = await start(newFolder(), { config: { 'broker.session.timeout.ms': '400' } });
  const { port } = await listenDeaf();
  const { epoch, connection } = await joinBroker(controller, 1, 'first life', port);
  const beat = () =>
    connection.send(brokerHeartbeat, {
      brokerId: 1,
      brokerEpoch: epoch,
      currentMetadataOffset: epoch,
      wantFence: false,
      wantShutDown: false,
    });
  await beat();
  const until = world.clock.monotonic() + 600;
  // Sent now, read when the controller goes on.
  const answer = beat();
  while (world.clock.monotonic() < until) {
    // Nothing else runs in this process.
  }
  expect((await answer).isFenced).toBe(false);
  expect(controller.image?.brokers.byId(1)?.fenced).toBe(false);
});

test('a broker whose connection ends and that listens no more is fenced at once, and its successor leads again', async () => {
  const controller = await start(newFolder());
  const { connection } = await joinBroker(controller, 1);
  await connection.send(createTopics, {
    topics: [{ name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
  });
  const partition = () => controller.image?.topics.byName('orders')?.partitions[0];
  expect(partition()?.leader).toBe(1);
  connection.close();
  await until(() => controller.image?.brokers.byId(1)?.fenced === true);
  expect(partition()).toMatchObject({ leader: -1, isr: [], eligibleLeaderReplicas: [1], leaderEpoch: 1 });
  await joinBroker(controller, 1, 'next life');
  expect(partition()).toMatchObject({ leader: 1, isr: [1], leaderEpoch: 2 });
});

const ONE_REPLICA = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };

test('a start replays the newest snapshot and what follows it, not the whole history', async () => {
  const folder = newFolder();
  // Each answer waits for the broker here, which fetches nothing, and it must not be fenced meanwhile.
  const first = await start(folder, {
    snapshotEveryRecords: 20,
    config: { 'broker.session.timeout.ms': '600000' },
  });
  const { connection } = await joinBroker(first, 1);
  for (let request = 0; request < 4; request++) {
    const topics = Array.from({ length: 15 }, (_, i) => ({ name: `topic-${request}-${i}`, ...ONE_REPLICA }));
    const answer = await connection.send(createTopics, { topics });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual(topics.map(() => 0));
  }
  const before = content(first).filter(({ type }) => type !== 'RegisterControllerRecord');
  await first.stop();
  const metadata = join(folder, '__cluster_metadata-0');
  const checkpoints = world.disk.list(metadata).filter((name) => name.endsWith('.checkpoint'));
  expect(checkpoints.length).toBe(2);
  const logs = world.disk.list(metadata).filter((name) => name.endsWith('.log'));
  expect(Number(logs[0]?.slice(0, 20))).toBeGreaterThan(0);
  const second = await start(folder);
  expect(content(second).filter(({ type }) => type !== 'RegisterControllerRecord')).toEqual(before);
});
