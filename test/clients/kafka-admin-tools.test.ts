import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { AdminClient } from '../rebalance/admin-client.ts';
import { kafkaTool, type TOOLS } from '../support/kafka-tools.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';

/** Apache Kafka's administration tools against the brokers, as an operator runs them. */
const TOPIC = 'moved';
const KILOBYTES = 3000;
/** A throttle so low that a move does not end before the test ends it. */
const CRAWL = '1000';

const OPTIONS = [
  // A broker is stopped for as long as the tools take, and comes back by itself only when a test says so.
  ...['--hung-after', '3600'],
  // The controller would give leaderships back every five minutes, before a tool does.
  ...['--config', 'auto.leader.rebalance.enable=false'],
];

let folder: string;
let millrace: Millrace;
let bootstrap: string;
let client: AdminClient;

beforeAll(async () => {
  if (!kafkaJars('tools')) return;
  folder = mkdtempSync(join(tmpdir(), 'kafka-admin-tools-'));
  millrace = await Millrace.up(OPTIONS);
  bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  const endpoints = bootstrap.split(',').map((address, index) => {
    const [host = '', port] = address.split(':');
    return { node: index + 1, host, port: Number(port) };
  });
  client = new AdminClient(nodeWorld(silent), endpoints);
  await client.createTopic(TOPIC, [
    [1, 2],
    [2, 3],
  ]);
  await client.produce(TOPIC, 0, 1, KILOBYTES);
  await client.produce(TOPIC, 1, 2, KILOBYTES);
});

