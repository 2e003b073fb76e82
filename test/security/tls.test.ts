import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientCertificate, startCluster } from '../../src/index.ts';
import { NodeClock } from '../../src/platform/node-clock.ts';
import { NodeRandom } from '../../src/platform/node-random.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { renamed, unreadableSubjects } from '../../src/security/certificates/testing/renamed.ts';
import { secret } from '../support/secrets/secret.ts';

/** TLS with unmodified clients. */
const ALL_ACLS = {
  resourceType: AclResourceTypes.ANY,
  resourcePatternType: ResourcePatternTypes.ANY,
  operation: AclOperationTypes.ANY,
  permissionType: AclPermissionTypes.ANY,
};
const USERS = {
  alice: `${secret('alice')}, the first = 1`,
  admin: secret('admin'),
  node: secret('node'),
  'Broker:1': secret('broker'),
};
let cluster: Awaited<ReturnType<typeof startCluster>>;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 1,
    tls: true,
    topics: ['orders'],
    listeners: {
      INNER: { tls: true, signIn: 'scram' },
      CERTIFIED: { tls: { clientAuth: 'required' } },
      OPTIONAL: { tls: { clientAuth: 'optional' } },
      MAPPED: {
        tls: {
          clientAuth: 'optional',
          principalMappingRules: 'RULE:^CN=Team ([A-Z]\\w*)$/CN=$1/L,RULE:^CN=team (.*)$/CN=$1/',
        },
      },
    },
    config: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': false,
      'super.users': 'User:CN=admin;User:ANONYMOUS;User:alice',
    },
    users: USERS,
  });
});

afterAll(() => cluster?.stop());

