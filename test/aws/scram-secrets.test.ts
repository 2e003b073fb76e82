import * as kafka from '@aws-sdk/client-kafka';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AdminError } from '../../src/control/rebalance/cluster-admin.ts';
import { eventually } from '../support/millrace.ts';
import { secret as unsaid } from '../support/secrets/secret.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * Secrets that let users sign in to a cluster, through MSK's API; the brokers are a list of what they were
 * told.
 */

let api: ApiHarness;
let manager: secrets.SecretsManagerClient;
let keys: kms.KMSClient;
let access: FakeAccess;
let ClusterArn: string;
let KmsKeyId: string;

beforeEach(async () => {
  access = new FakeAccess([]);
  api = await ApiHarness.start(() => access);
  connect();
  ClusterArn = await createCluster('orders');
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  KmsKeyId = KeyMetadata?.KeyId ?? '';
});
afterEach(async () => {
  manager.destroy();
  keys.destroy();
  await api[Symbol.asyncDispose]();
});

function connect(): void {
  const options = {
    endpoint: api.control.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
  manager = new secrets.SecretsManagerClient(options);
  keys = new kms.KMSClient(options);
}

async function restart(): Promise<void> {
  await api.restart();
  connect();
}

async function createCluster(name: string): Promise<string> {
  const { ClusterArn: arn = '' } = await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: name,
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
      ClientAuthentication: { Sasl: { Scram: { Enabled: true } } },
    }),
  );
  await api.control.settled();
  return arn;
}

async function secret(user: string, more: Partial<secrets.CreateSecretCommandInput> = {}): Promise<string> {
  const { ARN = '' } = await manager.send(
    new secrets.CreateSecretCommand({
      Name: `AmazonMSK_${user}`,
      KmsKeyId,
      SecretString: login(user, unsaid(user)),
      ...more,
    }),
  );
  return ARN;
}

const login = (username: string, password: string) => JSON.stringify({ username, password });

async function associate(...SecretArnList: string[]) {
  const { UnprocessedScramSecrets } = await api.aws.send(
    new kafka.BatchAssociateScramSecretCommand({ ClusterArn, SecretArnList }),
  );
  return UnprocessedScramSecrets ?? [];
}

async function dissociate(...SecretArnList: string[]) {
  const { UnprocessedScramSecrets } = await api.aws.send(
    new kafka.BatchDisassociateScramSecretCommand({ ClusterArn, SecretArnList }),
  );
  return UnprocessedScramSecrets ?? [];
}

async function brokersKnow(users: Record<string, string>): Promise<void> {
  await eventually(`the brokers know ${Object.keys(users).join()} alone`, () => {
    const known = Object.fromEntries(access.users);
    return (
      JSON.stringify(known, Object.keys(known).sort()) === JSON.stringify(users, Object.keys(users).sort())
    );
  });
}

describe('users of a cluster', () => {
  test('are those of its secrets, as the secrets change, are deleted, restored and dissociated', async () => {
    const alice = await secret('alice');
    const bob = await secret('bob');
    expect(await associate(alice, bob)).toEqual([]);
    await brokersKnow({ alice: unsaid('alice'), bob: unsaid('bob') });
    const { SecretArnList } = await api.aws.send(new kafka.ListScramSecretsCommand({ ClusterArn }));
    expect(SecretArnList).toEqual([alice, bob].sort());

    await manager.send(
      new secrets.PutSecretValueCommand({ SecretId: alice, SecretString: login('alice', 'changed') }),
    );
    await brokersKnow({ alice: 'changed', bob: unsaid('bob') });
    await manager.send(
      new secrets.UpdateSecretCommand({ SecretId: alice, SecretString: login('alicia', 'changed') }),
    );
    await brokersKnow({ alicia: 'changed', bob: unsaid('bob') });

    await manager.send(new secrets.DeleteSecretCommand({ SecretId: bob }));
    await brokersKnow({ alicia: 'changed' });
    await manager.send(new secrets.RestoreSecretCommand({ SecretId: bob }));
    await brokersKnow({ alicia: 'changed', bob: unsaid('bob') });

    expect(await dissociate(alice)).toEqual([]);
    await brokersKnow({ bob: unsaid('bob') });
    await manager.send(new secrets.DeleteSecretCommand({ SecretId: bob, ForceDeleteWithoutRecovery: true }));
    await brokersKnow({});
    expect(await dissociate(bob)).toEqual([]);
    const { SecretArnList: left } = await api.aws.send(new kafka.ListScramSecretsCommand({ ClusterArn }));
    expect(left).toEqual([]);
  });

  test('of which one is changed are not given again to the brokers', async () => {
    const alice = await secret('alice');
    await associate(alice, await secret('bob'));
    await brokersKnow({ alice: unsaid('alice'), bob: unsaid('bob') });
    access.given.length = 0;
    await manager.send(
      new secrets.PutSecretValueCommand({ SecretId: alice, SecretString: login('alice', 'changed') }),
    );
    await brokersKnow({ alice: 'changed', bob: unsaid('bob') });
    expect(access.given).toEqual(['alice']);
  });

  test('are more than one request to the brokers takes', async () => {
    const names = Array.from({ length: 45 }, (_, index) => `user${index}`);
    const arns = await Promise.all(names.map((name) => secret(name)));
    for (let from = 0; from < arns.length; from += 10) await associate(...arns.slice(from, from + 10));
    await brokersKnow(Object.fromEntries(names.map((name) => [name, unsaid(name)])));
    const first = await api.aws.send(new kafka.ListScramSecretsCommand({ ClusterArn, MaxResults: 40 }));
    const rest = await api.aws.send(
      new kafka.ListScramSecretsCommand({ ClusterArn, MaxResults: 40, NextToken: first.NextToken }),
    );
    expect([...(first.SecretArnList ?? []), ...(rest.SecretArnList ?? [])]).toEqual(arns.sort());
  });

  test('are forgotten with the cluster', async () => {
    await associate(await secret('alice'));
    await brokersKnow({ alice: unsaid('alice') });
    await api.aws.send(new kafka.DeleteClusterCommand({ ClusterArn }));
    await eventually('it is gone', () => api.control.store.clusters.all().length === 0);
    await restart();
    expect(api.control.store.clusters.scram.clusters()).toEqual([]);
  });
});

