import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { KafkaConnection } from '../../client/connection.ts';
import { Peers } from '../../client/peers/peers.ts';
import { Controller } from '../../controller/controller.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { errorName } from '../../protocol/errors.ts';
import { brokerRegistration } from '../../protocol/messages/62-broker-registration.ts';
import { brokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';
import { fenceBroker } from './fence-broker.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const world = nodeWorld(silent);
let folder: string;
let controller: Controller;
let address: { host: string; port: number };
let going: AbortController;
const options = () => ({
  nodeId: 3000,
  clusterId: CLUSTER,
  dataDirectory: folder,
  host: '127.0.0.1',
  port: 0,
});
const connections: KafkaConnection[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-fence-'));
  going = new AbortController();
  controller = await Controller.start(world, options());
  address = { host: '127.0.0.1', port: controller.port };
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await controller.stop();
  rmSync(folder, { recursive: true });
});

/** A broker as the controller sees one, with a connection that stays open. */
async function join1(incarnation: string): Promise<number> {
  const connection = await KafkaConnection.connect(world, { ...address, clientId: 'b', timeoutMs: 60_000 });
  connections.push(connection);
  const registered = await connection.send(brokerRegistration, {
    brokerId: 1,
    clusterId: CLUSTER,
    incarnationId: Buffer.from(incarnation.padStart(16, '.')).toString('base64url'),
    listeners: [{ name: 'CLIENT', host: '127.0.0.1', port: 9092, securityProtocol: 0 }],
    features: [
      { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 },
      { name: 'transaction.version', minSupportedVersion: 0, maxSupportedVersion: 2 },
      { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'streams.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'share.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
    ],
    rack: 'a',
    logDirs: [Buffer.from('directory-1'.padEnd(16, '.')).toString('base64url')],
  });
  expect(errorName(registered.errorCode)).toBe('NONE');
  const beat = await connection.send(brokerHeartbeat, {
    brokerId: 1,
    brokerEpoch: registered.brokerEpoch,
    currentMetadataOffset: registered.brokerEpoch,
    wantFence: false,
    wantShutDown: false,
  });
  expect(beat.isFenced).toBe(false);
  return registered.brokerEpoch;
}

const isFenced = () => controller.image?.brokers.byId(1)?.fenced;

test('a broker that is reported dead is fenced by the answer, without waiting for its connection, and may come back at once', async () => {
  const epoch = await join1('first life');
  await fenceBroker(new Peers(world, null), { id: 9, ...address }, { brokerId: 1, epoch }, going.signal);
  expect(isFenced()).toBe(true);
  for (const connection of connections.splice(0)) connection.close();
  await join1('second life');
  expect(isFenced()).toBe(false);
});

test('the report of an earlier life leaves the one that began since alone', async () => {
  const epoch = await join1('first life');
  await fenceBroker(new Peers(world, null), { id: 9, ...address }, { brokerId: 1, epoch }, going.signal);
  for (const connection of connections.splice(0)) connection.close();
  const next = await join1('second life');
  expect(next).toBeGreaterThan(epoch);
  await fenceBroker(new Peers(world, null), { id: 9, ...address }, { brokerId: 1, epoch }, going.signal);
  expect(isFenced()).toBe(false);
});

test('a controller that is away is told as soon as it is back', async () => {
  const epoch = await join1('first life');
  const { port } = address;
  await controller.stop();
  const reported = fenceBroker(
    new Peers(world, null),
    { id: 9, ...address },
    { brokerId: 1, epoch },
    going.signal,
  );
  controller = await Controller.start(world, { ...options(), port });
  await reported;
  expect(isFenced()).toBe(true);
});

test('nobody is told any more when the cluster is stopped', async () => {
  await controller.stop();
  const reported = fenceBroker(
    new Peers(world, null),
    { id: 9, ...address },
    { brokerId: 1, epoch: 7 },
    going.signal,
  );
  going.abort();
  await reported;
});
