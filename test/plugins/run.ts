import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { TestedConnector } from '../debezium/connector.ts';
import { Postgres } from '../debezium/postgres.ts';
import { FaultCluster } from '../faults/cluster.ts';
import { Versitygw } from '../objects/versitygw.ts';
import { freePort } from '../support/free-port.ts';
import { Millrace } from '../support/millrace.ts';
import { ICEBERG_CONTROL_TOPIC } from './iceberg.ts';
import { type Ends, TESTED_PLUGINS, type TestedPlugin } from './tested-plugins.ts';

/** ACLs are kept and decide, for everybody but who comes without a name: workers and the test. */
const AUTHORIZED = [
  ...['--config', 'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
  ...['--config', 'super.users=User:ANONYMOUS'],
];
const BUCKET = 'lake';
const PARTITIONS = 3;
const ARRIVES_MS = 300_000;
const ASK_AGAIN_MS = 2_000;

export interface PluginsRun {
  readonly rows: number;
  /** Names of TESTED_PLUGINS. */
  readonly only: readonly string[];
}

/**
 * Rejects with the first connector that loses a row or brings one twice. Half of the rows come after all its
 * workers were killed.
 */
export async function runPlugins({ rows, only }: PluginsRun, say: (line: string) => void): Promise<void> {
  const home = kafkaJars('connect');
  if (!home)
    throw new Error('Kafka Connect is not installed: run `node scripts/test-tools.mjs kafka-connect`');
  const world = nodeWorld(silent, undefined, false);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lake-'));
  await using postgres = await Postgres.start(await freePort());
  await using s3 = await Versitygw.start(folder, [BUCKET]);
  await using cluster = await FaultCluster.up(3, { args: ['--kafka-home', home, ...AUTHORIZED] });
  await using elsewhere = await Millrace.up(['--brokers', '1', ...AUTHORIZED]);
  const farBootstrap = elsewhere.ready.clusters[0]?.bootstrap ?? '';
  const client = (bootstrap: string) =>
    new KafkaClient(world, {
      bootstrap: bootstrap.split(',').map((address) => {
        const { hostname, port } = new URL(`kafka://${address}`);
        return { host: hostname, port: Number(port) };
      }),
      clientId: 'plugins',
    });
  const { bootstrap } = cluster;
  const [kafka, far] = [client(bootstrap), client(farBootstrap)];
  await kafka.admin.topics.create({
    ...{ name: ICEBERG_CONTROL_TOPIC, partitions: 1, replicationFactor: 3, configs: new Map() },
  });
  const ends: Ends = { world, kafka, bootstrap, far, farBootstrap, postgres, s3, bucket: BUCKET };
  for (const name of only) {
    const plugin = TESTED_PLUGINS[name];
    if (!plugin) throw new Error(`There is no ${name}: there are ${Object.keys(TESTED_PLUGINS).join(', ')}`);
    await runPlugin(name, plugin, { rows, ends, cluster, say });
  }
  kafka.close();
  far.close();
  rmSync(folder, { recursive: true, force: true });
}

interface Around {
  readonly rows: number;
  readonly ends: Ends;
  readonly cluster: FaultCluster;
  readonly say: (line: string) => void;
}

async function runPlugin(
  name: string,
  plugin: TestedPlugin,
  { rows, ends, cluster, say }: Around,
): Promise<void> {
  const source = plugin.source(ends);
  await source.admin.topics.create({
    ...{ name: plugin.topic, partitions: PARTITIONS, configs: new Map() },
    replicationFactor: source === ends.far ? 1 : 3,
  });
  await plugin.prepare?.(ends);
  const half = Math.floor(rows / 2);
  await write(source, plugin, { from: 0, to: half });
  const from = performance.now();
  const connector = await TestedConnector.create(cluster, {
    name,
    archive: plugin.archive(),
    workers: 1,
    configuration: { 'tasks.max': '2', ...plugin.configuration(ends) },
  });
  say(`${name}: RUNNING ${since(from)} ms after its archive was written`);
  await arrives(name, plugin, ends, half);
  await plugin.brings?.(ends);
  const workers = connector.workers();
  await write(source, plugin, { from: half, to: rows });
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  const killed = performance.now();
  await arrives(name, plugin, ends, rows);
  say(`${name}: ${rows} rows, each once, ${since(killed)} ms after kill -9 of its workers`);
  await connector.delete();
}

const since = (from: number) => Math.round(performance.now() - from);

async function write(
  kafka: KafkaClient,
  { topic, row }: TestedPlugin,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const producer = kafka.producer();
  const sent = Array.from({ length: to - from }, (_, index) => {
    const { key, value } = row(from + index);
    return producer.send({
      ...{ topic, partition: (from + index) % PARTITIONS },
      ...{ key: Buffer.from(key), value: Buffer.from(value) },
    });
  });
  await Promise.all(sent);
  await producer.close();
}

/** Rejects if more rows arrive, or fewer within the time. */
async function arrives(name: string, { arrived }: TestedPlugin, ends: Ends, rows: number): Promise<void> {
  const deadline = performance.now() + ARRIVES_MS;
  for (;;) {
    const there = await arrived(ends);
    if (there.rows === rows && there.distinct === rows) return;
    const isWrong = there.rows > rows || there.rows > there.distinct;
    if (isWrong || performance.now() > deadline)
      throw new Error(`${name}: of ${rows} rows ${there.rows} arrived, ${there.distinct} of them different`);
    await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
  }
}
