import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '../../src/aws/s3/s3-client.ts';
import { silent } from '../../src/base/log.ts';
import { Sfc32 } from '../../src/base/random.ts';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';
import { createBuiltIn, intoObjects, logOf, numbersOf, stateOf } from './built-in.ts';
import { Versitygw } from './versitygw.ts';

const BUCKET = 'archive';
const TOPIC = 'events';
const PARTITIONS = 6;
const BROKERS = 3;
const MOST_OBJECT_BYTES = 64 * 1024 ** 2;
/** The most milliseconds from the beginning of an object to its end. */
const SCHEDULE_MS = 2_000;
const LONGEST_MS = 180_000;

export interface ObjectsOptions {
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds between two kills of a worker; every third time a broker is killed too. */
  readonly killEveryMs: number;
  readonly seed: number;
}

export interface ObjectsResult {
  readonly written: number;
  readonly objects: number;
  readonly kills: number;
  readonly missing: number;
  readonly twice: number;
}

/**
 * Records go through a topic into objects while the sink's workers and the brokers are killed; then every
 * object is read.
 */
export async function runObjects(
  { seconds, perSecond, killEveryMs, seed }: ObjectsOptions,
  say: (line: string) => void,
): Promise<ObjectsResult> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-objects-'));
  const world = nodeWorld(silent, undefined, false);
  const random = new Sfc32(seed);
  await using server = await Versitygw.start(folder, [BUCKET]);
  const s3 = new S3Client(world, {
    ...{ endpoint: server.endpoint, region: server.region },
    credentials: () => server.credentials,
  });
  await using millrace = await Millrace.up(['--brokers', String(BROKERS)]);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  const client = new KafkaClient(world, {
    bootstrap: bootstrap.split(',').map((address) => {
      const { hostname, port } = new URL(`kafka://${address}`);
      return { host: hostname, port: Number(port) };
    }),
    clientId: 'objects',
  });
  await client.admin.topics.create({
    ...{ name: TOPIC, partitions: PARTITIONS, replicationFactor: BROKERS },
    configs: new Map([['min.insync.replicas', '2']]),
  });
  const sink = await createSink(millrace.ready.api, bootstrap, server);
  const producer = client.producer();
  const pids = () => workersBelow(join(millrace.data, 'connect')).map(({ pid }) => pid);
  await eventually('the worker runs', () => pids().length > 0);
  const until = Date.now() + seconds * 1000;
  let written = 0;
  let kills = 0;
  let killAt = Date.now() + killEveryMs;
  while (Date.now() < until) {
    const batch = Array.from({ length: Math.ceil(perSecond / 10) }, () =>
      producer.send({
        topic: TOPIC,
        partition: Math.floor((random.uint32() / 2 ** 32) * PARTITIONS),
        value: Buffer.from(JSON.stringify({ n: written++, text: 'x'.repeat(100) })),
      }),
    );
    await Promise.all([...batch, new Promise((done) => setTimeout(done, 100))]);
    if (Date.now() < killAt) continue;
    killAt = Date.now() + killEveryMs;
    kills++;
    const broker = kills % 3 === 0 ? brokerProcess(millrace.data, 1 + ((kills / 3) % BROKERS)) : null;
    for (const pid of broker === null ? pids() : [broker]) process.kill(pid, 'SIGKILL');
    say(`${written} records, kill ${kills}: ${broker === null ? 'the worker' : 'a broker'}`);
  }
  await producer.close();
  let counts = new Map<number, number>();
  let objects = 0;
  const read = new Map<string, readonly number[]>();
  try {
    await eventually(
      'every record is in an object',
      async () => {
        await new Promise((done) => setTimeout(done, SCHEDULE_MS));
        counts = new Map();
        objects = 0;
        for await (const { key } of s3.list(BUCKET, 'topics/')) {
          if (key.startsWith('topics/_millrace/')) continue;
          objects++;
          // Objects are never written a second time, so each is read once.
          const numbers =
            read.get(key) ?? numbersOf(await s3.get({ bucket: BUCKET, key }, MOST_OBJECT_BYTES));
          read.set(key, numbers);
          for (const n of numbers) counts.set(n, (counts.get(n) ?? 0) + 1);
        }
        say(`${counts.size} of ${written} records are in ${objects} objects`);
        if (counts.size >= written) return true;
        const { state, why } = await stateOf(millrace.ready.api, sink);
        // Nothing more comes of it.
        if (state === 'FAILED') throw new Error(`the connector is FAILED: ${why}`);
        return false;
      },
      LONGEST_MS,
    );
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    const { state, why } = await stateOf(millrace.ready.api, sink);
    say(`the connector is ${state}: ${why}`);
    say(await logOf(millrace.ready.api, sink));
  }
  client.close();
  s3.close();
  rmSync(folder, { recursive: true, force: true });
  const twice = [...counts.values()].filter((count) => count > 1).length;
  return { written, objects, kills, missing: written - counts.size, twice };
}

function createSink(api: string, bootstrap: string, server: Versitygw): Promise<string> {
  return createBuiltIn(api, bootstrap, 'archive', {
    ...{ topics: TOPIC, 'tasks.max': '2' },
    ...intoObjects(server, BUCKET, SCHEDULE_MS),
    'flush.size': '500',
  });
}
