import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { consoleSteps } from '../support/console-page.ts';
import { hasCommand, run } from '../support/kafka-tools.ts';
import { Millrace } from '../support/millrace.ts';

/** Runs docs/message-size.md command by command, and the same with kafkajs if kcat is missing. */

const ROOT = join(import.meta.dirname, '../..');

test('the page about the size of messages does what it says', async () => {
  await using millrace = await Millrace.up(['--cluster', 'sizes', '--brokers', '2']);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sizes-'));
  const brokers = millrace.ready.clusters[0]?.bootstrap ?? '';
  const kafka = new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
  });
  try {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        { topic: 'orders' },
        { topic: 'videos', configEntries: [{ name: 'max.message.bytes', value: '104857600' }] },
      ],
    });
    await admin.disconnect();
    const script = `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/bin/millrace.mjs" "$@" --api ${millrace.ready.api}\n`;
    writeFileSync(join(folder, 'millrace'), script, { mode: 0o755 });
    // The page's commands as they stand, with the patience that a busy machine needs: by itself kcat has 5 s.
    const patient = `#!/bin/sh\nPATH=$REAL_PATH exec kcat -m 240 "$@"\n`;
    writeFileSync(join(folder, 'kcat'), patient, { mode: 0o755 });
    const { PATH = '' } = process.env;
    const env = { ...process.env, PATH: `${folder}${delimiter}${PATH}`, REAL_PATH: PATH, BROKERS: brokers };
    for (const { command, output } of consoleSteps(
      readFileSync(join(ROOT, 'docs/message-size.md'), 'utf8'),
    )) {
      if (command.startsWith('kcat') && !hasCommand('kcat')) continue;
      const { stdout, stderr } = await run('sh', ['-c', command], { cwd: folder, env });
      expect(`$ ${command}\n${stdout}${stderr}`.trimEnd()).toBe(`$ ${command}\n${output}`.trimEnd());
    }
    // Larger than the configuration allows, then within it: the broker's answers to another client.
    await expect(send(kafka, 9_000_000)).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
    await send(kafka, 8_000_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function send(kafka: Kafka, bytes: number): Promise<void> {
  const producer = kafka.producer({ retry: { retries: 0 } });
  await producer.connect();
  try {
    await producer.send({ topic: 'orders', messages: [{ value: Buffer.alloc(bytes) }] });
  } finally {
    await producer.disconnect();
  }
}