afterAll(async () => {
  client?.close();
  await millrace?.[Symbol.asyncDispose]();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function tool(name: keyof typeof TOOLS, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await kafkaTool(name, ['--bootstrap-server', bootstrap, ...args]);
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

let files = 0;
function json(content: unknown): string {
  const file = join(folder, `${files++}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** The file that lists the brokers of each partition, in order. */
function plan(...replicas: number[][]): string {
  return json({
    version: 1,
    partitions: replicas.map((ids, partition) => ({ topic: TOPIC, partition, replicas: ids })),
  });
}

async function verified(file: string): Promise<string> {
  let last = '';
  await eventually('the reassignment is complete', async () => {
    last = await tool('kafka-reassign-partitions', '--reassignment-json-file', file, '--verify');
    return !last.includes('still in progress');
  });
  return last;
}

const described = async () =>
  [...(await tool('kafka-topics', '--describe', '--topic', TOPIC)).matchAll(/Partition: .*/g)].map(([line]) =>
    line.replaceAll(/\s+/g, ' '),
  );

describe.skipIf(!kafkaJars('tools'))('Apache Kafka’s tools', () => {
  test('kafka-reassign-partitions proposes a plan from what it finds', async () => {
    const topics = json({ version: 1, topics: [{ topic: TOPIC }] });
    const args = ['--topics-to-move-json-file', topics, '--broker-list', '1,2,3', '--generate'];
    const output = await tool('kafka-reassign-partitions', ...args);
    const [, current = '', , , proposed = ''] = output.split('\n');
    expect(JSON.parse(current)).toMatchObject({
      partitions: [
        { topic: TOPIC, partition: 0, replicas: [1, 2] },
        { topic: TOPIC, partition: 1, replicas: [2, 3] },
      ],
    });
    expect(JSON.parse(proposed).partitions).toHaveLength(2);
  });

  test('kafka-reassign-partitions moves replicas under a throttle, and takes the throttle away again', async () => {
    const file = plan([3, 1], [1, 2, 3]);
    const throttle = ['--throttle', '50000000'];
    const started = await tool(
      'kafka-reassign-partitions',
      '--reassignment-json-file',
      file,
      '--execute',
      ...throttle,
    );
    expect(started).toContain('Successfully started partition reassignments for moved-0,moved-1');
    const output = await verified(file);
    expect(output).toContain('Reassignment of partition moved-0 is completed.');
    expect(output).toContain('Clearing topic-level throttles on topic moved');
    expect(await client.throttles(TOPIC)).toEqual([]);
    expect(await described()).toMatchObject([
      expect.stringMatching(/Partition: 0 Leader: [13] Replicas: 3,1 Isr: (1,3|3,1) /),
      expect.stringMatching(/Partition: 1 Leader: 2 Replicas: 1,2,3 /),
    ]);
  });

  test('kafka-reassign-partitions lists and cancels what a throttle holds up', async () => {
    const file = plan([3, 1, 2], [1, 2, 3]);
    await tool(
      'kafka-reassign-partitions',
      '--reassignment-json-file',
      file,
      '--execute',
      '--throttle',
      CRAWL,
    );
    expect(await tool('kafka-reassign-partitions', '--list')).toContain(
      'moved-0: replicas: 3,1,2. adding: 2.',
    );
    const cancelled = await tool('kafka-reassign-partitions', '--reassignment-json-file', file, '--cancel');
    expect(cancelled).toContain('Successfully cancelled partition reassignment for: moved-0');
    expect((await described())[0]).toMatch(/Replicas: 3,1 Isr: (1,3|3,1) /);
    expect(await client.throttles(TOPIC)).toEqual([]);
  });

  test('kafka-leader-election gives leadership to the first replicas, once', async () => {
    const args = ['--election-type', 'preferred', '--all-topic-partitions'];
    const elected = await tool('kafka-leader-election', ...args);
    expect(elected).toMatch(/Successfully completed leader election \(PREFERRED\) for partitions .*moved-1/);
    expect(await described()).toEqual([
      expect.stringContaining('Partition: 0 Leader: 3 '),
      expect.stringContaining('Partition: 1 Leader: 1 '),
    ]);
    const again = await tool(
      'kafka-leader-election',
      '--election-type',
      'preferred',
      '--topic',
      TOPIC,
      '--partition',
      '1',
    );
    expect(again).toContain('Valid replica already elected for partitions moved-1');
    const unclean = ['--election-type', 'unclean', '--topic', TOPIC, '--partition', '0'];
    expect(await tool('kafka-leader-election', ...unclean)).toContain('Valid replica already elected');
  });

  test('kafka-leader-election brings back the leaderships of a broker that was killed and is there again', async () => {
    const killed = brokerProcess(millrace.data, 1);
    if (killed === null) throw new Error('broker 1 has no process');
    process.kill(killed, 'SIGKILL');
    await eventually('broker 1 has another process', () => {
      const pid = brokerProcess(millrace.data, 1);
      return pid !== null && pid !== killed;
    });
    await eventually('it is in sync again, and does not lead', async () =>
      /Leader: [23] Replicas: 1,2,3 Isr: \S*1/.test((await described())[1] ?? ''),
    );
    await tool('kafka-leader-election', '--election-type', 'preferred', '--topic', TOPIC, '--partition', '1');
    expect((await described())[1]).toContain('Leader: 1 ');
  });

  test('kafka-topics tells who may lead besides those in sync', async () => {
    const name = 'eligible';
    const at = ['--bootstrap-server', bootstrap.split(',')[1] ?? ''];
    const lines = async (...args: string[]): Promise<string> =>
      (await kafkaTool('kafka-topics', [...at, ...args, '--topic', name])).stdout.replace(/\s+/g, ' ');
    await lines('--create', '--replica-assignment', '1:2:3', '--config', 'min.insync.replicas=3');
    const stopped = brokerProcess(millrace.data, 3);
    if (stopped === null) throw new Error('broker 3 has no process');
    process.kill(stopped, 'SIGSTOP');
    try {
      // A stopped process still accepts connections: a tool that asks it for anything waits for half a
      // minute.
      await eventually('broker 3 is not listed', async () => !(await client.aliveBrokers(2)).includes(3));
      await eventually('broker 3 is eligible', async () =>
        /Isr: 1,2 Elr: 3 LastKnownElr:/.test(await lines('--describe')),
      );
    } finally {
      if (brokerProcess(millrace.data, 3) === stopped) process.kill(stopped, 'SIGCONT');
    }
    await eventually('it is in sync again', async () =>
      /Isr: \d,\d,\d Elr: LastKnownElr: /.test(await lines('--describe')),
    );
  });

  test('kafka-metadata-quorum describes the quorum and who follows it', async () => {
    const status = await tool('kafka-metadata-quorum', 'describe', '--status');
    expect(status).toMatch(/LeaderId:\s+\d+/);
    expect(status).toMatch(/CurrentVoters:\s+\[\{"id": \d+, "directoryId": "[\w-]{22}", "endpoints": \["/);
    expect(status).toMatch(/CurrentObservers:\s+\[\{"id": 1, .*"id": 2, .*"id": 3, /);
    const replication = await tool('kafka-metadata-quorum', 'describe', '--replication');
    const rows = replication.split('\n').map((row) => row.trim().split(/\s+/));
    expect(rows.filter((row) => row.at(-1) === 'Leader')).toHaveLength(1);
    expect(rows.filter((row) => row.at(-1) === 'Observer').map(([id]) => id)).toEqual(['1', '2', '3']);
  });

  test('kafka-features tells what is finalised, and refuses a level that nobody has', async () => {
    const output = await tool('kafka-features', 'describe');
    expect(output).toMatch(/Feature: kraft.version\s.*FinalizedVersionLevel: 1\s/);
    expect(output).toMatch(/Feature: eligible.leader.replicas.version\s.*FinalizedVersionLevel: 1\s/);
    expect(output).toMatch(/Feature: metadata.version\s.*FinalizedVersionLevel: 4\.1-IV1\s/);
    await expect(tool('kafka-features', 'upgrade', '--feature', 'group.version=99')).rejects.toThrow(
      /Could not upgrade group.version to 99/,
    );
  });
});
