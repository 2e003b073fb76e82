import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { freePort, freePorts } from '../support/free-port.ts';
import { eventually, killProcessesNaming, processesOf } from '../support/millrace.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
const PARTITIONS = 300;

test('with 256 open files, brokers with 300 partitions each serve, also after a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'millrace-files-'));
  const kafkaPort = await freePorts();
  const port = await freePort();
  const args = `up --data ${data} --port ${port} --kafka-port ${kafkaPort}`;
  const life = async (use: () => Promise<void>): Promise<void> => {
    const child = spawn('sh', ['-c', `ulimit -n 256; exec "${process.execPath}" "${PROGRAM}" ${args}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    const warnings = () => printed.match(/only 256 files/g) ?? [];
    // They come by two pipes, in any order.
    await eventually(
      'it is ready, and has warned',
      () => printed.includes('is ready') && warnings().length > 0,
    );
    const before = processesOf(data).map(({ pid }) => pid);
    await use();
    expect(processesOf(data).map(({ pid }) => pid)).toEqual(before);
    const ended = new Promise((done) => child.once('close', done));
    child.kill('SIGTERM');
    await ended;
    expect(warnings()).toHaveLength(1);
  };
  const kafka = new Kafka({ brokers: [`127.0.0.1:${kafkaPort}`], logLevel: logLevel.NOTHING });
  const topic = 'many';
  const produce = async (): Promise<void> => {
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, value: 'x' }));
    await producer.send({ topic, acks: -1, messages });
    await producer.disconnect();
  };
  try {
    const takesRecords = () =>
      produce().then(
        () => true,
        () => false,
      );
    await life(async () => {
      const admin = kafka.admin();
      await admin.connect();
      await admin.createTopics({
        topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 3 }],
        timeout: 60_000,
        // It asks single brokers at once, which may not have heard of the topic yet.
        waitForLeaders: false,
      });
      await admin.disconnect();
      await eventually('every partition takes a record', takesRecords);
    });
    await life(() => eventually('every partition takes a record again', takesRecords));
  } finally {
    await killProcessesNaming(data);
    rmSync(data, { recursive: true, force: true });
  }
});
