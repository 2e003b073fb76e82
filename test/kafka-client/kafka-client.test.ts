import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { OffsetStore } from '../../src/connectors/worker/offset-store.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import type { KafkaClientOptions } from '../../src/kafka-client/connections/client-options.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createCa } from '../../src/security/certificates/certificate.ts';
import { secret } from '../support/secrets/secret.ts';
import { clientScript } from './client-script.ts';
import { brokerBlows } from './kills/broker-blows.ts';
import { runCopy } from './kills/copy-run.ts';

const PASSWORD = secret('alice');
let cluster: StartedCluster;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 3,
    config: { 'auto.create.topics.enable': false },
    listeners: { SIGNED: { tls: true, signIn: 'scram' } },
    users: { alice: PASSWORD },
    topics: ['signed'],
  });
});

afterAll(() => cluster?.stop());

describe('on a cluster of ours', () => {
  clientScript({
    bootstrap: () => cluster.brokers,
    createTopic: (name, partitions) => cluster.createTopics([{ name, partitions }]),
  });
});

test('a topic is copied exactly once and in order while brokers are killed, members come and go, and some sleep', async () => {
  const bootstrap = hostsAndPorts(cluster.brokers);
  const run = { seconds: 6, partitions: 4, seed: 11 };
  const { written, blows, problems } = await runCopy({ ...run, bootstrap, blow: brokerBlows(cluster) });
  expect(problems).toEqual([]);
  expect(written).toBeGreaterThan(0);
  expect(blows).toBeGreaterThan(0);
});

test("a source's offset behind a transaction that another task has open is read when that has ended", async () => {
  const topic = 'source-offsets';
  await cluster.createTopics([{ name: topic, partitions: 1 }]);
  const client = newClient();
  const partition = { task: 0 };
  const store = new OffsetStore(topic, 'two-tasks');
  const other = client.producer({ transactionalId: 'another-task' });
  await other.begin();
  await other.send(store.record({ task: 1 }, { position: 7 }));
  const own = client.producer({ transactionalId: 'this-task' });
  await own.begin();
  await own.send(store.record(partition, { position: 5 }));
  await own.commit();
  const loading = store.load(client, new AbortController().signal);
  // Meanwhile it would have read all that is committed.
  const reader = client.consumer({ offsetReset: 'earliest', isolation: 'read_uncommitted' });
  reader.assign([{ topic, partition: 0 }]);
  for (let read = 0; read < 2; ) read += (await reader.poll(30_000)).length;
  await reader.close();
  await other.abort();
  await loading;
  expect(store.offset(partition)).toEqual({ position: 5 });
  expect(store.offset({ task: 1 })).toBeNull();
  for (const producer of [own, other]) await producer.close();
  client.close();
});

test.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
  'it signs in by %s over TLS, and says when the password or the CA is wrong',
  async (mechanism) => {
    const brokers = cluster.bootstrapOf('SIGNED').split(',');
    const signedIn = (password: string, ca = cluster.ca ?? '', callTimeoutMs = 120_000) =>
      newClient({
        brokers,
        tls: { serverCas: ca },
        login: { mechanism, user: 'alice', password },
        connectTimeoutMs: 60_000,
        callTimeoutMs,
      });
    const right = signedIn(PASSWORD);
    expect(await right.admin.topics.describe('signed')).toMatchObject({ name: 'signed' });
    right.close();
    const wrong = signedIn('another password');
    await expect(wrong.admin.topics.list()).rejects.toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' });
    wrong.close();
    const foreign = signedIn(
      PASSWORD,
      createCa(nodeWorld(silent), { commonName: 'another' }).certificate,
      1000,
    );
    await expect(foreign.admin.topics.list()).rejects.toMatchObject({ code: 'NO_CONNECTION' });
    foreign.close();
  },
);

function newClient(
  options: Partial<KafkaClientOptions> & { readonly brokers?: readonly string[] } = {},
): KafkaClient {
  const { brokers = cluster.brokers, ...rest } = options;
  const bootstrap = hostsAndPorts(brokers);
  return new KafkaClient(nodeWorld(silent), { bootstrap, clientId: 'test', ...rest });
}

function hostsAndPorts(addresses: readonly string[]) {
  return addresses.map((address) => {
    const [host = '', port = ''] = address.split(':');
    return { host, port: Number(port) };
  });
}
