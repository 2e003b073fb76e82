import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '../../src/aws/s3/s3-client.ts';
import { silent } from '../../src/base/log.ts';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { OpenSearch } from '../connect-example/opensearch.ts';
import { createBuiltIn, intoObjects, numbersOf } from '../objects/built-in.ts';
import { Versitygw } from '../objects/versitygw.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { memoryOf, residentMb } from './memory.ts';

const BUCKET = 'archive';
const TOPIC = 'events';
const PARTITIONS = 6;
const BROKERS = 3;
/** The number of documents: each is written again and again. */
const KEYS = 10_000;
const SCHEDULE_MS = 10_000;
const SAMPLE_MS = 5_000;
const SAY_MS = 60_000;
const SLICE_MS = 100;
/** The memory is judged only if at least this share of the requested rate was reached. */
const LEAST_OF_RATE = 0.9;
const MOST_OBJECT_BYTES = 64 * 1024 ** 2;
const ARRIVES_MS = 300_000;

export interface SoakOptions {
  readonly minutes: number;
  readonly perSecond: number;
}

interface Watched {
  readonly name: string;
  readonly folder: string;
  /** The ids of all its processes. */
  readonly pids: Set<number>;
  /** Samples of their memory, in MB. */
  readonly samples: number[];
}

/**
 * Records flow into S3 and OpenSearch all the time; resolves with what is wrong: memory that grows, or
 * records that are missing or there twice.
 */
export async function runSoak(
  { minutes, perSecond }: SoakOptions,
  say: (line: string) => void,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
  const world = nodeWorld(silent, undefined, false);
  await using server = await Versitygw.start(folder, [BUCKET]);
  await using opensearch = await OpenSearch.start();
  await using millrace = await Millrace.up(['--brokers', String(BROKERS)]);
  const { api, clusters } = millrace.ready;
  const bootstrap = clusters[0]?.bootstrap ?? '';
  const client = new KafkaClient(world, {
    bootstrap: bootstrap.split(',').map((address) => {
      const { hostname, port } = new URL(`kafka://${address}`);
      return { host: hostname, port: Number(port) };
    }),
    clientId: 'soak',
  });
  await client.admin.topics.create({
    ...{ name: TOPIC, partitions: PARTITIONS, replicationFactor: BROKERS },
    configs: new Map([['min.insync.replicas', '2']]),
  });
  const text = 'org.apache.kafka.connect.storage.StringConverter';
  const arns = {
    s3: await createBuiltIn(api, bootstrap, 'archive', {
      ...{ topics: TOPIC, 'key.converter': text, 'flush.size': '100000' },
      ...intoObjects(server, BUCKET, SCHEDULE_MS),
    }),
    opensearch: await createBuiltIn(api, bootstrap, 'search', {
      'connector.class': 'io.aiven.kafka.connect.opensearch.OpensearchSinkConnector',
      ...{ topics: TOPIC, 'key.converter': text, 'connection.url': opensearch.endpoint },
    }),
  };
  const workers: Watched[] = Object.entries(arns).map(([name, arn]) => ({
    name,
    // The last part of an ARN has a number after the uuid.
    folder: join(millrace.data, 'connect/connectors', (arn.split('/').at(-1) ?? '').replace(/-\d+$/, '')),
    pids: new Set(),
    samples: [],
  }));
  await eventually('both workers run', () => workers.every(({ folder }) => workersBelow(folder).length > 0));

  const producer = client.producer();
  const from = performance.now();
  let written = 0;
  let nextSample = from;
  let nextWord = from + SAY_MS;
  while (performance.now() < from + minutes * 60_000) {
    const turn = performance.now();
    const slice = Array.from({ length: Math.ceil((perSecond * SLICE_MS) / 1000) }, () => {
      const n = written++;
      const key = n % KEYS;
      return producer.send({
        ...{ topic: TOPIC, partition: key % PARTITIONS, key: Buffer.from(String(key)) },
        value: Buffer.from(JSON.stringify({ n, text: 'x'.repeat(100) })),
      });
    });
    await Promise.all(slice);
    if (performance.now() >= nextSample) {
      nextSample += SAMPLE_MS;
      for (const { folder, pids, samples } of workers)
        for (const { pid } of workersBelow(folder)) {
          pids.add(pid);
          samples.push(residentMb(pid));
        }
    }
    if (performance.now() >= nextWord) {
      nextWord += SAY_MS;
      const memory = workers.map(({ name, samples }) => `${name} ${samples.at(-1)?.toFixed(0)} MB`);
      say(`${Math.round((performance.now() - from) / 60_000)} min, ${written} records: ${memory.join(', ')}`);
    }
    const left = turn + SLICE_MS - performance.now();
    if (left > 0) await new Promise((done) => setTimeout(done, left));
  }
  const seconds = (performance.now() - from) / 1000;
  await producer.close();
  client.close();

  const violations: string[] = [];
  for (const { name, pids, samples } of workers) {
    const { middleMb, lastMb, isFlat } = memoryOf(samples);
    say(`${name}: ${middleMb.toFixed(0)} MB in the second third, ${lastMb.toFixed(0)} MB in the last`);
    if (!isFlat) violations.push(`the memory of the ${name} worker grows`);
    if (pids.size > 1) violations.push(`the ${name} worker ended ${pids.size - 1} times`);
  }
  const rate = written / seconds;
  say(`${written} records in ${seconds.toFixed(0)} s, ${Math.round(rate)} a second`);
  // A heap at rest is collected, which says nothing about a heap at work.
  if (rate < LEAST_OF_RATE * perSecond)
    violations.push(`the machine is too busy: ${perSecond} records a second were asked for`);
  const documents = await newestDocuments(opensearch.endpoint, written);
  if (documents !== Math.min(written, KEYS))
    violations.push(`${documents} documents are at their last version`);
  const counts = await objectCounts(
    new S3Client(world, { ...server, credentials: () => server.credentials }),
    written,
  );
  const twice = [...counts.values()].filter((count) => count > 1).length;
  if (counts.size !== written) violations.push(`${written - counts.size} records are in no object`);
  if (twice > 0) violations.push(`${twice} records are in two objects`);
  say(
    `${documents} documents at their last version, ${counts.size} records in objects, ${twice} of them twice`,
  );
  rmSync(folder, { recursive: true, force: true });
  return violations;
}

