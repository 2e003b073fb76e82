import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { freePort, freePorts, freePortsOfTwo } from '../support/free-port.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

async function ask<T>(bootstrap: string, question: (kafka: Kafka) => Promise<T>): Promise<T> {
  return question(new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }));
}

/** The topics that a client made. */
function topics(bootstrap: string): Promise<string[]> {
  return ask(bootstrap, async (kafka) => {
    const admin = kafka.admin();
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    // Clients get the addresses at which they reach the cluster.
    for (const { host, port } of brokers) expect(bootstrap).toContain(`${host}:${port}`);
    const names = await admin.listTopics();
    await admin.disconnect();
    return names.filter((name) => !name.startsWith('__'));
  });
}

/** The values of all records of a topic. */
function values(bootstrap: string, topic: string): Promise<string[]> {
  return ask(bootstrap, async (kafka) => {
    const admin = kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    const expected = offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    const consumer = kafka.consumer({ groupId: `reader-${expected}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const found: string[] = [];
    await new Promise<void>((done, failed) => {
      // After errors that may pass it starts again by itself.
      consumer.on('consumer.crash', ({ payload }) => {
        if (!payload.restart) failed(payload.error);
      });
      consumer
        .run({
          eachMessage: async ({ message }) => {
            found.push(String(message.value));
            if (found.length === expected) done();
          },
        })
        .catch(failed);
    });
    await consumer.disconnect();
    return found.sort();
  });
}

async function produce(bootstrap: string, topic: string, records: readonly string[]): Promise<void> {
  await ask(bootstrap, async (kafka) => {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: records.map((value) => ({ value })) });
    await producer.disconnect();
  });
}

function committed(bootstrap: string, groupId: string, topic: string) {
  return ask(bootstrap, async (kafka) => {
    const admin = kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    return offsets;
  });
}

test('a copied data folder is restored beside the original, on the ports that are asked for, with all records and committed offsets', async () => {
  await using original = await Millrace.up([]);
  const bootstrap = original.ready.clusters[0]?.bootstrap ?? '';
  await ask(bootstrap, async (kafka) => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: 'of-the-original', numPartitions: 3, replicationFactor: 3 }],
      waitForLeaders: true,
    });
    await admin.setOffsets({
      groupId: 'of-the-original',
      topic: 'of-the-original',
      partitions: [{ partition: 1, offset: '7' }],
    });
    await admin.disconnect();
  });
  const backedUp = Array.from({ length: 50 }, (_, index) => `before the backup ${index}`).sort();
  await produce(bootstrap, 'of-the-original', backedUp);
  const offsets = await committed(bootstrap, 'of-the-original', 'of-the-original');
  await original.stop();
  const data = mkdtempSync(join(tmpdir(), 'millrace-copy-'));
  cpSync(original.data, data, { recursive: true });
  await using again = await Millrace.up([], original);
  const port = String(await freePorts());
  await using copy = await Millrace.up(['--kafka-port', port, '--brokers', '1'], {
    data,
    port: await freePort(),
  });
  const moved = copy.ready.clusters[0]?.bootstrap ?? '';
  expect(moved).toContain(`:${port}`);
  expect(await topics(moved)).toEqual(['of-the-original']);
  expect(again.ready.clusters[0]?.bootstrap).toBe(bootstrap);
  expect(await topics(bootstrap)).toEqual(['of-the-original']);
  // Its coordinator may still be reading its log.
  await expect.poll(() => committed(moved, 'of-the-original', 'of-the-original')).toEqual(offsets);
  // A record that is written to one of them is not in the other.
  await produce(bootstrap, 'of-the-original', ['in the original']);
  await produce(moved, 'of-the-original', ['in the copy']);
  expect(await values(moved, 'of-the-original')).toEqual([...backedUp, 'in the copy']);
  expect(await values(bootstrap, 'of-the-original')).toEqual([...backedUp, 'in the original']);
});

test('options that cannot come true because the cluster is there are named, and do not keep it from starting', async () => {
  const first = await Millrace.up(['--brokers', '1']);
  const taken = Number(first.ready.clusters[0]?.bootstrap.split(':')[1]);
  await first.stop();
  const args = ['up', '--json', '--data', first.data, '--port', '0', '--brokers', '3'];
  // An older release took such a config, and whoever started the cluster with it says so at each start.
  args.push('--config', 'group.consumer.session.timeout.ms=4000');
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const wasReady = printed.includes('"ready"');
    printed += chunk.toString();
    // A second signal would not wait for what stops.
    if (!wasReady && printed.includes('"ready"')) child.kill('SIGTERM');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  expect(await new Promise((done) => child.once('close', done))).toBe(0);
  expect(complaint).toMatch(
    /^millrace: The cluster demo is there already, with 1 broker, so --brokers is not used: .*\nmillrace: The cluster demo is there already, so --config is not used for group.consumer.session.timeout.ms: .*\n$/,
  );
  expect(printed).toContain(`"controllerPort":${taken + 7}`);
  rmSync(first.data, { recursive: true });
});

/** The API's answer to a request with this host. */
function get(api: string, path: string, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(`${api}${path}`, { headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .once('error', reject)
      .end();
  });
}

test('clients of two advertised hosts use one cluster, each by its own, also after a broker died', async () => {
  const first = await freePortsOfTwo();
  const args = ['--host', '0.0.0.0', '--insecure', '--advertise', '127.0.0.1', '--advertise', '127.0.0.2'];
  await using up = await Millrace.up([...args, '--kafka-port', String(first)]);
  const [cluster] = up.ready.clusters;
  const near = cluster?.bootstrap ?? '';
  const path = `/v1/clusters/${encodeURIComponent(cluster?.arn ?? '')}/bootstrap-brokers`;
  const bootstrapFor = async (host: string): Promise<string> => {
    const { body } = await get(up.ready.api, path, host);
    return String(/"bootstrapBrokerString":"([^"]+)"/.exec(body)?.[1]);
  };
  const api = new URL(up.ready.api).port;
  const far = await bootstrapFor(`127.0.0.2:${api}`);
  const ports = (by: number) => [0, 10, 20].map((ten) => first + ten + by);
  expect(near).toBe(
    ports(0)
      .map((port) => `127.0.0.1:${port}`)
      .join(),
  );
  expect(far).toBe(
    ports(10_000)
      .map((port) => `127.0.0.2:${port}`)
      .join(),
  );
  expect(await bootstrapFor(`localhost:${api}`)).toBe(near);
  expect(await get(up.ready.api, path, 'rebound.example')).toMatchObject({
    status: 403,
    body: expect.stringContaining('--api-name rebound.example'),
  });

  // Group coordinators have the host that the client used, as brokers do.
  const roundTrip = (bootstrap: string, topic: string) =>
    ask(bootstrap, async (kafka) => {
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic, messages: [{ value: 'one' }] });
      await producer.disconnect();
      const consumer = kafka.consumer({ groupId: `of-${topic}` });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const value = await new Promise((received) => {
        void consumer.run({
          eachMessage: async ({ message }) => received(message.value?.toString()),
        });
      });
      await consumer.disconnect();
      return value;
    });
  expect(await roundTrip(far, 'by-the-second')).toBe('one');
  expect(await topics(near)).toContain('by-the-second');
  expect(await topics(far)).toContain('by-the-second');

  const pid = brokerProcess(up.data, 1) ?? 0;
  process.kill(pid, 'SIGKILL');
  await eventually('broker 1 serves again', async () => {
    if ([null, pid].includes(brokerProcess(up.data, 1))) return false;
    return ask(far, async (kafka) => {
      const admin = kafka.admin();
      try {
        await admin.connect();
        return (await admin.describeCluster()).brokers.length === 3;
      } catch {
        // The broker that was asked is the one that died.
        return false;
      } finally {
        await admin.disconnect();
      }
    });
  });
  expect(await topics(far)).toContain('by-the-second');
  expect(await topics(near)).toContain('by-the-second');

  const moved = await millrace([
    'clusters',
    'ports',
    'demo',
    '--first',
    String(first + 30),
    '--api',
    up.ready.api,
  ]);
  expect(moved).toMatch(new RegExp(`^demo has the ports from ${first + 30} on: 127.0.0.1:${first + 30},`));
  for (const name of ['127.0.0.1', '127.0.0.2'])
    expect(await topics(await bootstrapFor(`${name}:${api}`))).toContain('by-the-second');
});

/** The output of a command. */
async function millrace(args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [PROGRAM, ...args])).stdout;
}
