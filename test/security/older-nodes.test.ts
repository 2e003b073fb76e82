import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Admin, Kafka, KafkaJSAggregateError, KafkaJSError, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { Peers } from '../../src/client/peers/peers.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import {
  brokerProcess,
  eventually,
  killProcessesNaming,
  Millrace,
  processesOf,
} from '../support/millrace.ts';

/**
 * The control plane of this release takes over running nodes of a release whose internal listeners accepted
 * everybody.
 */

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
const world = nodeWorld(silent);

interface NodeFile {
  readonly kind: string;
  readonly options: {
    readonly peerAccess?: string;
    readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  };
}

const nodeFiles = (data: string): string[] => globSync(join(data, 'clusters', '*', '*', 'process.json'));
const accesses = (data: string): (string | undefined)[] =>
  nodeFiles(data).map((file) => {
    const { options }: NodeFile = JSON.parse(readFileSync(file, 'utf8'));
    return options.peerAccess;
  });
const phase = (data: string): string | undefined =>
  globSync(join(data, 'clusters', '*', 'peer-access'))
    .map((file) => readFileSync(file, 'utf8').trim())
    .at(0);

/**
 * Turns the nodes of a data folder into those of an older release: they have no secret, and require none.
 * Nothing of the folder may run.
 */
function makeOlder(data: string): void {
  for (const name of ['peer-secret', 'peer-access'])
    for (const file of globSync(join(data, 'clusters', '*', name))) rmSync(file);
  for (const file of nodeFiles(data)) {
    const { options, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    const { peerSecretFile: _, peerAccess: __, ...older } = options;
    writeFileSync(file, JSON.stringify({ ...rest, options: older }));
  }
}

/** Kills the control plane and every process of its data folder at once. */
async function killAll({ child, data }: Millrace): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
  await killProcessesNaming(data);
}

/** Runs `millrace up` with the data folder until `until` holds; then kills it. */
async function upUntil(what: string, { data, port }: Millrace, until: () => boolean): Promise<void> {
  const child: ChildProcess = spawn(
    process.execPath,
    [PROGRAM, 'up', '--json', '--data', data, '--port', `${port}`],
    { stdio: 'ignore' },
  );
  const ended = new Promise((done) => child.once('exit', done));
  try {
    await eventually(what, until, 120_000);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/**
 * Makes a topic with a replica on each broker. False while a broker does not answer, is fenced or has not heard
 * of the topic, which kafkajs does not retry.
 */
async function isMade(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.createTopics({
      topics: [{ topic, numPartitions: 2, replicationFactor: 2 }],
      waitForLeaders: true,
    });
    return true;
  } catch (error) {
    if (error instanceof KafkaJSError || error instanceof KafkaJSAggregateError) return false;
    throw error;
  }
}

test('nodes of an older release come to let in nodes alone while clients write, also when the control plane is killed between', async () => {
  await using millrace = await Millrace.up(['--brokers', '2']);
  const { data } = millrace;
  const commands = processesOf(data)
    .filter(({ command }) => command.includes('--config'))
    .map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1));
  expect(commands).toHaveLength(3);
  await killAll(millrace);
  makeOlder(data);
  for (const [program = '', ...args] of commands)
    spawn(program, args, { stdio: 'ignore', detached: true }).unref();

  const brokers = millrace.ready.clusters[0]?.bootstrap.split(',') ?? [];
  const client = new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, maxRetryTime: 1000 },
  });
  const admin = client.admin();
  const producer = client.producer();
  await admin.connect();
  // These nodes were started without waiting until they serve.
  await eventually('the topic is made', () => isMade(admin, 'orders'));
  await producer.connect();
  let written = 0;
  let stop = false;
  const writing = (async () => {
    while (!stop) {
      await producer.send({ topic: 'orders', acks: -1, messages: [{ value: `order ${written}` }] });
      written++;
    }
  })();
  const older = brokerProcess(data, 1);

  await upUntil('the first node requires the secret', millrace, () => accesses(data).includes('nodes'));
  // At least one node requires the secret, and none is without it.
  expect(accesses(data)).not.toContain(undefined);
  const later = await Millrace.up([], millrace);
  try {
    await eventually('every node lets in nodes alone', () => accesses(data).join() === 'nodes,nodes,nodes');
    await eventually('the cluster is said to be so', () => phase(data) === 'nodes');
    expect(brokerProcess(data, 1)).not.toBe(older);
    const before = written;
    await eventually('writing goes on', () => written > before + 10);
    stop = true;
    await writing;
    const offsets = await admin.fetchTopicOffsets('orders');
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBeGreaterThanOrEqual(written);
    // A client without the secret is refused now.
    const [file = ''] = nodeFiles(data).filter((one) => dirname(one).endsWith('broker-1'));
    const { options }: NodeFile = JSON.parse(readFileSync(file, 'utf8'));
    const inside = options.listeners.find(({ name }) => name === 'REPLICATION');
    expect(existsSync(join(dirname(file), '../peer-secret'))).toBe(true);
    const stranger = await new Peers(world, null).connect({
      node: 1,
      host: inside?.host ?? '',
      port: inside?.port ?? 0,
      clientId: 'stranger',
      timeoutMs: 60_000,
    });
    await expect(stranger.send(metadata, { topics: [] })).rejects.toMatchObject({ code: 'CLOSED' });
  } finally {
    stop = true;
    await Promise.all([producer.disconnect(), admin.disconnect()]);
    await later.stop();
  }
});
