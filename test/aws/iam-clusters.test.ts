import * as iam from '@aws-sdk/client-iam';
import * as kafka from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseDirectory } from '../../src/security/iam/directory-file.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** Clusters where clients sign in by IAM, and what their brokers are given of IAM's users and roles. */

let api: ApiHarness;
let aws: iam.IAMClient;

beforeEach(async () => {
  api = await ApiHarness.start(() => new FakeAccess([]));
  connect();
});
afterEach(async () => {
  aws.destroy();
  await api[Symbol.asyncDispose]();
});

function connect(): void {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  aws = new iam.IAMClient({ endpoint: api.control.url, region: 'us-east-1', credentials, maxAttempts: 1 });
}

/** Resolves with its ARN. */
async function create(ClusterName: string, Enabled: boolean): Promise<string> {
  const { ClusterArn = '' } = await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName,
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
      ClientAuthentication: { Sasl: { Iam: { Enabled } }, Unauthenticated: { Enabled: !Enabled } },
    }),
  );
  await api.control.settled();
  return ClusterArn;
}

/** What the brokers of a cluster were last given. */
const directory = (cluster: string) => parseDirectory(api.engine.directories.get(cluster) ?? '');

const PATIENCE = { timeout: 120_000, interval: 20 };

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kafka-cluster:*', Resource: '*' }],
});

/** Resolves with the id of its key. */
async function userWithKey(UserName: string): Promise<string> {
  await aws.send(new iam.CreateUserCommand({ UserName }));
  const { AccessKey } = await aws.send(new iam.CreateAccessKeyCommand({ UserName }));
  return AccessKey?.AccessKeyId ?? '';
}

test('the bootstrap brokers and the description of a cluster say that clients sign in by IAM', async () => {
  const ClusterArn = await create('signed', true);
  const strings = await api.aws.send(new kafka.GetBootstrapBrokersCommand({ ClusterArn }));
  expect(strings.BootstrapBrokerStringSaslIam).toBe('localhost:9098,localhost:9108,localhost:9118');
  expect(strings.BootstrapBrokerStringTls).toBeUndefined();
  const { ClusterInfo } = await api.aws.send(new kafka.DescribeClusterV2Command({ ClusterArn }));
  expect(ClusterInfo?.Provisioned?.ClientAuthentication).toEqual({
    Sasl: { Scram: { Enabled: false }, Iam: { Enabled: true } },
    Unauthenticated: { Enabled: false },
  });
});

describe('brokers are given', () => {
  test('users, keys and policies at once, and only in clusters where clients sign in by IAM', async () => {
    const arn = await create('signed', true);
    await create('open', false);
    const key = await userWithKey('orders');
    await aws.send(
      new iam.PutUserPolicyCommand({ UserName: 'orders', PolicyName: 'own', PolicyDocument: POLICY }),
    );
    const { Policy } = await aws.send(
      new iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: POLICY }),
    );
    await aws.send(new iam.AttachUserPolicyCommand({ UserName: 'orders', PolicyArn: Policy?.Arn }));
    const user = 'arn:aws:iam::000000000000:user/orders';
    await vi.waitFor(
      () =>
        expect(directory('signed').policies(user)).toEqual([
          { name: 'own', document: POLICY },
          { name: 'arn:aws:iam::000000000000:policy/shared', document: POLICY },
        ]),
      PATIENCE,
    );
    const { accessKey, account, region, clusterArn } = directory('signed');
    expect(accessKey(key)).toMatchObject({ active: true, principalArn: user });
    expect({ account, region, clusterArn }).toEqual({
      account: '000000000000',
      region: 'us-east-1',
      clusterArn: arn,
    });
    expect([...api.engine.directories.keys()]).toEqual(['signed']);
  });

  test('the version of a shared policy that counts', async () => {
    await create('signed', true);
    await userWithKey('orders');
    const { Policy } = await aws.send(
      new iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: POLICY }),
    );
    await aws.send(new iam.AttachUserPolicyCommand({ UserName: 'orders', PolicyArn: Policy?.Arn }));
    const denies = POLICY.replace('Allow', 'Deny');
    await aws.send(
      new iam.CreatePolicyVersionCommand({
        PolicyArn: Policy?.Arn,
        PolicyDocument: denies,
        SetAsDefault: true,
      }),
    );
    await vi.waitFor(
      () =>
        expect(directory('signed').policies('arn:aws:iam::000000000000:user/orders')).toMatchObject([
          { document: denies },
        ]),
      PATIENCE,
    );
  });

  test('no key that was made inactive or deleted, and no user that was', async () => {
    await create('signed', true);
    const key = await userWithKey('orders');
    const named = { UserName: 'orders', AccessKeyId: key };
    await aws.send(new iam.UpdateAccessKeyCommand({ ...named, Status: 'Inactive' }));
    await vi.waitFor(() => expect(directory('signed').accessKey(key)?.active).toBe(false), PATIENCE);
    await aws.send(new iam.DeleteAccessKeyCommand(named));
    await aws.send(new iam.DeleteUserCommand({ UserName: 'orders' }));
    await vi.waitFor(() => expect(api.engine.directories.get('signed')).not.toContain('orders'), PATIENCE);
    expect(directory('signed').accessKey(key)).toBeNull();
  });

  test('after a restart what they could not be given before, with the key of temporary credentials as it was', async () => {
    await create('signed', true);
    await userWithKey('first');
    await vi.waitFor(() => directory('signed'), PATIENCE);
    const { tokenKey } = directory('signed');
    api.engine.directoryFailure = new Error('the disk is full');
    const key = await userWithKey('orders');
    await vi.waitFor(
      () => expect(api.lines.some(({ message }) => message.startsWith('Brokers do not learn'))).toBe(true),
      PATIENCE,
    );
    api.engine.directoryFailure = null;
    await api.restart();
    connect();
    await vi.waitFor(() => expect(directory('signed').accessKey(key)).not.toBeNull(), PATIENCE);
    expect(directory('signed').tokenKey).toEqual(tokenKey);
  });

  test('a key that was deleted, whatever cluster cannot be told of it', async () => {
    for (const cluster of ['broken', 'signed', 'third']) await create(cluster, true);
    const AccessKeyId = await userWithKey('orders');
    const clusters = ['broken', 'signed', 'third'];
    const knows = (cluster: string) => directory(cluster).accessKey(AccessKeyId) !== null;
    await vi.waitFor(() => expect(clusters.map(knows)).toEqual([true, true, true]), PATIENCE);
    api.engine.directoryFailsFor = 'broken';
    api.engine.directoryFailure = new Error('the disk is full');
    await aws.send(new iam.DeleteAccessKeyCommand({ UserName: 'orders', AccessKeyId }));
    await vi.waitFor(() => expect(clusters.map(knows)).toEqual([true, false, false]), PATIENCE);
    api.engine.directoryFailure = null;
    await vi.waitFor(() => expect(knows('broken')).toBe(false), PATIENCE);
  });

  test('what failed to reach them as soon as it can, without a further change', async () => {
    await create('signed', true);
    api.engine.directoryFailure = new Error('the disk is full');
    const key = await userWithKey('orders');
    api.engine.directoryFailure = null;
    await vi.waitFor(() => expect(directory('signed').accessKey(key)).not.toBeNull(), PATIENCE);
  });
});
