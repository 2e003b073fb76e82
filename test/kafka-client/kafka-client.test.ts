import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import type { KafkaClientOptions } from '../../src/kafka-client/connections/client-options.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createCa } from '../../src/security/certificates/certificate.ts';
import { secret } from '../support/secrets/secret.ts';
import { clientScript } from './client-script.ts';

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

test('brokers that are killed while it writes lose, double and reorder nothing', async () => {
  const partitions = 4;
  const records = 4000;
  await cluster.createTopics([{ name: 'killed', partitions, config: { 'min.insync.replicas': 2 } }]);
  const client = newClient();
  const producer = client.producer({ batchBytes: 2000, lingerMs: 1 });
  const written = (async () => {
    const all: Promise<unknown>[] = [];
    for (let n = 0; n < records; n++) {
      all.push(producer.send({ topic: 'killed', partition: n % partitions, value: Buffer.from(String(n)) }));
      if (n % 50 === 0) await Promise.allSettled(all.slice(-40));
    }
    await Promise.all(all);
  })();
  for (const broker of [1, 2, 3]) {
    await cluster.kill(broker);
    await cluster.restart(broker);
  }
  await written;
  const consumer = client.consumer({ offsetReset: 'earliest' });
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic: 'killed', partition })));
  const read = Array.from({ length: partitions }, (): number[] => []);
  for (let count = 0; count < records; ) {
    const polled = await consumer.poll(30_000);
    if (polled.length === 0) break;
    for (const { partition, value } of polled) read[partition]?.push(Number(value));
    count += polled.length;
  }
  for (const [partition, numbers] of read.entries())
    expect(numbers).toEqual(
      Array.from({ length: records / partitions }, (_, index) => index * partitions + partition),
    );
  await consumer.close();
  await producer.close();
  client.close();
});

test.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
  'it signs in by %s over TLS, and says when the password or the CA is wrong',
  async (mechanism) => {
    const brokers = cluster.bootstrapOf('SIGNED').split(',');
    const signedIn = (password: string, ca = cluster.ca ?? '', callTimeoutMs = 10_000) =>
      newClient({
        brokers,
        tls: { serverCas: ca },
        login: { mechanism, user: 'alice', password },
        connectTimeoutMs: 5000,
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
  const bootstrap = brokers.map((address) => {
    const [host = '', port = ''] = address.split(':');
    return { host, port: Number(port) };
  });
  return new KafkaClient(nodeWorld(silent), { bootstrap, clientId: 'test', ...rest });
}
