import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { Millrace, processesOf } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** `millrace up --scram`: TLS and passwords without calls of the API. */

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
const PASSWORDS = { first: secret('the-first'), second: `another, ${secret('a-second')} one` };

async function signsIn({ ready }: Millrace, password: string): Promise<boolean> {
  const ca = await (await fetch(`${ready.api}/ca.pem`)).text();
  const admin = new Kafka({
    brokers: (ready.clusters[0]?.bootstrap ?? '').split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    retry: { retries: 0 },
    ssl: { ca: [ca] },
    sasl: { mechanism: 'scram-sha-512', username: 'alice', password },
  }).admin();
  try {
    await admin.connect();
    await admin.listTopics();
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}

test('the cluster of millrace up --scram lets its users in, with the password that the file has at the start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-up-scram-'));
  const file = join(folder, 'alice.password');
  const scram = ['--brokers', '1', '--scram', `alice:${file}`];
  writeFileSync(file, `${PASSWORDS.first}\n`);
  await using first = await Millrace.up(scram);
  expect(first.ready.clusters[0]?.bootstrap).toMatch(/^localhost:\d+$/);
  expect([await signsIn(first, PASSWORDS.first), await signsIn(first, 'wrong')]).toEqual([true, false]);
  for (const { pid, command } of processesOf(first.data))
    expect(command + readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(PASSWORDS.first);
  await first.stop();

  writeFileSync(file, PASSWORDS.second);
  await using second = await Millrace.up(scram, first);
  expect([await signsIn(second, PASSWORDS.second), await signsIn(second, PASSWORDS.first)]).toEqual([
    true,
    false,
  ]);
  await second.stop();

  // Options that cannot be obeyed end the start.
  const up = (...words: string[]) =>
    spawnSync(
      process.execPath,
      [PROGRAM, 'up', '--data', first.data, '--port', String(first.port), ...words],
      {
        encoding: 'utf8',
      },
    );
  expect(up('--brokers', '1', '--tls')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/is there already with the listener CLIENT_SASL_SCRAM/),
  });
  expect(up('--scram', 'alice')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/--scram takes USER:FILE/),
  });
  writeFileSync(file, '\n');
  expect(up('--scram', `alice:${file}`)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/is to be a password, and is empty/),
  });
  rmSync(folder, { recursive: true });
});
