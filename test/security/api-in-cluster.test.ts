import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as kafka from '@aws-sdk/client-kafka';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { Peers } from '../../src/client/peers/peers.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { fetch as kafkaFetch } from '../../src/protocol/messages/01-fetch.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { certificatesIn } from '../../src/security/certificates/pem.ts';
import { peerName } from '../../src/security/peers/peer-identity.ts';
import { readPeerSecret } from '../../src/security/peers/peer-secret-file.ts';
import { PeerTls } from '../../src/security/peers/peer-tls.ts';
import { answered } from '../support/answered.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';

/**
 * Traffic between the nodes of a cluster with `inCluster`: real processes, with an eavesdropper and an
 * impostor.
 */

const world = nodeWorld(silent);

/** The options that a process of the cluster was started with. */
interface NodeFile {
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly peerSecretFile: string;
    readonly peerTls: { readonly ca: string; readonly domain: string; readonly identity: string };
    readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  };
}

function nodeFile(data: string, node: string): NodeFile['options'] {
  const [file = ''] = globSync(join(data, 'clusters', '*', node, 'process.json'));
  const { options }: NodeFile = JSON.parse(readFileSync(file, 'utf8'));
  return options;
}

/** The answer, in hexadecimal, to an ApiVersions request without TLS; empty if the connection just ends. */
function answerInPlaintext({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<string> {
  const request = Buffer.from('00000011' + '0012' + '0000' + '00000001' + '0007' + '6d616c6c6f7279', 'hex');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(request));
    socket.on('data', (bytes) => {
      resolve(bytes.toString('hex'));
      socket.destroy();
    });
    socket.on('close', () => resolve(''));
    socket.on('error', (error) => {
      if (!('code' in error) || error.code !== 'ECONNRESET') reject(error);
    });
  });
}

test('the nodes of a cluster with inCluster encrypt, and believe the certificates of their own CA alone', async () => {
  await using millrace = await Millrace.up(['--no-cluster']);
  const msk = new kafka.KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const { ClusterArn } = await msk.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'sealed',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS_PLAINTEXT', InCluster: true } },
    }),
  );
  const describe = () => msk.send(new kafka.DescribeClusterCommand({ ClusterArn }));
  await eventually('the cluster is ACTIVE', async () => (await describe()).ClusterInfo?.State === 'ACTIVE');
  const { BootstrapBrokerStringTls = '' } = await msk.send(
    new kafka.GetBootstrapBrokersCommand({ ClusterArn }),
  );
  const ca = await (await fetch(`${millrace.ready.api}/ca.pem`)).text();
  msk.destroy();
  const brokersOverTls = BootstrapBrokerStringTls.split(',');

  const client = new Kafka({
    brokers: brokersOverTls,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    ssl: { ca: [ca] },
  });
  const admin = client.admin();
  const producer = client.producer();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3, replicationFactor: 3 }] });
  await producer.connect();
  const messages = Array.from({ length: 30 }, (_, i) => ({ value: `order ${i}`, partition: i % 3 }));
  await producer.send({ topic: 'orders', acks: -1, messages });
  const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
  expect(topics[0]?.partitions.map(({ isr }) => isr.length)).toEqual([3, 3, 3]);
  await producer.disconnect();
  await admin.disconnect();

  const controller = nodeFile(millrace.data, 'controller');
  const broker = nodeFile(millrace.data, 'broker-1');
  const listener = (name: string) => {
    const found = broker.listeners.find((one) => one.name === name);
    if (!found) throw new Error(`broker 1 has no listener ${name}`);
    return found;
  };
  const replication = listener('REPLICATION');

  expect(await answerInPlaintext(listener('CLIENT'))).toContain('00000001');
  // A client that does not encrypt gets at most a TLS alert.
  for (const address of [controller, replication])
    expect(await answerInPlaintext(address)).toMatch(/^(1503[0-9a-f]{10})?$/);

  // A node recognizes another by the CA of their cluster and by its number.
  const secret = readPeerSecret(world.disk, broker.peerSecretFile);
  const own = new PeerTls(world.disk, broker.peerTls);
  const to = (node: number, port: number) => ({
    node,
    host: '127.0.0.1',
    port,
    clientId: 'test',
    timeoutMs: 60_000,
  });
  const connection = await new Peers(world, secret, own).connect(to(1, replication.port));
  const { brokers } = await connection.send(metadata, {
    topics: [],
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  });
  expect(brokers).toHaveLength(3);
  connection.close();
  const refused = { code: 'CONNECT_FAILED', message: expect.stringContaining('ETLS') };
  await expect(new Peers(world, secret, own).connect(to(2, replication.port))).rejects.toMatchObject(refused);
  const tls = { serverCas: ca, serverName: peerName(broker.peerTls.domain, { kind: 'node', id: 1 }) };
  await expect(KafkaConnection.connect(world, { ...to(1, replication.port), tls })).rejects.toMatchObject(
    refused,
  );
  // The server knows who connects: this certificate is broker 1's, and it does not count for another broker.
  const foreigner = await new Peers(world, secret, own).connect(to(1, replication.port));
  const answer = await foreigner.send(kafkaFetch, {
    replicaState: { replicaId: 2 },
    maxWaitMs: 0,
    minBytes: 0,
    topics: [],
  });
  expect(errorName(answer.errorCode)).toBe('CLUSTER_AUTHORIZATION_FAILED');
  await expect(foreigner.send(metadata, { topics: [] })).rejects.toMatchObject({ code: 'CLOSED' });
  // A client with the secret and no certificate is refused.
  const { serverCas, serverName } = own.client(1);
  const unshown = KafkaConnection.connect(world, {
    ...to(1, replication.port),
    tls: { serverCas, serverName },
  });
  await expect(unshown).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  // A client listener has a certificate of the CA that clients trust, so it does not count as a node.
  await expect(
    new Peers(world, secret, own).connect(to(1, listener('CLIENT_SECURE').port)),
  ).rejects.toMatchObject(refused);
  // Only the control plane has the CA's key.
  expect(readFileSync(broker.peerTls.ca, 'utf8')).not.toContain('PRIVATE KEY');

  // The CA certificates of the nodes. The next CA is taken alone, for a client that trusts no other.
  const believed = () => certificatesIn(readFileSync(broker.peerTls.ca, 'utf8'));
  const formerCas = believed();
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const renewNodes = () =>
    fetch(`${millrace.ready.api}/millrace/v1/ca/renewal`, { ...asked, body: '{"nodes":true}' });
  await answered(204, renewNodes());
  await answered(400, renewNodes());
  const [nextCa = ''] = believed().filter((pem) => !formerCas.includes(pem));
  const believing = (name: string, pem: string) => {
    const file = join(millrace.data, name);
    writeFileSync(file, pem);
    return new Peers(world, secret, new PeerTls(world.disk, { ...broker.peerTls, ca: file }));
  };
  const ports = [controller.port, ...[1, 2, 3].map((id) => replicationPort(millrace.data, id))];
  const [byNext, byFormer] = [believing('next.pem', nextCa), believing('former.pem', formerCas.join(''))];
  const showNext = async (): Promise<boolean> => {
    const reached = await Promise.allSettled(
      ports.map(async (port, id) => (await byNext.connect(to(id === 0 ? 10_000 : id, port))).close()),
    );
    return reached.every(({ status }) => status === 'fulfilled');
  };
  expect(await showNext()).toBe(false);
  let continued: Millrace | undefined;
  await renewsTheCa(millrace.ready.api, brokersOverTls, ca, async () => {
    // The control plane is killed between the two phases; the next one finishes them.
    const ended = new Promise((done) => millrace.child.once('exit', done));
    millrace.child.kill('SIGKILL');
    await ended;
    continued = await Millrace.up(['--no-cluster'], millrace);
    await eventually('every node shows a certificate of the next CA', showNext);
  });
  await using _ = continued;
  await expect(byFormer.connect(to(1, replication.port))).rejects.toMatchObject(refused);
  // A node that starts makes all its connections to other nodes again.
  const before = brokerProcess(millrace.data, 2);
  if (before !== null) process.kill(before, 'SIGKILL');
  const renewed = await (await fetch(`${millrace.ready.api}/ca.pem`)).text();
  const again = new Kafka({
    brokers: brokersOverTls,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    ssl: { ca: [renewed] },
  }).admin();
  await again.connect();
  await eventually('broker 2 is in sync again', async () => {
    const { topics: now } = await again.fetchTopicMetadata({ topics: ['orders'] });
    return (
      brokerProcess(millrace.data, 2) !== before &&
      now[0]?.partitions.every(({ isr }) => isr.length === 3) === true
    );
  });
  await again.disconnect();
});

