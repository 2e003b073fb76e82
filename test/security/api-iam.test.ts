import * as iam from '@aws-sdk/client-iam';
import * as aws from '@aws-sdk/client-kafka';
import * as sts from '@aws-sdk/client-sts';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { bearerMessage } from '../../src/security/iam/testing/signed-messages.ts';
import { eventually } from '../support/millrace.ts';

/**
 * A cluster that CreateCluster makes with IAM: users, keys, policies and roles of IAM's API decide who signs
 * in to its brokers and what for. Signatures are those of AWS's own signer.
 */

interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
/** What a busy machine needs for three brokers. */
const SLOW_MS = 240_000;

let millrace: StartedCluster;
let users: iam.IAMClient;
let clusters: aws.KafkaClient;
let bootstrap: string;
let clusterArn: string;
let ca: string;

const options = (credentials: Signer = { accessKeyId: 'any', secretAccessKey: 'any' }) => ({
  endpoint: millrace.api ?? '',
  region: REGION,
  credentials,
});

beforeAll(async () => {
  millrace = await startCluster({ brokers: 1, api: true });
  users = new iam.IAMClient(options());
  clusters = new aws.KafkaClient(options());
  const { ClusterArn = '' } = await clusters.send(
    new aws.CreateClusterCommand({
      ClusterName: 'signed',
      KafkaVersion: '4.1.x.kraft',
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b'] },
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } } },
    }),
  );
  clusterArn = ClusterArn;
  await eventually('the cluster is ACTIVE', async () => {
    const { ClusterInfo } = await clusters.send(new aws.DescribeClusterCommand({ ClusterArn }));
    expect(ClusterInfo?.State, ClusterInfo?.StateInfo?.Message).not.toBe('FAILED');
    return ClusterInfo?.State === 'ACTIVE';
  });
  const strings = await clusters.send(new aws.GetBootstrapBrokersCommand({ ClusterArn }));
  bootstrap = strings.BootstrapBrokerStringSaslIam ?? '';
  ca = await (await fetch(`${millrace.api}/ca.pem`)).text();
  await clusters.send(
    new aws.CreateTopicCommand({
      ClusterArn,
      TopicName: 'orders',
      PartitionCount: 1,
      ReplicationFactor: 1,
    }),
  );
}, SLOW_MS);

afterAll(async () => {
  users?.destroy();
  clusters?.destroy();
  await millrace?.[Symbol.asyncDispose]();
}, SLOW_MS);

function allow(action: string, resource = '*'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
  });
}

let next = 0;
let name: string;
let key: Signer;

beforeEach(async () => {
  name = `user-${next++}`;
  await users.send(new iam.CreateUserCommand({ UserName: name }));
  const { AccessKey } = await users.send(new iam.CreateAccessKeyCommand({ UserName: name }));
  key = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
});

const putPolicy = (PolicyDocument: string) =>
  users.send(new iam.PutUserPolicyCommand({ UserName: name, PolicyName: 'own', PolicyDocument }));

function producer(who: Signer, brokers = bootstrap.split(',')): Producer {
  const token = async () => {
    const host = `kafka.${REGION}.amazonaws.com`;
    const message = (await bearerMessage({ host, region: REGION, at: Date.now(), ...who })).toString();
    return { value: /Bearer ([\w-]+)/.exec(message)?.[1] ?? '' };
  };
  const kafka = new Kafka({
    brokers,
    ssl: { ca: [ca] },
    logLevel: logLevel.NOTHING,
    ...{ connectionTimeout: 60_000, authenticationTimeout: 60_000, requestTimeout: 60_000 },
    sasl: { mechanism: 'oauthbearer', oauthBearerProvider: token },
    retry: { retries: 0 },
  });
  return kafka.producer();
}

/** Null when the record is there; what the client says otherwise. */
async function refusal(who: Signer, brokers?: string[]): Promise<string | null> {
  const one = producer(who, brokers);
  try {
    await one.connect();
    await one.send({ topic: 'orders', messages: [{ value: 'of a user' }] });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await one.disconnect();
  }
}

/** Changes reach brokers within a second, one after the other, and nothing says when. */
const letsIn = (who: Signer) =>
  eventually('every broker lets it in', async () => {
    const told = await Promise.all(bootstrap.split(',').map((broker) => refusal(who, [broker])));
    return told.every((why) => why === null);
  });
const keepsOut = (who: Signer, why: RegExp) =>
  eventually('it is kept out', async () => why.test((await refusal(who)) ?? ''));

test('a user writes once its policy allows it, and not when its key is inactive', {
  timeout: SLOW_MS,
}, async () => {
  await keepsOut(key, /Access denied/);
  await putPolicy(allow('kafka-cluster:Connect'));
  await keepsOut(key, /not authorized|does not host/i);
  await putPolicy(allow('kafka-cluster:*'));
  await letsIn(key);
  expect(await refusal({ ...key, secretAccessKey: `${key.secretAccessKey}x` })).toMatch(/Access denied/);
  await users.send(
    new iam.UpdateAccessKeyCommand({ UserName: name, AccessKeyId: key.accessKeyId, Status: 'Inactive' }),
  );
  await keepsOut(key, /Access denied/);
});

test('a connection that is open loses its rights with its key', { timeout: SLOW_MS }, async () => {
  await putPolicy(allow('kafka-cluster:*'));
  await letsIn(key);
  const open = producer(key);
  await open.connect();
  const send = () =>
    open.send({ topic: 'orders', messages: [{ value: 'on an open connection' }] }).then(
      () => true,
      () => false,
    );
  expect(await send()).toBe(true);
  await users.send(new iam.DeleteAccessKeyCommand({ UserName: name, AccessKeyId: key.accessKeyId }));
  await eventually('it may write no more', async () => !(await send()));
  await open.disconnect();
});

test('who assumed a role has its rights, within the policy of the session', {
  timeout: SLOW_MS,
}, async () => {
  const RoleName = `role-of-${name}`;
  const user = `arn:aws:iam::${ACCOUNT}:user/${name}`;
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: user }, Action: 'sts:AssumeRole' }],
  });
  await users.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await users.send(
    new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument: allow('kafka-cluster:*') }),
  );
  const client = new sts.STSClient(options(key));
  const assume = async (Policy?: string): Promise<Signer> => {
    const { Credentials } = await client.send(
      new sts.AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}`,
        RoleSessionName: 'nightly',
        Policy,
      }),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
  };
  const session = await assume();
  await letsIn(session);
  expect(await refusal(await assume(allow('kafka-cluster:Connect', clusterArn)))).toMatch(
    /not authorized|does not host/i,
  );
  await users.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }));
  await users.send(new iam.DeleteRoleCommand({ RoleName }));
  await keepsOut(session, /Access denied/);
  client.destroy();
});
