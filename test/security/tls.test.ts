import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';

/** TLS as unmodified clients speak it. */
const USERS = { alice: 'alice, the first = 1' };
let cluster: Awaited<ReturnType<typeof startCluster>>;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 1,
    tls: true,
    topics: ['orders'],
    listeners: { INNER: { tls: true, signIn: 'scram' } },
    users: USERS,
  });
});

afterAll(() => cluster?.stop());

function kafkaOf(
  options: { readonly brokers?: string; readonly ca?: string | undefined; readonly password?: string } = {},
): Kafka {
  const { password } = options;
  return new Kafka({
    brokers: (options.brokers ?? cluster.bootstrap).split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    retry: { retries: 0 },
    ssl: { ca: options.ca ?? cluster.ca ?? '' },
    ...(password === undefined ? {} : { sasl: { mechanism: 'scram-sha-512', username: 'alice', password } }),
  });
}

describe('kafkajs', () => {
  test('verifies the CA of the cluster and the name localhost', async () => {
    expect(cluster.bootstrap).toMatch(/^localhost:\d+$/);
    const producer = kafkaOf().producer();
    await producer.connect();
    const sent = await producer.send({ topic: 'orders', messages: [{ value: 'over TLS' }] });
    expect(sent[0]?.errorCode).toBe(0);
    await producer.disconnect();
  });

  test('signs in by SCRAM over TLS, and with a wrong password does not', async () => {
    const brokers = cluster.bootstrapOf('INNER');
    const admin = kafkaOf({ brokers, password: USERS.alice }).admin();
    await admin.connect();
    expect(await admin.listTopics()).toContain('orders');
    // Clients are told the addresses of the listener that they came by.
    const { brokers: told } = await admin.describeCluster();
    expect(told.map(({ host, port }) => `${host}:${port}`)).toEqual([brokers]);
    await admin.disconnect();
    await expect(kafkaOf({ brokers, password: 'wrong' }).admin().connect()).rejects.toThrow(
      'invalid credentials',
    );
  });

  test('refuses a cluster of another CA, and another name', async () => {
    await using other = await startCluster({ tls: true });
    expect(other.ca).not.toBe(cluster.ca);
    await expect(kafkaOf({ ca: other.ca }).admin().connect()).rejects.toThrow(/certificate|self-signed/);
    const byAddress = cluster.bootstrap.replace('localhost', '127.0.0.1');
    await expect(kafkaOf({ brokers: byAddress }).admin().connect()).rejects.toThrow(/IP: 127.0.0.1|altnames/);
  });
});

test('a data folder keeps its CA, in a file of its owner alone, until there is another name', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  const caOf = async (advertise?: string) => {
    await using started = await startCluster({
      tls: true,
      dataDirectory,
      ...(advertise ? { advertise } : {}),
    });
    return started.ca;
  };
  try {
    const first = await caOf();
    expect(await caOf()).toBe(first);
    expect(statSync(join(dataDirectory, 'server-ca.json')).mode & 0o777).toBe(0o600);
    expect(await caOf('kafka.test')).not.toBe(first);
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
});
