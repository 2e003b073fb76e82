import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { freePort, freePorts } from '../support/free-port.ts';
import { hasCommand, kcat } from '../support/kafka-tools.ts';
import { eventually, Millrace } from '../support/millrace.ts';

/**
 * Data folders that earlier releases wrote and closed, whole but for their logs. Each has a cluster of two
 * brokers, of which the first died once, and what users have: records of every compression, a compacted topic,
 * a topic that was made again, transactions that were committed, aborted and never ended, and a group. What
 * kafkajs and kcat wrote then (main.ts) is what kcat has to read now.
 */

const FOLDERS = join(import.meta.dirname, 'folders');
const TOPICS = ['again', 'compressed', 'keys', 'plain', 'transactions'];
const numbered = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}-${n}`);
const plain = (partition: number) => [
  ...numbered(`plain-${partition}`, 50).map((value, n) => `k${n}=${value}`),
  `=plain-${partition}-after`,
];
const COMPRESSED = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].flatMap((codec) => numbered(codec, 10));
const COMMITTED = [...numbered('committed', 3), ...numbered('committed-too', 3)];
const OFFSETS = [
  {
    topic: 'plain',
    partitions: [
      expect.objectContaining({ partition: 0, offset: '17', metadata: 'm' }),
      expect.objectContaining({ partition: 1, offset: '23' }),
    ],
  },
];

test.skipIf(!hasCommand('kcat')).each(readdirSync(FOLDERS))(
  '%s: everything in it is there, goes on, and is there after another restart',
  async (archive) => {
    const data = mkdtempSync(join(tmpdir(), 'millrace-old-folder-'));
    const { stderr } = spawnSync('tar', ['-xzf', join(FOLDERS, archive), '-C', data], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const port = await freePort();
    const first = await Millrace.up(['--no-cluster', '--kafka-port', String(await freePorts())], {
      data,
      port,
    });
    try {
      const bootstrap = bootstrapOf(first);
      await isAllThere(bootstrap);
      await goesOn(bootstrap);
    } finally {
      await first.stop();
    }
    await using again = await Millrace.up(['--no-cluster'], { data, port });
    const bootstrap = bootstrapOf(again);
    await using admin = await administrator(bootstrap);
    await eventually('the group is where the transaction put it', () => isAt(admin, '18'));
    // A commit is answered before each partition has its marker, and readers see it only then.
    await expect.poll(() => read(bootstrap, 'plain', 0)).toEqual([...plain(0), '=of this release']);
    await expect
      .poll(() => read(bootstrap, 'transactions', 0))
      .toEqual([...COMMITTED, 'of this release'].map((one) => `=${one}`));
  },
);

async function isAllThere(bootstrap: string): Promise<void> {
  await using admin = await administrator(bootstrap);
  expect((await admin.listTopics()).filter((name) => !name.startsWith('__')).sort()).toEqual(TOPICS);
  for (const partition of [0, 1]) expect(await read(bootstrap, 'plain', partition)).toEqual(plain(partition));
  expect(await read(bootstrap, 'compressed', 0)).toEqual(COMPRESSED.map((value) => `=${value}`));
  expect(await read(bootstrap, 'again', 0)).toEqual(['=of the second topic']);
  expect(await read(bootstrap, 'transactions', 0)).toEqual(COMMITTED.map((value) => `=${value}`));
  const latest = new Map(
    (await read(bootstrap, 'keys', 0)).map((line): [string, string] => [line.slice(0, 5), line.slice(6)]),
  );
  expect([...latest].sort()).toEqual([
    ...numbered('key', 4).map((key, n) => [key, `value-${35 + n}`]),
    ['key-4', 'NULL'],
  ]);
  await eventually('the group is where it was', () => isAt(admin, '17'));
  expect(await admin.fetchOffsets({ groupId: 'readers' })).toEqual(OFFSETS);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 'plain' }],
  });
  expect(resources[0]?.configEntries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ configName: 'retention.ms', configValue: '-1' }),
      expect.objectContaining({ configName: 'max.message.bytes', configValue: '2000000' }),
    ]),
  );
  await eventually('both brokers are in sync', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: TOPICS });
    return topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === 2));
  });
}

/** New records, and the transaction that never ended is in nobody's way. */
async function goesOn(bootstrap: string): Promise<void> {
  const kafka = client(bootstrap);
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId: 'payments' });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: 'transactions', messages: [{ value: 'of this release' }] });
  await transaction.send({ topic: 'plain', messages: [{ partition: 0, value: 'of this release' }] });
  await transaction.sendOffsets({
    consumerGroupId: 'readers',
    topics: [{ topic: 'plain', partitions: [{ partition: 0, offset: '18' }] }],
  });
  await transaction.commit();
  await producer.disconnect();
}

/** Whether the group has this offset in partition 0. False while its coordinator still reads its log. */
async function isAt(admin: Admin, wanted: string): Promise<boolean> {
  const [{ partitions = [] } = {}] = await admin.fetchOffsets({ groupId: 'readers' }).catch(() => []);
  return partitions.some(({ partition, offset }) => partition === 0 && offset === wanted);
}

function client(bootstrap: string): Kafka {
  return new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING });
}

async function administrator(bootstrap: string) {
  const admin = client(bootstrap).admin();
  await admin.connect();
  return Object.assign(admin, { [Symbol.asyncDispose]: () => admin.disconnect() });
}

/** The records of a partition as kcat prints them, `KEY=VALUE`; of transactions those that were committed. */
async function read(bootstrap: string, topic: string, partition: number): Promise<string[]> {
  const args = ['-b', bootstrap, '-C', '-t', topic, '-p', String(partition), '-o', 'beginning', '-e', '-q'];
  const { stdout, stderr, status } = await kcat([...args, '-Z', '-f', '%k=%s\n']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .replaceAll(/^NULL=/gm, '=')
    .trim()
    .split('\n');
}

function bootstrapOf({ ready }: Millrace): string {
  expect(ready.clusters).toHaveLength(1);
  return ready.clusters[0]?.bootstrap ?? '';
}