function replicationPort(data: string, id: number): number {
  const { listeners } = nodeFile(data, `broker-${id}`);
  return listeners.find(({ name }) => name === 'REPLICATION')?.port ?? 0;
}

/**
 * Clients that trust both CAs do not notice a new one, whether they stay connected or connect again. They do
 * not notice `meanwhile` either, which is called between the two phases.
 */
async function renewsTheCa(
  api: string,
  brokers: string[],
  former: string,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const renew = (finish: boolean) =>
    fetch(`${api}/millrace/v1/ca/renewal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ finish }),
    });
  const exported = async () => (await fetch(`${api}/ca.pem`)).text();
  await answered(400, renew(true));
  await answered(204, renew(false));
  const both = await exported();
  expect(both.startsWith(former)).toBe(true);
  const trusting = (ca: string) =>
    new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      retry: { retries: 0 },
      ssl: { ca: [ca] },
    });
  /** Connects and writes again and again; rejects if either fails once. */
  const comes = async (ca: string): Promise<void> => {
    const producer = trusting(ca).producer();
    try {
      await producer.connect();
      await producer.send({ topic: 'orders', acks: -1, messages: [{ value: 'another' }] });
    } finally {
      await producer.disconnect();
    }
  };
  const stays = trusting(both).producer();
  await stays.connect();
  let written = 0;
  let isOver = false;
  const staying = (async () => {
    while (!isOver) {
      await stays.send({ topic: 'orders', acks: -1, messages: [{ value: `order ${written}` }] });
      written++;
    }
  })();
  const coming = (async () => {
    while (!isOver) await comes(both);
  })();
  const next = both.slice(former.length);
  try {
    await meanwhile();
    await answered(204, renew(true));
    // Waits until each broker shows a certificate of the new CA.
    await eventually('the new CA alone is enough', async () => {
      const admins = brokers.map((broker) => {
        const kafka = {
          brokers: [broker],
          logLevel: logLevel.NOTHING,
          connectionTimeout: 60_000,
          retry: { retries: 0 },
          ssl: { ca: [next] },
        };
        return new Kafka(kafka).admin();
      });
      const outcomes = await Promise.allSettled(admins.map((admin) => admin.connect()));
      await Promise.all(admins.map((admin) => admin.disconnect()));
      return outcomes.every(({ status }) => status === 'fulfilled');
    });
    const before = written;
    await eventually('writing goes on', () => written > before);
  } finally {
    isOver = true;
    await Promise.allSettled([staying, coming]);
  }
  await Promise.all([staying, coming]);
  await comes(next);
  await expect(comes(former)).rejects.toThrow(/certificate|issuer|Connection error/);
  await stays.disconnect();
}
