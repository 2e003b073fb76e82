import {
  CreateClusterCommand,
  DeleteClusterPolicyCommand,
  DescribeClusterCommand,
  GetClusterPolicyCommand,
  type KafkaClient,
  NotFoundException,
  PutClusterPolicyCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';

let api: ApiHarness;
let aws: KafkaClient;
let ClusterArn: string;

beforeEach(async () => {
  api = await ApiHarness.start();
  aws = api.aws;
  const made = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m5.large',
        ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
      },
    }),
  );
  ClusterArn = made.ClusterArn ?? '';
  await api.control.settled();
});
afterEach(() => api[Symbol.asyncDispose]());

function policy(account: string, space?: number): string {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: account },
    Action: ['kafka:CreateVpcConnection', 'kafka:GetBootstrapBrokers'],
    Resource: ClusterArn,
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, null, space);
}

async function put(Policy: string, CurrentVersion?: string): Promise<string> {
  const answer = await aws.send(new PutClusterPolicyCommand({ ClusterArn, Policy, CurrentVersion }));
  return answer.CurrentVersion ?? '';
}

const get = () => aws.send(new GetClusterPolicyCommand({ ClusterArn }));
const clusterVersion = async () =>
  (await aws.send(new DescribeClusterCommand({ ClusterArn }))).ClusterInfo?.CurrentVersion;

test('no version may be said with an empty text, as the model of AWS allows, but no policy is replaced by that', async () => {
  const first = await put(policy('111111111111'), '');
  await expect(put(policy('222222222222'), '')).rejects.toMatchObject({ InvalidParameter: 'currentVersion' });
  expect(await get()).toMatchObject({ CurrentVersion: first, Policy: policy('111111111111') });
});

test('a policy is made without a version, changed with the last one, and taken away; the cluster has its own version', async () => {
  const before = await clusterVersion();
  await expect(get()).rejects.toBeInstanceOf(NotFoundException);
  const first = await put(policy('111111111111', 2));
  expect(first).toMatch(/^K[0-9A-Z]{13}$/);
  expect(await get()).toMatchObject({ CurrentVersion: first, Policy: policy('111111111111', 2) });
  const second = await put(policy('222222222222'), first);
  expect(second).not.toBe(first);
  expect(await get()).toMatchObject({ CurrentVersion: second, Policy: policy('222222222222') });
  await aws.send(new DeleteClusterPolicyCommand({ ClusterArn }));
  await expect(get()).rejects.toBeInstanceOf(NotFoundException);
  await expect(aws.send(new DeleteClusterPolicyCommand({ ClusterArn }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
  expect(await put(policy('111111111111'))).not.toBe(first);
  expect(await clusterVersion()).toBe(before);
});

test('a policy that says the same is no change, however it is spelt and whatever version is named', async () => {
  const version = await put(policy('111111111111', 2));
  expect(await put(policy('111111111111'))).toBe(version);
  expect(await put(policy('111111111111'), 'K00000000000000')).toBe(version);
  expect(await get()).toMatchObject({ CurrentVersion: version, Policy: policy('111111111111', 2) });
});

test('a change without the version, or with another one, is refused and changes nothing', async () => {
  const version = await put(policy('111111111111'));
  const wanted = { name: 'BadRequestException', InvalidParameter: 'currentVersion' };
  await expect(put(policy('222222222222'))).rejects.toMatchObject({
    ...wanted,
    message: 'Current cluster policy version needed for Update',
  });
  await expect(put(policy('222222222222'), 'K00000000000000')).rejects.toMatchObject(wanted);
  expect(await get()).toMatchObject({ CurrentVersion: version, Policy: policy('111111111111') });
});

test('what is no policy is refused', async () => {
  for (const text of ['{', '7', '[]', '{}', '{"Statement": 1}'])
    await expect(put(text)).rejects.toMatchObject({
      name: 'BadRequestException',
      InvalidParameter: 'policy',
    });
});

test('another life of the control plane finds the policy as it was', async () => {
  const version = await put(policy('111111111111'));
  aws = await api.restart();
  expect(await get()).toMatchObject({ CurrentVersion: version, Policy: policy('111111111111') });
});
