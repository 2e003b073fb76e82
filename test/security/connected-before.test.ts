import { X509Certificate } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { NodeRandom } from '../../src/platform/node-random.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apis } from '../../src/protocol/apis.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { saltPassword } from '../../src/security/scram/credential.ts';
import { scramMechanisms } from '../../src/security/scram/mechanism.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** Whoever was let in before what let them in was taken away, with an unmodified client. */
const USERS = { alice: secret('alice'), bob: secret('bob'), carol: secret('carol') };
type User = keyof typeof USERS;
/** Of a session. kafkajs signs in again when a third of it is over, and notices a stall of two thirds. */
const SESSION_MS = 3000;
const AGAIN_MS = 1000;
const REFUSED = /authentication due to invalid credentials/;
const world = nodeWorld(silent);

/** `said`: what the client logs. It tells there why a sign-in failed, and the caller only that it is closed. */
function adminOf(cluster: StartedCluster, user: User, said: string[] = []): Admin {
  return new Kafka({
    brokers: [...cluster.brokers],
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => said.push(entry.log.message),
    connectionTimeout: 30_000,
    retry: { retries: 0 },
    reauthenticationThreshold: SESSION_MS - AGAIN_MS,
    sasl: { mechanism: 'scram-sha-512', username: user, password: USERS[user] },
  }).admin();
}

async function connected(cluster: StartedCluster, user: User, said: string[] = []): Promise<Admin> {
  const admin = adminOf(cluster, user, said);
  await admin.connect();
  return admin;
}

/** Why somebody who connects now is not let in; null for whoever is. */
async function refusal(cluster: StartedCluster, user: User): Promise<string | null> {
  const admin = adminOf(cluster, user);
  try {
    await admin.connect();
    return null;
  } catch (error) {
    return String(error);
  } finally {
    await admin.disconnect();
  }
}

/** What an open connection is answered. */
async function answer(admin: Admin): Promise<string> {
  return admin.listTopics().then(
    (topics) => topics.join(),
    (error: unknown) => String(error),
  );
}

/** Deletes alice and gives bob another password, as kafka-configs does. */
async function changeUsers(cluster: StartedCluster): Promise<void> {
  const connection = await KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port: Number(cluster.bootstrapOf('OPEN').split(':')[1]),
    clientId: 'users',
    timeoutMs: 60_000,
  });
  const iterations = 4096;
  for (const mechanism of scramMechanisms) {
    const salt = Buffer.from('another salt');
    const saltedPassword = saltPassword(mechanism, secret('another'), { salt, iterations });
    const { results } = await connection.send(apis.alterUserScramCredentials, {
      deletions: [{ name: 'alice', mechanism: mechanism.code }],
      upsertions: [{ name: 'bob', mechanism: mechanism.code, iterations, salt, saltedPassword }],
    });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 0]);
  }
  connection.close();
}

describe('a user who was deleted, or has another password', () => {
  const clusters: StartedCluster[] = [];
  const started = async (config: Record<string, number>): Promise<StartedCluster> => {
    const cluster = await startCluster({
      ...{ brokers: 1, topics: ['orders'], signIn: 'scram', users: USERS, config, listeners: { OPEN: {} } },
    });
    clusters.push(cluster);
    return cluster;
  };
  afterAll(() => Promise.all(clusters.map((cluster) => cluster.stop())));

  // KIP-368: without it a connection outlives what it signed in with.
  test('does not come in again, and stays connected without connections.max.reauth.ms', async () => {
    const cluster = await started({});
    const [alice, bob] = [await connected(cluster, 'alice'), await connected(cluster, 'bob')];
    await changeUsers(cluster);
    for (const user of ['alice', 'bob'] as const)
      await eventually(`${user} is refused`, async () => REFUSED.test(`${await refusal(cluster, user)}`));
    expect(await refusal(cluster, 'carol')).toBe(null);
    // Whoever had to connect for this would be refused.
    expect([await answer(alice), await answer(bob)]).toEqual(['orders', 'orders']);
    await Promise.all([alice, bob].map((admin) => admin.disconnect()));
  });

  test('is out with the next sign-in of the session, where there is connections.max.reauth.ms', async () => {
    const cluster = await started({ 'connections.max.reauth.ms': SESSION_MS });
    const told = { alice: [] as string[], bob: [] as string[] };
    const alice = await connected(cluster, 'alice', told.alice);
    const bob = await connected(cluster, 'bob', told.bob);
    const carol = await connected(cluster, 'carol');
    // A client that a busy machine stops for a whole session loses its connection, and makes another.
    for (const admin of [alice, bob])
      await eventually('the client is served', async () => (await answer(admin)) === 'orders');
    await changeUsers(cluster);
    const changedAt = performance.now();
    for (const [admin, said] of [
      [alice, told.alice],
      [bob, told.bob],
    ] as const) {
      await eventually('the session is over', async () => (await answer(admin)) !== 'orders');
      await eventually('the client is told why', async () => {
        expect(await answer(admin)).not.toBe('orders');
        return REFUSED.test(said.join('\n'));
      });
    }
    // Nothing has happened to carol, whose session is renewed again and again.
    await eventually(
      'more than a session is over',
      async () => (await answer(carol)) === 'orders' && performance.now() - changedAt > 2 * SESSION_MS,
    );
    await Promise.all([alice, bob, carol].map((admin) => admin.disconnect()));
  });
});

describe('a client certificate that has ended', () => {
  /** From its making to its end; on a machine that takes longer to connect with it, the next one has twice that. */
  const LEAST_LEFT_MS = 4000;
  const LEAF_MS = 396 * 86_400_000;
  const ca = createCa(world, { commonName: 'clients' });
  let cluster: StartedCluster;
  beforeAll(async () => {
    cluster = await startCluster({
      ...{ brokers: 1, topics: ['orders'], tls: { clientAuth: 'required', clientCa: ca.certificate } },
    });
  });
  afterAll(() => cluster?.stop());

  function identityFor(leftMs: number): { certificate: string; key: string; endsAt: number } {
    const clock = { ...world.clock, now: () => Date.now() - LEAF_MS + leftMs };
    const leaf = { commonName: 'alice', purposes: ['client'] } as const;
    const { certificate, key } = issue({ clock, random: new NodeRandom() }, ca, leaf);
    return { certificate, key, endsAt: Date.parse(new X509Certificate(certificate).validTo) };
  }

  function clientWith({ certificate, key }: { certificate: string; key: string }): Admin {
    return new Kafka({
      brokers: [...cluster.brokers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 30_000,
      retry: { retries: 0 },
      ssl: { ca: cluster.ca ?? '', cert: certificate, key },
    }).admin();
  }

  /** A client that came in before its certificate ended. */
  async function connectedInTime() {
    for (let leftMs = LEAST_LEFT_MS; ; leftMs *= 2) {
      const identity = identityFor(leftMs);
      const admin = clientWith(identity);
      try {
        await admin.connect();
        expect(await answer(admin)).toBe('orders');
        return { admin, identity };
      } catch (error) {
        await admin.disconnect();
        if (Date.now() < identity.endsAt) throw error;
      }
    }
  }

  // As in Kafka, which looks at certificates in handshakes alone.
  test('lets nobody in, and leaves who is connected', async () => {
    const { admin, identity } = await connectedInTime();
    await eventually('the certificate ends', () => Date.now() > identity.endsAt + 1000);
    await expect(clientWith(identity).connect()).rejects.toThrow();
    expect(await answer(admin)).toBe('orders');
    await admin.disconnect();
  });
});
