import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { type Logger, startCluster } from '../../src/index.ts';
import { NodeClock } from '../../src/platform/node-clock.ts';
import { NodeRandom } from '../../src/platform/node-random.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { secret } from '../support/secrets/secret.ts';

/** Secrets are in no log, whatever its level, and in no file of a cluster. */

const PASSWORDS = { alice: secret('alice'), bob: secret('bob') };
const WRONG = secret('mistyped');

async function signIn(
  brokers: readonly string[],
  ca: string,
  username: string,
  password: string,
): Promise<boolean> {
  const admin = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    retry: { retries: 0 },
    ssl: { ca: [ca] },
    sasl: { mechanism: 'scram-sha-256', username, password },
  }).admin();
  try {
    await admin.connect();
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}

test('passwords and private keys are in no log line and in no file of a cluster', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-secrets-'));
  const lines: string[] = [];
  const say = (...said: unknown[]) => void lines.push(inspect(said, { depth: 20, maxStringLength: null }));
  const log: Logger = {
    debug: say,
    info: say,
    warn: say,
    error: say,
    child(fields) {
      say(fields);
      return log;
    },
  };
  const world = { clock: new NodeClock(), random: new NodeRandom() };
  const authority = createCa(world, { commonName: 'mine' });
  const own = issue(world, authority, {
    commonName: 'localhost',
    dnsNames: ['localhost'],
    purposes: ['server'],
  });
  try {
    const cluster = await startCluster({
      brokers: 2,
      signIn: 'scram',
      users: PASSWORDS,
      tls: { certificate: own.certificate, key: own.key, ca: authority.certificate },
      dataDirectory,
      log,
    });
    const ca = cluster.ca ?? '';
    expect(await signIn(cluster.brokers, ca, 'alice', PASSWORDS.alice)).toBe(true);
    expect(await signIn(cluster.brokers, ca, 'bob', WRONG)).toBe(false);
    await cluster.restart(2);
    await cluster.stop();
    expect(lines.length).toBeGreaterThan(0);
    const secrets = [...Object.values(PASSWORDS), WRONG, secretPart(own.key)];
    const files = readdirSync(dataDirectory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(0);
    for (const secret of secrets) {
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
      expect(files.filter((file) => readFileSync(file).includes(secret))).toEqual([]);
    }
  } finally {
    rmSync(dataDirectory, { recursive: true });
  }
});

/** A line of a key that no other key has. */
function secretPart(pem: string): string {
  return pem.split('\n')[1] ?? pem;
}
