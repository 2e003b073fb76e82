import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  DescribeClusterV2Command,
  type KafkaClient,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';

let api: ApiHarness;
let aws: KafkaClient;
let arn: string;

beforeEach(async () => {
  api = await ApiHarness.start();
  aws = api.aws;
  arn = await create({ team: 'billing', stage: 'dev' });
});
afterEach(() => api[Symbol.asyncDispose]());

async function create(Tags: Record<string, string>): Promise<string> {
  const { ClusterArn = '' } = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m5.large',
        ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
      },
      Tags,
    }),
  );
  await api.control.settled();
  return ClusterArn;
}

async function tags(): Promise<Record<string, string> | undefined> {
  return (await aws.send(new ListTagsForResourceCommand({ ResourceArn: arn }))).Tags;
}

const version = async () =>
  (await aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).ClusterInfo?.CurrentVersion;

test('tags of the creation come back, are added, replaced and removed, without another version of the cluster', async () => {
  const before = await version();
  expect(await tags()).toEqual({ team: 'billing', stage: 'dev' });
  const added = await aws.send(
    new TagResourceCommand({ ResourceArn: arn, Tags: { stage: 'prod', 'cost centre': 'a+b=c/d@e' } }),
  );
  expect(added.$metadata.httpStatusCode).toBe(204);
  expect(await tags()).toEqual({ team: 'billing', stage: 'prod', 'cost centre': 'a+b=c/d@e' });
  const removed = await aws.send(
    new UntagResourceCommand({ ResourceArn: arn, TagKeys: ['team', 'cost centre', 'never there'] }),
  );
  expect(removed.$metadata.httpStatusCode).toBe(204);
  expect(await tags()).toEqual({ stage: 'prod' });
  await aws.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ['stage'] }));
  expect(await tags()).toEqual({});
  const { ClusterInfo } = await aws.send(new DescribeClusterV2Command({ ClusterArn: arn }));
  expect(ClusterInfo?.Tags).toEqual({});
  expect(await version()).toBe(before);
});

test('another life of the control plane finds the tags as they were last', async () => {
  await aws.send(new TagResourceCommand({ ResourceArn: arn, Tags: { stage: 'prod' } }));
  await aws.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ['team'] }));
  aws = await api.restart();
  expect(await tags()).toEqual({ stage: 'prod' });
});

test('a resource has at most 50 tags, however they came', async () => {
  const many = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'x']));
  await aws.send(new TagResourceCommand({ ResourceArn: arn, Tags: many(48, 'a') }));
  await expect(
    aws.send(new TagResourceCommand({ ResourceArn: arn, Tags: { one: '1' } })),
  ).rejects.toMatchObject({
    name: 'BadRequestException',
    InvalidParameter: 'tags',
  });
  // An existing tag is replaced, so the number of tags stays.
  await aws.send(new TagResourceCommand({ ResourceArn: arn, Tags: { a1: 'y' } }));
  await expect(
    aws.send(new TagResourceCommand({ ResourceArn: arn, Tags: many(51, 'b') })),
  ).rejects.toMatchObject({ InvalidParameter: 'tags' });
});

test.each<[string, Record<string, string>]>([
  ['a key that begins with aws:', { 'aws:x': 'y' }],
  // AWS reserves the prefix in every case.
  ['a key that begins with AWS:', { 'AWS:x': 'y' }],
  ['an empty key', { '': 'y' }],
  ['a key of 129 characters', { ['k'.repeat(129)]: 'y' }],
  ['a value of 257 characters', { k: 'v'.repeat(257) }],
  ['a character that is not allowed', { 'k*': 'v' }],
])('%s is refused', async (_, wrong) => {
  await expect(aws.send(new TagResourceCommand({ ResourceArn: arn, Tags: wrong }))).rejects.toMatchObject({
    name: 'BadRequestException',
  });
  expect(await tags()).toEqual({ team: 'billing', stage: 'dev' });
});

test('what is no ARN is a bad request; a cluster that is not there is not found', async () => {
  const list = (ResourceArn: string) => aws.send(new ListTagsForResourceCommand({ ResourceArn }));
  await expect(list('orders')).rejects.toMatchObject({
    name: 'BadRequestException',
    message: 'Invalid input resource arn',
  });
  // To Terraform what is not found is gone: resources of elsewhere must not be.
  for (const elsewhere of [
    'arn:aws:s3:us-east-1:000000000000:bucket/a',
    arn.replace('us-east-1', 'eu-west-1'),
    arn.replace('000000000000', '123456789012'),
    arn.replace('arn:aws:', 'arn:aws-cn:'),
    arn.replace(/\/[^/]*$/, ''),
  ])
    await expect(list(elsewhere), elsewhere).rejects.toMatchObject({ name: 'BadRequestException' });
  await expect(list(arn.replace('orders', 'others'))).rejects.toMatchObject({ name: 'NotFoundException' });
  await aws.send(new DeleteClusterCommand({ ClusterArn: arn }));
  await api.control.settled();
  await expect(list(arn)).rejects.toMatchObject({ name: 'NotFoundException' });
});
