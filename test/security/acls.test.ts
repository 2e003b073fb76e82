import { connect } from 'node:net';
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
import { silent } from '../../src/base/log.ts';
import { startCluster } from '../../src/index.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { NodeUnderFire } from '../fuzz/node-under-fire.ts';
import { kafkaTool } from '../support/kafka-tools.ts';

/**
 * ACLs as unmodified clients set them and are limited by them. Nobody signs in here, so clients differ by
 * address.
 */
const STANDARD = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
/** Every address of 127.0.0.0/8 is this machine. */
const HOME = '127.0.0.1';
const STRANGER = '127.0.0.2';

let cluster: Awaited<ReturnType<typeof startCluster>>;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 1,
    config: { 'authorizer.class.name': STANDARD, 'allow.everyone.if.no.acl.found': 'true' },
  });
});

afterAll(() => cluster?.stop());

function client(localAddress: string): Kafka {
  return new Kafka({
    brokers: cluster.bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 60_000,
    retry: { retries: 0 },
    socketFactory: ({ host, port, onConnect }) => connect({ host, port, localAddress }, onConnect),
  });
}

const acl = {
  resourceType: AclResourceTypes.TOPIC,
  resourceName: 'orders',
  resourcePatternType: ResourcePatternTypes.LITERAL,
  principal: 'User:ANONYMOUS',
  host: HOME,
  operation: AclOperationTypes.ALL,
  permissionType: AclPermissionTypes.ALLOW,
};

const endpoints = (bootstrap: string) =>
  bootstrap.split(',').map((address) => {
    const [host = '', port = ''] = address.split(':');
    return { host, port: Number(port) };
  });

async function produce(from: string, topic: string): Promise<string> {
  const producer = client(from).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ value: 'x' }] });
    return 'written';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await producer.disconnect();
  }
}

describe('ACLs of a cluster with the authorizer', () => {
  test('the first ACL of a topic closes it to everybody else, and its deletion opens it', async () => {
    const admin = client(HOME).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders' }, { topic: 'payments' }] });
    expect(await produce(STRANGER, 'orders')).toBe('written');
    await admin.createAcls({ acl: [acl] });
    expect(await produce(STRANGER, 'orders')).toContain('Topic authorization failed');
    expect(await produce(HOME, 'orders')).toBe('written');
    expect(await produce(STRANGER, 'payments')).toBe('written');

    const stranger = client(STRANGER).admin();
    await stranger.connect();
    expect(await stranger.listTopics()).toEqual(['payments']);
    await stranger.disconnect();

    const everything = { ...acl, resourcePatternType: ResourcePatternTypes.ANY };
    const { resources } = await admin.describeAcls(everything);
    expect(resources).toEqual([
      expect.objectContaining({
        resourceName: 'orders',
        acls: [expect.objectContaining({ principal: 'User:ANONYMOUS', host: HOME })],
      }),
    ]);
    await admin.deleteAcls({ filters: [everything] });
    expect(await produce(STRANGER, 'orders')).toBe('written');
    await admin.disconnect();
  });

  test('a member of a group whose topic it may not see is told so', async () => {
    const admin = client(STRANGER).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'hidden' }] });
    const onHidden = { ...acl, resourceName: 'hidden', permissionType: AclPermissionTypes.DENY };
    await admin.createAcls({ acl: [onHidden] });
    const own = new KafkaClient(nodeWorld(silent), {
      bootstrap: endpoints(cluster.bootstrap),
      clientId: 'own',
    });
    try {
      const member = own.consumer({ groupId: 'curious' });
      member.subscribe(['hidden']);
      await expect(member.poll(20_000)).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
    } finally {
      await own.close();
      await admin.deleteAcls({ filters: [onHidden] });
      await admin.disconnect();
    }
  });

  test('who may not alter the cluster changes no ACL', async () => {
    const onCluster = { ...acl, resourceType: AclResourceTypes.CLUSTER, resourceName: 'kafka-cluster' };
    const admin = client(HOME).admin();
    const stranger = client(STRANGER).admin();
    await Promise.all([admin.connect(), stranger.connect()]);
    await admin.createAcls({ acl: [onCluster] });
    await expect(stranger.createAcls({ acl: [acl] })).rejects.toMatchObject({
      type: 'CLUSTER_AUTHORIZATION_FAILED',
    });
    await expect(stranger.describeAcls(onCluster)).rejects.toMatchObject({
      type: 'CLUSTER_AUTHORIZATION_FAILED',
    });
    await admin.deleteAcls({ filters: [onCluster] });
    await Promise.all([admin.disconnect(), stranger.disconnect()]);
  });

  test.skipIf(!kafkaJars('tools'))('kafka-acls adds, lists and removes', async () => {
    const tool = async (...args: string[]) => {
      const { stdout, stderr } = await kafkaTool('kafka-acls', [
        '--bootstrap-server',
        cluster.bootstrap,
        ...args,
      ]);
      return stdout + stderr;
    };
    const user = [
      '--allow-principal',
      'User:alice',
      '--operation',
      'Read',
      '--topic',
      'team-',
      '--resource-pattern-type',
      'prefixed',
    ];
    expect(await tool('--add', ...user)).toContain(
      '(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)',
    );
    expect(await tool('--list', '--topic', 'team-events', '--resource-pattern-type', 'match')).toContain(
      'resourceType=TOPIC, name=team-, patternType=PREFIXED',
    );
    await tool('--remove', '--force', ...user);
    expect(await tool('--list')).not.toContain('team-');
  });
});

test('ACLs of the cluster shut no node and no control plane out, also where a broker forwards what they ask', async () => {
  const node = await NodeUnderFire.start({
    'authorizer.class.name': STANDARD,
    'allow.everyone.if.no.acl.found': 'true',
  });
  const client = await node.connect('CLIENT');
  const peer = await node.connect('REPLICATION');
  const creation = {
    resourceType: AclResourceTypes.CLUSTER,
    resourceName: 'kafka-cluster',
    principal: 'User:owner',
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.ALLOW,
  };
  // Where there is no error the messages are empty, as Apache Kafka leaves them in these answers.
  const { results } = await client.send(apis.createAcls, { creations: [creation] });
  expect(results).toEqual([{ errorCode: 0, errorMessage: '' }]);
  const asks = async (connection: typeof client) => {
    const users = await connection.send(apis.describeUserScramCredentials, { users: null });
    const made = await connection.send(apis.createAcls, { creations: [creation] });
    const [one = users] = made.results;
    return [users, one].map(({ errorCode, errorMessage }) => [errorName(errorCode), errorMessage]);
  };
  const denied = ['CLUSTER_AUTHORIZATION_FAILED', null];
  expect(await asks(client)).toEqual([denied, denied]);
  expect(await asks(peer)).toEqual([
    ['NONE', ''],
    ['NONE', ''],
  ]);
  client.close();
  peer.close();
  await node.stop();
  expect(node.failures).toEqual([]);
});

test('without an authorizer requests about ACLs say so', async () => {
  await using open = await startCluster({ brokers: 1 });
  const admin = new Kafka({ brokers: open.bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await expect(admin.createAcls({ acl: [acl] })).rejects.toMatchObject({ type: 'SECURITY_DISABLED' });
  await expect(admin.describeAcls(acl)).rejects.toMatchObject({ type: 'SECURITY_DISABLED' });
  await admin.disconnect();
});
