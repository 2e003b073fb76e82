import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { answered } from '../support/answered.ts';
import { freePort } from '../support/free-port.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { succeed } from './program.ts';

/** For a small machine and short runs: only the quick compiler. */
const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m', '-cp', `${kafkaJars('tools')}/*`];
/** kafka-streams was added to the jars later than the others, so it tells whether they are complete. */
const missing = !existsSync(join(kafkaJars('tools') ?? '', 'complete/pom.xml'));
/** By default members of streams groups learn of their tasks only every five seconds. */
const FAST_STREAMS_GROUPS = ['min.heartbeat', 'heartbeat'].flatMap((interval) => [
  '--config',
  `group.streams.${interval}.interval.ms=500`,
]);
const LINES = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join('');

let millrace: Millrace;
let bootstrap: string;
let folder: string;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'millrace-connect-'));
  millrace = await Millrace.up(['--brokers', '3', ...FAST_STREAMS_GROUPS]);
  bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
});

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await millrace?.[Symbol.asyncDispose]();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(missing)('Java', () => {
  test.concurrent('AdminClient administers topics, replicas, configs, transactions, records and groups, with Kafka’s errors', () =>
    succeed('java', [...JVM, join(import.meta.dirname, 'java/Administration.java'), bootstrap]));

  test.concurrent('consumers of the consumer protocol (KIP-848) share a topic, and AdminClient administers their group', () =>
    succeed('java', [...JVM, join(import.meta.dirname, 'java/ConsumerGroups.java'), bootstrap]));

  test.concurrent('members of a share group (KIP-932) read a topic together and acknowledge each record, and AdminClient administers the group', () =>
    succeed('java', [...JVM, join(import.meta.dirname, 'java/ShareGroups.java'), bootstrap]));

  test.concurrent('static members come back without a rebalance, and of two with one id one is told to end', () =>
    succeed('java', [...JVM, join(import.meta.dirname, 'java/StaticMembers.java'), bootstrap]));

  test.concurrent('Kafka Streams counts every word exactly once (exactly_once_v2), also when one of two instances goes away', () =>
    succeed('java', [...JVM, join(import.meta.dirname, 'java/WordCount.java'), bootstrap, 'classic']));

  test.concurrent('a distributed Kafka Connect worker copies a file through a topic, the source exactly once', async () => {
    const [source, sink] = [join(folder, 'source.txt'), join(folder, 'sink.txt')];
    writeFileSync(source, LINES);
    const url = await startWorker();
    await configure(url, 'source', { 'connector.class': 'FileStreamSource', file: source, topic: 'copied' });
    await eventually('the source runs', async () => (await taskState(url, 'source')) === 'RUNNING');
    // Without this, a sink that subscribes before the topic exists learns of it with the next metadata
    // refresh only.
    const overrides = { 'consumer.override.metadata.max.age.ms': '500' };
    await configure(url, 'sink', {
      'connector.class': 'FileStreamSink',
      file: sink,
      topics: 'copied',
      ...overrides,
    });
    await eventually(
      'all lines',
      () => existsSync(sink) && readFileSync(sink, 'utf8').length >= LINES.length,
    );
    expect(readFileSync(sink, 'utf8')).toBe(LINES);
  });

  // Not concurrent: six Java programs at once are too many.
  test('Kafka Streams with group.protocol=streams (KIP-1071) counts every word exactly once, too', () =>
    succeed('java', [...JVM, join(import.meta.dirname, 'java/WordCount.java'), bootstrap, 'streams']));
});

async function startWorker(): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const properties = join(folder, 'worker.properties');
  const config = {
    'bootstrap.servers': bootstrap,
    'group.id': 'connect',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.topic': 'connect-offsets',
    'config.storage.topic': 'connect-configs',
    'status.storage.topic': 'connect-status',
    'exactly.once.source.support': 'enabled',
    'plugin.discovery': 'hybrid_warn',
    listeners: url,
  };
  writeFileSync(
    properties,
    Object.entries(config)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const main = 'org.apache.kafka.connect.cli.ConnectDistributed';
  workers.push(spawn('java', [...JVM, main, properties], { stdio: 'ignore' }));
  const answers = () => fetch(`${url}/connectors`).then(({ ok }) => ok, notYet);
  await eventually('the worker answers', answers);
  return url;
}

/** Nothing listens before the worker has read its topics. */
function notYet(): boolean {
  return false;
}

async function configure(url: string, connector: string, config: Record<string, string>): Promise<void> {
  const answer = await fetch(`${url}/connectors/${connector}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ 'tasks.max': '1', ...config }),
  });
  await answered(201, answer);
}

async function taskState(url: string, connector: string): Promise<string> {
  const answer = await fetch(`${url}/connectors/${connector}/tasks/0/status`);
  const status: unknown = await answer.json();
  return typeof status === 'object' && status !== null && 'state' in status ? String(status.state) : '';
}
