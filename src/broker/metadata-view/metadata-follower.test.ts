import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { KafkaConnection } from '../../client/connection.ts';
import { Peers } from '../../client/peers/peers.ts';
import { Controller, type ControllerOptions } from '../../controller/controller.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { snapshotRecords } from '../../metadata/snapshot.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import { describeQuorum } from '../../protocol/messages/55-describe-quorum.ts';
import { MetadataFollower } from './metadata-follower.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const world = nodeWorld(silent);
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo.length = 0;
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-follower-'));
  undo.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function startController(
  dataDirectory: string,
  more: Partial<ControllerOptions> = {},
): Promise<Controller> {
  const controller = await Controller.start(world, {
    nodeId: 3000,
    clusterId: CLUSTER,
    dataDirectory,
    host: '127.0.0.1',
    port: 0,
    ...more,
  });
  undo.push(() => controller.stop());
  return controller;
}

function startFollower(dataDirectory: string, port: number): MetadataFollower {
  const follower = new MetadataFollower(new Peers(world, null), {
    nodeId: 1,
    clusterId: CLUSTER,
    directoryId: 'HllWfeZdR5yqNzBKnKG-Wg',
    dataDirectory,
    controller: { id: 10_000, host: '127.0.0.1', port },
  });
  follower.start();
  undo.push(() => follower.stop());
  return follower;
}

async function connect(port: number): Promise<KafkaConnection> {
  const connection = await KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port,
    clientId: 'test',
    timeoutMs: 60_000,
  });
  undo.push(() => connection.close());
  return connection;
}

/** A record in the metadata log that needs no broker; its value counts. */
async function setConfig(connection: KafkaConnection, value: number): Promise<void> {
  const answer = await connection.send(incrementalAlterConfigs, {
    resources: [
      {
        resourceType: 4,
        resourceName: '',
        configs: [{ name: 'log.retention.ms', configOperation: 0, value: String(value) }],
      },
    ],
    validateOnly: false,
  });
  expect(answer.responses[0]?.errorMessage).toBeNull();
}

const retention = (image: ClusterImage): string | undefined =>
  image.configs.get('broker', '').get('log.retention.ms');

async function until(condition: () => boolean): Promise<void> {
  const deadline = world.clock.monotonic() + 60_000;
  while (!condition()) {
    if (world.clock.monotonic() > deadline) expect.fail('not in time');
    await new Promise<void>((done) => world.clock.after(2, done));
  }
}

const content = (image: ClusterImage | undefined) => [...snapshotRecords(image ?? expect.fail())];

test('a follower has the image of its controller, and each change within a poll that waits for it', async () => {
  const controller = await startController(newFolder());
  const follower = startFollower(newFolder(), controller.port);
  await until(() => follower.image.features.level('metadata.version') > 0);
  const connection = await connect(controller.port);
  const delays: number[] = [];
  for (let i = 1; i <= 20; i++) {
    await setConfig(connection, i);
    const from = world.clock.monotonic();
    await until(() => retention(follower.image) === String(i));
    delays.push(world.clock.monotonic() - from);
  }
  // Of twenty one may wait for this machine; with polls that do not wait most would.
  expect(delays.toSorted((a, b) => a - b)[10]).toBeLessThan(250);
  expect(content(follower.image)).toEqual(content(controller.image));
  const quorum = await connection.send(describeQuorum, {
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  });
  const partition = quorum.topics[0]?.partitions[0];
  // As Apache Kafka's DescribeQuorumRequestTest has it, not null.
  expect([quorum.errorMessage, partition?.errorMessage]).toEqual(['', '']);
  expect(partition?.currentVoters.map(({ replicaId }) => replicaId)).toEqual([3000]);
  expect(partition?.observers.map(({ replicaId }) => replicaId)).toEqual([1]);
});

test('a follower goes on when its controller was started again', async () => {
  const folder = newFolder();
  const first = await startController(folder);
  const { port } = first;
  const follower = startFollower(newFolder(), port);
  await setConfig(await connect(port), 1);
  await until(() => retention(follower.image) === '1');
  await first.stop();
  const second = await startController(folder, { port });
  await setConfig(await connect(port), 2);
  await until(() => retention(follower.image) === '2');
  await until(() => follower.image.provenance.offset === second.image?.provenance.offset);
  expect(content(follower.image)).toEqual(content(second.image));
});

test('a follower that was away goes on with its own copy, or from a snapshot when the log begins later', async () => {
  const controller = await startController(newFolder(), { snapshotEveryRecords: 20 });
  const connection = await connect(controller.port);
  const folder = newFolder();
  const first = startFollower(folder, controller.port);
  await setConfig(connection, 1);
  await until(() => retention(first.image) === '1');
  await first.stop();
  for (let i = 2; i <= 100; i++) await setConfig(connection, i);

  const again = startFollower(folder, controller.port);
  await until(() => retention(again.image) === '100');
  expect(content(again.image)).toEqual(content(controller.image));
  const files = world.disk.list(`${folder}/__cluster_metadata-0`);
  expect(files.some((name) => name.endsWith('.checkpoint'))).toBe(true);
  await again.stop();

  const third = startFollower(folder, controller.port);
  await setConfig(connection, 101);
  await until(() => retention(third.image) === '101');
  expect(content(third.image)).toEqual(content(controller.image));
});
