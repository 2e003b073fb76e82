import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
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
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { startCluster } from '../../src/index.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { endsWithThis } from '../support/ends-with-this.ts';
import { hasCommand, kafkaTool, kcat } from '../support/kafka-tools.ts';
import { eventually } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';

/** SCRAM with unmodified clients, and the rights of signed-in users. */
const USERS = { admin: secret('admin'), alice: `${secret('alice')}, the first = 1`, bob: secret('bob') };
type User = keyof typeof USERS;

let cluster: Awaited<ReturnType<typeof startCluster>>;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 1,
    signIn: 'scram',
    users: USERS,
    topics: ['orders', 'payments'],
    config: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': true,
      'super.users': 'User:admin',
    },
  });
});

afterAll(() => cluster?.stop());

function kafkaOf(
  user: string,
  password: string,
  mechanism: 'scram-sha-256' | 'scram-sha-512' = 'scram-sha-512',
): Kafka {
  return new Kafka({
    brokers: [...cluster.brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    retry: { retries: 0 },
    sasl:
      mechanism === 'scram-sha-256'
        ? { mechanism, username: user, password }
        : { mechanism, username: user, password },
  });
}

async function attempt(user: User, topic: string): Promise<string> {
  const producer = kafkaOf(user, USERS[user]).producer();
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ value: `of ${user}` }] });
    return 'written';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await producer.disconnect();
  }
}

describe('kafkajs', () => {
  test.each(['scram-sha-256', 'scram-sha-512'] as const)(
    'signs in by %s, and with a wrong password does not',
    async (mechanism) => {
      const admin = kafkaOf('alice', USERS.alice, mechanism).admin();
      await admin.connect();
      expect((await admin.listTopics()).sort()).toEqual(['orders', 'payments']);
      await admin.disconnect();
      for (const [user, password] of [
        ['alice', 'wrong'],
        ['nobody', 'wrong'],
      ] as const)
        await expect(kafkaOf(user, password, mechanism).admin().connect()).rejects.toThrow(
          /Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-/,
        );
    },
  );

  test('who does not sign in learns nothing', async () => {
    const open = new Kafka({
      brokers: [...cluster.brokers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      retry: { retries: 0 },
    });
    const admin = open.admin();
    await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow();
    await admin.disconnect();
    const plain = new Kafka({
      brokers: [...cluster.brokers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 60_000,
      retry: { retries: 0 },
      sasl: { mechanism: 'plain', username: 'alice', password: USERS.alice },
    });
    await expect(plain.admin().connect()).rejects.toThrow(/does not support the requested SASL mechanism/);
  });
});

describe.skipIf(!hasCommand('kcat'))('kcat', () => {
  const args = (user: string, password: string) => [
    ...[
      '-b',
      cluster.bootstrap,
      '-X',
      'security.protocol=SASL_PLAINTEXT',
      '-X',
      'sasl.mechanism=SCRAM-SHA-512',
    ],
    ...['-X', `sasl.username=${user}`, '-X', `sasl.password=${password}`],
  ];

  test('writes and reads as bob', async () => {
    const written = await kcat([...args('bob', USERS.bob), '-P', '-t', 'kcat'], { stdin: 'hello\n' });
    expect(written.status, written.stderr).toBe(0);
    const read = await kcat([...args('bob', USERS.bob), '-C', '-t', 'kcat', '-e', '-q']);
    expect(read.stdout).toBe('hello\n');
  });

  test('is refused with a wrong password', async () => {
    // It tries again until its time is over: what it says of the first time is enough.
    const child = endsWithThis(spawn('kcat', [...args('bob', 'wrong'), '-L', '-m', '240']));
    let [told, listed] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    child.stdout.on('data', (chunk: Buffer) => {
      listed += chunk.toString();
    });
    const ended = new Promise((done) => child.once('close', done));
    const refusal = 'invalid credentials with SASL mechanism SCRAM-SHA-512';
    await eventually('kcat is refused', () => told.includes(refusal));
    child.kill('SIGKILL');
    await ended;
    expect(listed).toBe('');
  });
});

describe.skipIf(!kafkaJars('tools'))('Apache Kafka’s tools', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-scram-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function configOf(user: string, password: string): string {
    const file = join(folder, `${user}.properties`);
    writeFileSync(
      file,
      `security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";\n`,
    );
    return file;
  }

  async function tool(user: string, password: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await kafkaTool('kafka-configs', [
      ...['--bootstrap-server', cluster.bootstrap, '--command-config', configOf(user, password)],
      ...args,
    ]);
    return stdout + stderr;
  }

  test('kafka-configs makes, describes and deletes a user, who can sign in meanwhile', async () => {
    const user = ['--entity-type', 'users', '--entity-name', 'carol'];
    const made = await tool(
      'admin',
      USERS.admin,
      '--alter',
      ...user,
      '--add-config',
      `SCRAM-SHA-256=[iterations=8192,password=${secret('carol')}]`,
    );
    expect(made).toContain('Completed updating config for user carol');
    expect(await tool('carol', secret('carol'), '--describe', ...user)).toContain(
      'SCRAM-SHA-256=iterations=8192',
    );
    await tool('admin', USERS.admin, '--alter', ...user, '--delete-config', 'SCRAM-SHA-256');
    await expect(kafkaOf('carol', secret('carol'), 'scram-sha-256').admin().connect()).rejects.toThrow(
      'invalid credentials',
    );
  });
});

test('three users share a cluster; ACLs close exactly what one of them must not read', async () => {
  expect(await attempt('bob', 'payments')).toBe('written');
  const admin = kafkaOf('admin', USERS.admin).admin();
  await admin.connect();
  await admin.createAcls({
    acl: [
      {
        resourceType: AclResourceTypes.TOPIC,
        resourceName: 'payments',
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: 'User:alice',
        host: '*',
        operation: AclOperationTypes.ALL,
        permissionType: AclPermissionTypes.ALLOW,
      },
    ],
  });
  expect(await attempt('bob', 'payments')).toContain('Topic authorization failed');
  expect(await attempt('alice', 'payments')).toBe('written');
  expect(await attempt('bob', 'orders')).toBe('written');
  // A super user needs no ACLs.
  expect(await attempt('admin', 'payments')).toBe('written');
  const bob = kafkaOf('bob', USERS.bob).admin();
  await bob.connect();
  expect(await bob.listTopics()).not.toContain('payments');
  await Promise.all([bob.disconnect(), admin.disconnect()]);
});

/**
 * Sends frames of a client that is not signed in; resolves with the bytes that came until the broker closed
 * the connection.
 */
function exchange(...frames: Buffer[]): Promise<Buffer> {
  const [host = '', port = ''] = cluster.bootstrap.split(':');
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), host, () => {
      for (const frame of frames) socket.write(frame);
    });
    socket.on('data', (bytes) => received.push(bytes));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

function frame(apiKey: number, apiVersion: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = new Writer();
  header.int16(apiKey);
  header.int16(apiVersion);
  header.int32(7);
  header.int16(-1);
  const whole = Buffer.concat([header.done(), body]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(whole.length);
  return Buffer.concat([length, whole]);
}

test.each([
  ['Produce', 0, 9],
  ['Metadata', 3, 4],
  ['SaslAuthenticate before SaslHandshake', 36, 0],
  ['DescribeAcls', 29, 1],
  ['CreateTopics', 19, 2],
])('%s of a client that is not signed in ends its connection without an answer', async (_, key, version) => {
  expect(await exchange(frame(key, version, Buffer.alloc(64)))).toHaveLength(0);
});