/** The number of documents that have the last version of their key, once all have or time is up. */
async function newestDocuments(endpoint: string, written: number): Promise<number> {
  const least = Math.max(0, written - KEYS);
  const deadline = performance.now() + ARRIVES_MS;
  for (;;) {
    await fetch(`${endpoint}/${TOPIC}/_refresh`, { method: 'POST' });
    const response = await fetch(`${endpoint}/${TOPIC}/_count?q=n:>=${least}`);
    const { count }: { count: number } = JSON.parse(await response.text());
    if (count >= Math.min(written, KEYS) || performance.now() > deadline) return count;
    await new Promise((done) => setTimeout(done, 1_000));
  }
}

/** By record: the number of objects that have it, once each is in one or time is up. */
async function objectCounts(s3: S3Client, written: number): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  // Objects are never written a second time, so each is read once.
  const read = new Set<string>();
  const deadline = performance.now() + ARRIVES_MS;
  for (;;) {
    for await (const { key } of s3.list(BUCKET, 'topics/')) {
      if (key.startsWith('topics/_millrace/') || read.has(key)) continue;
      read.add(key);
      for (const n of numbersOf(await s3.get({ bucket: BUCKET, key }, MOST_OBJECT_BYTES)))
        counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    if (counts.size >= written || performance.now() > deadline) break;
    await new Promise((done) => setTimeout(done, SCHEDULE_MS));
  }
  s3.close();
  return counts;
}