function kafkaOf(
  options: {
    readonly brokers?: string;
    readonly ca?: string | undefined;
    readonly user?: string;
    readonly password?: string | undefined;
    readonly client?: ClientCertificate;
  } = {},
): Kafka {
  const { user: username = 'alice', password } = options;
  return new Kafka({
    brokers: (options.brokers ?? cluster.bootstrap).split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 30_000,
    retry: { retries: 0 },
    ssl: {
      ca: options.ca ?? cluster.ca ?? '',
      ...(options.client ? { cert: options.client.certificate, key: options.client.key } : {}),
    },
    ...(password === undefined ? {} : { sasl: { mechanism: 'scram-sha-512', username, password } }),
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
    // Clients get the addresses of the listener that they connected to.
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

/**
 * The result for kafkajs when it asks for the ACLs: `CN=admin`, `alice` and clients without a name may do
 * that, `CN=bob` may not.
 */
async function describeAcls(
  listener: string,
  client?: ClientCertificate | keyof typeof USERS,
): Promise<string> {
  const brokers = cluster.bootstrapOf(listener);
  const shown = typeof client === 'string' ? { user: client, password: USERS[client] } : client && { client };
  const admin = kafkaOf({ brokers, ...shown }).admin();
  try {
    await admin.connect();
    await admin.describeAcls(ALL_ACLS);
    return 'answered';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await admin.disconnect();
  }
}

test('who signs in by another way under the name of a super user, or of the nodes, is neither', async () => {
  expect(await describeAcls('INNER', 'alice')).toBe('answered');
  expect(await describeAcls('CERTIFIED', cluster.clientCertificate('alice'))).toMatch(/authoriz/i);
  expect(await describeAcls('CERTIFIED', cluster.clientCertificate('admin'))).toBe('answered');
  expect(await describeAcls('INNER', 'admin')).toMatch(/authoriz/i);
  // Nodes sign in to each other as "node", and a broker is "Broker:1" to the controller, to which it forwards
  // what clients ask: where clients come in, users of these names are like any other.
  for (const user of ['node', 'Broker:1'] as const) {
    expect(await describeAcls('INNER', user)).toMatch(/authoriz/i);
    const admin = kafkaOf({ brokers: cluster.bootstrapOf('INNER'), user, password: USERS[user] }).admin();
    await admin.connect();
    await expect(admin.createTopics({ topics: [{ topic: 'theirs' }] })).rejects.toMatchObject({
      errors: [expect.objectContaining({ type: 'TOPIC_AUTHORIZATION_FAILED' })],
    });
    await admin.disconnect();
  }
  expect(await describeAcls('CERTIFIED', cluster.clientCertificate('node'))).toMatch(/authoriz/i);
});

describe('a client certificate', () => {
  test('is who its client is', async () => {
    expect(await describeAcls('CERTIFIED', cluster.clientCertificate('admin'))).toBe('answered');
    expect(await describeAcls('OPTIONAL', cluster.clientCertificate('admin'))).toBe('answered');
    expect(await describeAcls('CERTIFIED', cluster.clientCertificate('bob'))).toMatch(/authoriz/i);
    expect(await describeAcls('OPTIONAL', cluster.clientCertificate('bob'))).toMatch(/authoriz/i);
    // The comma is part of the name, which does not become two names.
    expect(await describeAcls('OPTIONAL', cluster.clientCertificate('bob,CN=admin'))).toMatch(/authoriz/i);
  });

  test('is named by the rules of its listener, and whoever no rule is for is not let in', async () => {
    expect(await describeAcls('MAPPED', cluster.clientCertificate('team admin'))).toBe('answered');
    expect(await describeAcls('MAPPED', cluster.clientCertificate('team bob'))).toMatch(/authoriz/i);
    // The rule turns the whole name into lower case, so it is not the super user CN=admin.
    expect(await describeAcls('MAPPED', cluster.clientCertificate('Team Admin'))).toMatch(/authoriz/i);
    expect(await describeAcls('MAPPED', cluster.clientCertificate('admin'))).not.toMatch(
      /answered|authoriz/i,
    );
    expect(await describeAcls('MAPPED')).toBe('answered');
  });

  test.each(unreadableSubjects)('whose subject %s is refused, and the broker goes on', async (_, subject) => {
    const certificates = createOwn();
    const strange = renamed(certificates.client, certificates.clientAuthority, subject);
    await using own = await startCluster({
      brokers: 1,
      tls: { ...certificates.server, clientAuth: 'required', clientCa: certificates.clientCa },
    });
    const { ca, bootstrap: brokers } = own;
    const admin = (client: ClientCertificate) => kafkaOf({ brokers, ca, client }).admin();
    await expect(admin(strange).connect()).rejects.toThrow();
    const another = admin(certificates.client);
    await another.connect();
    await another.disconnect();
  });

  test('may be missing where it is optional: then the client has no name', async () => {
    expect(await describeAcls('OPTIONAL')).toBe('answered');
    expect(await describeAcls('CERTIFIED')).not.toBe('answered');
  });

  test('of another cluster is refused, where certificates are optional, too', async () => {
    await using other = await startCluster({ tls: { clientAuth: 'required' } });
    const foreign = other.clientCertificate('admin');
    for (const listener of ['OPTIONAL', 'CERTIFIED'])
      expect(await describeAcls(listener, foreign)).not.toMatch(/answered|authoriz/i);
  });

  test('is not to be had where no listener asks for one', async () => {
    await using plain = await startCluster();
    expect(() => plain.clientCertificate('admin')).toThrow('takes certificates of its own client CA');
  });
});

test('rules that are wrong are told at the start', async () => {
  const start = (principalMappingRules: string) =>
    startCluster({ brokers: 1, tls: { clientAuth: 'required', principalMappingRules } });
  await expect(start('RULE:[/x/')).rejects.toThrow(
    /ssl.principal.mapping.rules of the listener CLIENT: the pattern \[: .*missing closing/,
  );
  await expect(startCluster({ tls: { principalMappingRules: 'DEFAULT' } })).rejects.toThrow(
    'tls.principalMappingRules has no effect without tls.clientAuth.',
  );
});

test('certificates and CAs of one’s own are shown and believed', async () => {
  const certificates = createOwn();
  await using own = await startCluster({
    tls: { ...certificates.server, clientAuth: 'required', clientCa: certificates.clientCa },
  });
  expect(own.ca).toBe(certificates.server.ca);
  const { ca, brokers } = { ca: own.ca, brokers: own.bootstrap };
  const admin = kafkaOf({ brokers, ca, client: certificates.client }).admin();
  await admin.connect();
  await admin.disconnect();
  await expect(
    kafkaOf({ brokers, ca, client: cluster.clientCertificate('admin') })
      .admin()
      .connect(),
  ).rejects.toThrow();
  expect(() => own.clientCertificate('admin')).toThrow('takes certificates of its own client CA');
});

test('certificates of one’s own that no client would believe are told at the start', async () => {
  const { server, client } = createOwn();
  const start = (tls: object) => startCluster({ tls: { ...server, ...tls } });
  await expect(start({ key: client.key })).rejects.toThrow(/CLIENT: .*they are no pair/);
  await expect(start({ certificate: client.certificate, key: client.key })).rejects.toThrow(
    /not for servers/,
  );
  await expect(startCluster({ tls: server, advertise: 'vm.example' })).rejects.toThrow(
    /is not for vm\.example/,
  );
});

test('a CA of one’s own signs for the brokers, also with an encrypted key', async () => {
  const { authority, root } = createOwn();
  const passphrase = secret('of-the-key');
  const caKey = createPrivateKey(authority.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();
  const ca = authority.certificate;
  await using own = await startCluster({ brokers: 2, tls: { ca, caKey, passphrase } });
  expect(own.ca).toBe(root);
  const admin = kafkaOf({ brokers: own.bootstrap, ca: root }).admin();
  await admin.connect();
  expect((await admin.describeCluster()).brokers).toHaveLength(2);
  await admin.disconnect();
  const start = (tls: object) => startCluster({ tls: { ca, caKey, ...tls } });
  await expect(start({})).rejects.toThrow(/CLIENT: the key is encrypted, and there is no passphrase/);
  await expect(start({ passphrase: 'wrong' })).rejects.toThrow(
    /CLIENT: the passphrase does not open the key/,
  );
  await expect(start({ certificate: ca })).rejects.toThrow(/caKey belongs to tls\.ca/);
  const { server } = createOwn();
  await expect(startCluster({ tls: { ca: server.certificate, caKey: server.key } })).rejects.toThrow(
    /is no CA/,
  );
  await expect(startCluster({ tls: { passphrase } })).rejects.toThrow(/passphrase has no effect/);
});

test('certificates are exchanged while the cluster runs, and no connection is dropped', async () => {
  const [first, second] = [createOwn(), createOwn()];
  await using own = await startCluster({
    brokers: 2,
    topics: ['orders'],
    tls: { ...first.server, clientAuth: 'required', clientCa: first.clientCa },
  });
  const brokers = own.bootstrap;
  const open = kafkaOf({ brokers, ca: own.ca, client: first.client }).producer();
  let dropped = 0;
  open.on('producer.disconnect', () => dropped++);
  await open.connect();
  const write = () => open.send({ topic: 'orders', messages: [{ value: 'x' }] });
  await write();
  const comesIn = async (ca: string, client: ClientCertificate): Promise<string> => {
    const admin = kafkaOf({ brokers, ca, client }).admin();
    try {
      await admin.connect();
      return 'in';
    } catch {
      return 'out';
    } finally {
      await admin.disconnect();
    }
  };
  await own.changeCertificates(second.server);
  expect(own.ca).toBe(second.server.ca);
  expect(await comesIn(second.server.ca, first.client)).toBe('in');
  expect(await comesIn(first.server.ca, first.client)).toBe('out');
  await own.changeCertificates({ clientCa: second.clientCa });
  expect(await comesIn(second.server.ca, second.client)).toBe('in');
  expect(await comesIn(second.server.ca, first.client)).toBe('out');
  await write();
  expect(dropped).toBe(0);
  // The change reaches brokers that start later too.
  await own.restart(1);
  await own.restart(2);
  expect(await comesIn(second.server.ca, second.client)).toBe('in');

  await expect(own.changeCertificates({ ...first.server, key: second.server.key })).rejects.toThrow(
    /CLIENT: .*they are no pair/,
  );
  await expect(own.changeCertificates({ ca: first.root })).rejects.toThrow(/one of them is missing/);
  await expect(own.changeCertificates({})).rejects.toThrow(/says nothing that changes/);
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  await expect(own.changeCertificates({ clientCa: broken })).rejects.toThrow(/no certificate/);
  await expect(own.changeCertificates(second.server, 'INNER')).rejects.toThrow(/has no listener "INNER"/);
  expect(await comesIn(second.server.ca, second.client)).toBe('in');
  await open.disconnect();
});

test('a data folder keeps its CA, in a file of its owner alone; with another name its certificate alone is another', async () => {
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
    const wider = await caOf('kafka.test');
    expect(wider).not.toBe(first);
    const [before, after] = [first, wider].map((pem) => new X509Certificate(pem ?? ''));
    expect(before && after?.publicKey.equals(before.publicKey)).toBe(true);
    // The new certificate still has the first name.
    expect(await caOf()).toBe(wider);
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
});

/** Makes certificates as another CA would. */
function createOwn() {
  const world = { clock: new NodeClock(), random: new NodeRandom() };
  const serverCa = createCa(world, { commonName: 'Example servers' });
  const clientCa = createCa(world, { commonName: 'Example clients' });
  const names = { commonName: 'localhost', dnsNames: ['localhost'] };
  return {
    server: { ...issue(world, serverCa, { ...names, purposes: ['server'] }), ca: serverCa.certificate },
    clientCa: clientCa.certificate,
    clientAuthority: clientCa,
    authority: serverCa,
    root: serverCa.certificate,
    client: issue(world, clientCa, { commonName: 'admin', purposes: ['client'] }),
  };
}
