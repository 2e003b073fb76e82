import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Kafka, logLevel } from 'kafkajs';
import { eventually } from '../support/millrace.ts';

/**
 * Writes the data folder of a release for old-folder.test.ts: `node test/upgrade/main.ts PROGRAM ARCHIVE`, with
 * the release's bin/millrace.mjs and the archive to make. The folder is /tmp/millrace-data meanwhile, and ports
 * 7272 and 29092 to 29109 are used.
 */

const [program = '', archive = ''] = process.argv.slice(2);
const data = '/tmp/millrace-data';
const KEEP = { name: 'retention.ms', value: '-1' };
const topic = (name: string, numPartitions = 1, configEntries = [KEEP]) => ({
  topic: name,
  numPartitions,
  replicationFactor: 2,
  configEntries,
});

const ports = ['--port', '7272', '--kafka-port', '29092'];
const up = [program, 'up', '--json', '--data', data, ...ports, '--brokers', '2', '--cluster', 'old'];
const child = spawn(process.execPath, up, { stdio: ['ignore', 'pipe', 'inherit'] });
const bootstrap = await new Promise<string>((resolve, reject) => {
  child.once('exit', (status) => reject(new Error(`millrace up ended with status ${status}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.event === 'ready') resolve(event.clusters[0].bootstrap);
  });
});
const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
await topicsAndRecords();
await transactions();
await group();
await admin.alterConfigs({
  validateOnly: false,
  resources: [
    { type: 2, name: 'plain', configEntries: [KEEP, { name: 'max.message.bytes', value: '2000000' }] },
  ],
});
await anotherEpoch();
await admin.disconnect();
const ended = new Promise((done) => child.once('exit', done));
child.kill('SIGINT');
await ended;
const owned = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--exclude=*.log.1'];
const logs = ['--exclude=process.log', '--exclude=millrace.log', '--exclude=events.log'];
spawnSync('tar', [...owned, ...logs, '-czf', archive, '-C', data, '.'], { stdio: 'inherit' });
rmSync(data, { recursive: true });

async function topicsAndRecords(): Promise<void> {
  const compacted = [{ name: 'cleanup.policy', value: 'compact' }];
  const first = [
    topic('plain', 2),
    topic('compressed'),
    topic('transactions'),
    topic('gone'),
    topic('again'),
  ];
  await admin.createTopics({ waitForLeaders: true, topics: [...first, topic('keys', 1, compacted)] });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const send = (name: string, message: { partition?: number; key?: string; value: string | null }) =>
    producer.send({ topic: name, messages: [message] });
  for (const partition of [0, 1])
    for (let n = 0; n < 50; n++)
      await send('plain', { partition, key: `k${n}`, value: `plain-${partition}-${n}` });
  for (let n = 0; n < 40; n++)
    await send('keys', { key: `key-${n % 5}`, value: n === 39 ? null : `value-${n}` });
  await send('again', { value: 'of the first topic' });
  await admin.deleteTopics({ topics: ['gone', 'again'] });
  await eventually('it is gone', async () => !(await admin.listTopics()).includes('again'));
  await admin.createTopics({ waitForLeaders: true, topics: [topic('again')] });
  await send('again', { value: 'of the second topic' });
  await producer.disconnect();
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const input = Array.from({ length: 10 }, (_, n) => `${codec}-${n}\n`).join('');
    spawnSync('kcat', ['-b', bootstrap, '-P', '-t', 'compressed', '-z', codec, '-X', 'acks=all'], { input });
  }
}

/** Two are committed, one is aborted, and one is never ended. */
async function transactions(): Promise<void> {
  const options = { idempotent: true, transactionalId: 'payments', maxInFlightRequests: 1 };
  const producer = kafka.producer(options);
  await producer.connect();
  for (const word of ['committed', 'aborted', 'committed-too']) {
    const transaction = await producer.transaction();
    for (let n = 0; n < 3; n++)
      await transaction.send({ topic: 'transactions', messages: [{ value: `${word}-${n}` }] });
    await (word === 'aborted' ? transaction.abort() : transaction.commit());
  }
  const open = await producer.transaction();
  await open.send({ topic: 'transactions', messages: [{ value: 'never ended' }] });
}

async function group(): Promise<void> {
  const consumer = kafka.consumer({ groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'plain', fromBeginning: true });
  await new Promise<void>((done) => {
    void consumer.run({ autoCommit: false, eachMessage: async () => done() });
  });
  await consumer.commitOffsets([
    { topic: 'plain', partition: 0, offset: '17', metadata: 'm' },
    { topic: 'plain', partition: 1, offset: '23' },
  ]);
  await consumer.disconnect();
}

/** Broker 1 dies, so its partitions get other leaders, who write on. */
async function anotherEpoch(): Promise<void> {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  const broker = readdirSync('/proc').find((pid) => / broker .*broker-1/.test(commandLine(pid)));
  process.kill(Number(broker), 'SIGKILL');
  const producer = kafka.producer();
  await producer.connect();
  for (const partition of [0, 1])
    await producer.send({ topic: 'plain', messages: [{ partition, value: `plain-${partition}-after` }] });
  await producer.disconnect();
  await eventually('both brokers are in sync', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: ['plain'] });
    return topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === 2));
  });
}
