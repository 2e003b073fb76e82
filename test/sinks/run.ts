import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usageOf } from '../../bench/process-usage.ts';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { S3Client } from '../../src/aws/s3/s3-client.ts';
import { silent } from '../../src/base/log.ts';
import { OpenSearchTestServer } from '../../src/connectors/opensearch-sink/testing/opensearch-server.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { Postgres } from '../debezium/postgres.ts';
import { FaultCluster } from '../faults/cluster.ts';
import { Versitygw } from '../objects/versitygw.ts';
import { ICEBERG_CONTROL_TOPIC } from '../plugins/iceberg.ts';
import { freePort } from '../support/free-port.ts';
import { RACED_SINKS, type Racing, type Track } from './raced-sinks.ts';

const BUCKET = 'race';
const TOPIC = 'rows';
const SAMPLE_MS = 100;
const LONGEST_MS = 900_000;
/** The share of the rows before the measurement begins: a worker that has just started is not measured. */
const WARM = 0.2;
/** All numbers have the same width. */
const FIRST_NUMBER = 1_000_000_000;
const BATCH_ROWS = 5_000;

export interface SinksRun {
  readonly rows: number;
  readonly rowBytes: number;
  readonly partitions: number;
  readonly tasks: number;
  readonly buffer: number | null;
  /** Words in the names of the sinks that run. */
  readonly only: readonly string[];
}

export interface SinkResult {
  readonly name: string;
  readonly rowsPerSecond: number;
  /** Processor time of the worker's process for a million rows. */
  readonly cpuSeconds: number;
  /** The most memory that the worker had resident, and its memory when all rows had arrived. */
  readonly peakMb: number;
  readonly endMb: number;
  /** The most that was of no file: what is of files, Node's and Java's programs, is shared by all of a kind. */
  readonly ownMb: number;
}

/**
 * One sink after the other moves the same rows out of the same topic. Rejects if one does not move them all.
 */
export async function runSinks(run: SinksRun, say: (line: string) => void): Promise<SinkResult[]> {
  const world = nodeWorld(silent, undefined, false);
  const home = kafkaJars('connect');
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sinks-'));
  // The workers may run as other users.
  chmodSync(folder, 0o777);
  await using server = await Versitygw.start(join(folder, 's3'), [BUCKET]);
  await using postgres = await Postgres.start(await freePort());
  const args = ['--connect-files', folder, ...(home === null ? [] : ['--kafka-home', home])];
  await using cluster = await FaultCluster.up(1, { args });
  const client = new KafkaClient(world, {
    bootstrap: cluster.bootstrap.split(',').map((address) => {
      const { hostname, port } = new URL(`kafka://${address}`);
      return { host: hostname, port: Number(port) };
    }),
    clientId: 'sinks',
  });
  // The last object of each partition is full.
  const objectRows = Math.max(1, Math.floor(run.rows / run.partitions / 5));
  const rows = objectRows * 5 * run.partitions;
  await fill(client, { ...run, rows });
  await client.admin.topics.create({
    ...{ name: ICEBERG_CONTROL_TOPIC, partitions: 1, replicationFactor: 1, configs: new Map() },
  });
  client.close();
  const s3 = new S3Client(world, { ...server, credentials: () => server.credentials });
  const search = new OpenSearchTestServer();
  const searchUrl = await search.listen(await freePort());
  const track: Track = {
    ...{ cluster, topic: TOPIC, tasks: run.tasks, rowBytes: run.rowBytes, files: folder },
    ...{
      server,
      bucket: BUCKET,
      s3,
      lake: { world, postgres, s3: server, bucket: BUCKET },
      objectRows,
      search,
      searchUrl,
      buffer: run.buffer,
    },
  };
  const results: SinkResult[] = [];
  for (const [name, start] of Object.entries(RACED_SINKS)) {
    if (!run.only.every((word) => name.includes(word))) continue;
    const result = await measured(name, await start(track), rows);
    say(
      `${name}: ${result.rowsPerSecond} rows/s, ${result.cpuSeconds} CPU s for a million rows, ${result.peakMb} MB at most, ${result.ownMb} MB of its own, ${result.endMb} MB at the end`,
    );
    results.push(result);
  }
  s3.close();
  await search.close();
  rmSync(folder, { recursive: true, force: true });
  return results;
}

async function fill(client: KafkaClient, { rows, rowBytes, partitions }: SinksRun): Promise<void> {
  await client.admin.topics.create({ name: TOPIC, partitions, replicationFactor: 1, configs: new Map() });
  const producer = client.producer({ batchBytes: 64 * 1024, lingerMs: 20 });
  const bare = JSON.stringify({ n: FIRST_NUMBER, text: '' }).length + 1;
  const text = 'x'.repeat(Math.max(0, rowBytes - bare));
  for (let from = 0; from < rows; from += BATCH_ROWS)
    await Promise.all(
      Array.from({ length: Math.min(BATCH_ROWS, rows - from) }, (_, at) =>
        producer.send({
          ...{ topic: TOPIC, partition: (from + at) % partitions },
          value: Buffer.from(JSON.stringify({ n: FIRST_NUMBER + from + at, text })),
        }),
      ),
    );
  await producer.close();
}

async function measured(name: string, racing: Racing, rows: number): Promise<SinkResult> {
  const deadline = performance.now() + LONGEST_MS;
  let begun: { readonly at: number; readonly rows: number; readonly cpuMs: number } | null = null;
  let ownMb = 0;
  const first = { at: performance.now(), rows: 0, cpuMs: 0 };
  for (;;) {
    const [pid] = racing.pids();
    const arrived = await racing.arrived();
    const at = performance.now();
    if (pid !== undefined) {
      ownMb = Math.max(ownMb, megabytesOf(pid, 'RssAnon'));
      if (begun === null && arrived >= WARM * rows) begun = { at, rows: arrived, cpuMs: usageOf(pid).cpuMs };
      if (arrived >= rows) {
        const { cpuMs, residentBytes } = usageOf(pid);
        // Iceberg's rows arrive with its commits, maybe all at once: then the start is measured, too.
        const since = begun !== null && begun.rows < arrived ? begun : first;
        return {
          name,
          rowsPerSecond: Math.round((arrived - since.rows) / ((at - since.at) / 1000)),
          cpuSeconds: Math.round(((cpuMs - since.cpuMs) / (arrived - since.rows)) * 10_000) / 10,
          peakMb: megabytesOf(pid, 'VmHWM'),
          ownMb,
          endMb: Math.round(residentBytes / 1024 ** 2),
        };
      }
    }
    if (at > deadline) throw new Error(`${name}: of ${rows} rows ${arrived} arrived`);
    await new Promise((done) => setTimeout(done, SAMPLE_MS));
  }
}

function megabytesOf(pid: number, field: 'VmHWM' | 'RssAnon'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