describe('when the control plane dies', () => {
  const gone = new AdminError('the control plane died', { retriable: true });

  test('before the brokers know a user, the next one tells them', async () => {
    access.failure = gone;
    await associate(await secret('alice'));
    await eventually('it was tried', () => access.attempts > 0);
    await restart();
    access.failure = null;
    await brokersKnow({ alice: unsaid('alice') });
  });

  test('after the brokers knew a user and before that was stored, the user is still taken away', async () => {
    access.failureAfter = gone;
    const alice = await secret('alice');
    await associate(alice);
    await brokersKnow({ alice: unsaid('alice') });
    await manager.send(
      new secrets.DeleteSecretCommand({ SecretId: alice, ForceDeleteWithoutRecovery: true }),
    );
    await restart();
    access.failureAfter = null;
    await brokersKnow({});
  });

  test('before a user was taken away, the next one does it', async () => {
    const alice = await secret('alice');
    await associate(alice);
    await brokersKnow({ alice: unsaid('alice') });
    access.failure = gone;
    await dissociate(alice);
    await restart();
    access.failure = null;
    await brokersKnow({});
  });
});

describe('a secret is left unprocessed, and the others are associated, when', () => {
  const refusals: [string, () => Promise<string>, string][] = [
    [
      'its name has another prefix',
      () => secret('x', { Name: 'other' }),
      "The provided secret arn cannot be used with Amazon MSK. Secret names must have the prefix 'AmazonMSK_'",
    ],
    [
      'it does not exist',
      async () => 'arn:aws:secretsmanager:us-east-1:000000000000:secret:AmazonMSK_none-AbCdEf',
      "Amazon MSK wasn't able to access the provided secret.",
    ],
    [
      'it is to be deleted',
      async () => {
        const SecretId = await secret('x');
        await manager.send(new secrets.DeleteSecretCommand({ SecretId }));
        return SecretId;
      },
      "Amazon MSK wasn't able to access the provided secret.",
    ],
    [
      'it is under the key of AWS',
      () => secret('x', { KmsKeyId: undefined }),
      "The provided secret is encrypted with the default key. You can't use this secret with Amazon MSK.",
    ],
    [
      'it holds no login',
      () => secret('x', { SecretString: '{"username":"x"}' }),
      'The provided secret must be a JSON object with the members username and password, both not empty.',
    ],
    [
      'another secret has its user',
      async () => {
        await associate(await secret('y'));
        return secret('x', { SecretString: login('y', 'other') });
      },
      'Another secret of this cluster has the same user name.',
    ],
  ];
  test.each(refusals)('%s', async (_, refused, ErrorMessage) => {
    const SecretArn = await refused();
    const good = await secret('good');
    expect(await associate(SecretArn, good)).toEqual([
      { SecretArn, ErrorCode: 'InvalidSecretArn', ErrorMessage },
    ]);
    const { SecretArnList = [] } = await api.aws.send(new kafka.ListScramSecretsCommand({ ClusterArn }));
    expect(SecretArnList).toContain(good);
    expect(SecretArnList).not.toContain(SecretArn);
  });

  test('it is not associated and is to be dissociated', async () => {
    const alice = await secret('alice');
    expect(await dissociate(alice)).toMatchObject([{ SecretArn: alice, ErrorCode: 'InvalidSecretArn' }]);
  });
});

test('a secret that has no policy lets MSK read it from then on', async () => {
  const alice = await secret('alice');
  await associate(alice);
  const { ResourcePolicy = '' } = await manager.send(
    new secrets.GetResourcePolicyCommand({ SecretId: alice }),
  );
  expect(JSON.parse(ResourcePolicy)).toMatchObject({
    Statement: [{ Sid: 'AWSKafkaResourcePolicy', Principal: { Service: 'kafka.amazonaws.com' } }],
  });
});
