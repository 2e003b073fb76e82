import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { freePort, freePorts } from '../support/free-port.ts';
import { Millrace } from '../support/millrace.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');

async function ask<T>(bootstrap: string, question: (kafka: Kafka) => Promise<T>): Promise<T> {
  return question(new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }));
}

function topics(bootstrap: string): Promise<string[]> {
  return ask(bootstrap, async (kafka) => {
    const admin = kafka.admin();
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    // Clients are told the addresses that they reach the cluster by.
    for (const { host, port } of brokers) expect(bootstrap).toContain(`${host}:${port}`);
    const names = await admin.listTopics();
    await admin.disconnect();
    return names;
  });
}

test('a copied data folder runs beside the original, on the ports that are asked for', async () => {
  await using original = await Millrace.up([]);
  const bootstrap = original.ready.clusters[0]?.bootstrap ?? '';
  await ask(bootstrap, async (kafka) => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: 'of-the-original', numPartitions: 3, replicationFactor: 3 }],
    });
    await admin.disconnect();
  });
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
});

test('options that cannot come true because the cluster is there are named in one sentence', async () => {
  const first = await Millrace.up(['--brokers', '1']);
  const taken = Number(first.ready.clusters[0]?.bootstrap.split(':')[1]);
  await first.stop();
  const args = ['up', '--json', '--data', first.data, '--port', '0', '--brokers', '3'];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    if (chunk.toString().includes('"ready"')) child.kill('SIGTERM');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  expect(await new Promise((done) => child.once('close', done))).toBe(0);
  expect(complaint).toMatch(
    /^millrace: The cluster demo is there already, with 1 broker, so --brokers is not used: .*\n$/,
  );
  expect(printed).toContain(`"controllerPort":${taken + 7}`);
  rmSync(first.data, { recursive: true });
});
