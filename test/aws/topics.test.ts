import {
  CreateTopicCommand,
  DeleteTopicCommand,
  DescribeTopicCommand,
  DescribeTopicPartitionsCommand,
  KafkaClient,
  ListClustersCommand,
  ListTopicsCommand,
  UpdateTopicCommand,
} from '@aws-sdk/client-kafka';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartedCluster, startCluster } from '../../src/index.ts';

/** MSK's topic operations on three brokers, called with AWS's SDK and checked with a Kafka client. */

let cluster: StartedCluster & { readonly api: string };
let aws: KafkaClient;
let admin: Admin;
let ClusterArn: string;

beforeAll(async () => {
  cluster = await startCluster({
    brokers: 3,
    api: true,
    config: { 'auto.create.topics.enable': false, 'min.insync.replicas': 2 },
  });
  aws = new KafkaClient({
    endpoint: cluster.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { ClusterInfoList = [] } = await aws.send(new ListClustersCommand({}));
  ClusterArn = ClusterInfoList[0]?.ClusterArn ?? '';
});

afterAll(async () => {
  await admin?.disconnect();
  aws?.destroy();
  await cluster?.stop();
});

function base64(configs: object): string {
  return Buffer.from(JSON.stringify(configs)).toString('base64');
}

function create(TopicName: string, Configs?: object, PartitionCount = 2) {
  return aws.send(
    new CreateTopicCommand({
      ClusterArn,
      TopicName,
      PartitionCount,
      ReplicationFactor: 3,
      ...(Configs ? { Configs: base64(Configs) } : {}),
    }),
  );
}

function update(TopicName: string, change: { Configs?: string; PartitionCount?: number }) {
  return aws.send(new UpdateTopicCommand({ ClusterArn, TopicName, ...change }));
}

async function configsOf(TopicName: string): Promise<Record<string, string>> {
  const { Configs = '' } = await aws.send(new DescribeTopicCommand({ ClusterArn, TopicName }));
  return JSON.parse(Buffer.from(Configs, 'base64').toString());
}

/** The configs that a Kafka client sees as set for the topic itself. */
async function ownConfigs(name: string): Promise<Record<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name }],
  });
  const own = resources[0]?.configEntries.filter(({ configSource }) => Number(configSource) === 1) ?? [];
  return Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
}

test('a topic is there for Kafka clients and for DescribeTopic as soon as CreateTopic answers', async () => {
  const made = await create('orders', { 'retention.ms': '86400000', 'cleanup.policy': 'compact' });
  const topicArn = ClusterArn.replace(':cluster/', ':topic/').concat('/orders');
  expect(made).toMatchObject({ TopicArn: topicArn, TopicName: 'orders', Status: 'CREATING' });
  expect(await aws.send(new DescribeTopicCommand({ ClusterArn, TopicName: 'orders' }))).toMatchObject({
    TopicArn: topicArn,
    TopicName: 'orders',
    PartitionCount: 2,
    ReplicationFactor: 3,
    Status: 'ACTIVE',
  });
  expect(await configsOf('orders')).toMatchObject({
    'retention.ms': '86400000',
    'cleanup.policy': 'compact',
    'min.insync.replicas': '2',
    'segment.bytes': '1073741824',
  });
  const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
  expect(topics[0]?.partitions).toHaveLength(2);
  expect(await ownConfigs('orders')).toEqual({ 'retention.ms': '86400000', 'cleanup.policy': 'compact' });
});

test('UpdateTopic sets what it names, and takes back what it leaves out; throttles of a rebalance stay', async () => {
  await create('changing', { 'retention.ms': '1000', 'cleanup.policy': 'compact' });
  const throttled = { name: 'leader.replication.throttled.replicas', value: '0:1' };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: 2,
        name: 'changing',
        configEntries: [
          throttled,
          { name: 'retention.ms', value: '1000' },
          { name: 'cleanup.policy', value: 'compact' },
        ],
      },
    ],
  });
  const answer = await update('changing', { Configs: base64({ 'retention.ms': 2000, preallocate: false }) });
  expect(answer).toMatchObject({ TopicName: 'changing', Status: 'UPDATING' });
  const kept = { [throttled.name]: throttled.value };
  expect(await ownConfigs('changing')).toEqual({ 'retention.ms': '2000', preallocate: 'false', ...kept });
  await update('changing', { Configs: base64({}) });
  expect(await ownConfigs('changing')).toEqual(kept);
});

test('UpdateTopic adds partitions, which DescribeTopicPartitions tells in pages', async () => {
  await create('growing', undefined, 1);
  await update('growing', { PartitionCount: 5 });
  const found: (number | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.send(
      new DescribeTopicPartitionsCommand({
        ClusterArn,
        TopicName: 'growing',
        MaxResults: 2,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const { Partition, Leader, Replicas, Isr } of page.Partitions ?? []) {
      found.push(Partition);
      expect(Replicas).toContain(Leader);
      expect(Replicas?.toSorted()).toEqual([1, 2, 3]);
      expect(Isr?.length).toBeGreaterThan(0);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(found).toEqual([0, 1, 2, 3, 4]);
});

test('aws_msk_topic of Terraform: made, read, changed in one call for configs and one for partitions, and gone', async () => {
  const name = 'resource';
  // The provider keeps the keys of the answer that it sent: another spelling of a value is a change in the
  // next plan.
  const kept = async (sent: object) => {
    const all = await configsOf(name);
    return Object.fromEntries(Object.keys(sent).map((key) => [key, all[key]]));
  };
  const first = {
    'retention.ms': '604800000',
    'retention.bytes': '-1',
    'cleanup.policy': 'delete',
    'min.insync.replicas': '2',
  };
  await create(name, first);
  expect(await kept(first)).toEqual(first);
  const second = {
    'retention.ms': '604800000',
    'compression.type': 'snappy',
    'segment.bytes': '1073741824',
    'min.insync.replicas': '3',
  };
  await update(name, { Configs: base64(second) });
  // It must be ACTIVE twice in a row.
  for (const _ of ['once', 'again'])
    expect(await aws.send(new DescribeTopicCommand({ ClusterArn, TopicName: name }))).toMatchObject({
      PartitionCount: 2,
      Status: 'ACTIVE',
    });
  expect(await kept(second)).toEqual(second);
  expect(await ownConfigs(name)).toEqual(second);
  await update(name, { PartitionCount: 3 });
  expect(await aws.send(new DescribeTopicCommand({ ClusterArn, TopicName: name }))).toMatchObject({
    PartitionCount: 3,
    Status: 'ACTIVE',
  });
  expect(await kept(second)).toEqual(second);
  await aws.send(new DeleteTopicCommand({ ClusterArn, TopicName: name }));
  await expect(aws.send(new DescribeTopicCommand({ ClusterArn, TopicName: name }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

test('ListTopics tells topics by the beginning of their names, in pages', async () => {
  for (const name of ['list-a', 'list-b', 'list-c']) await create(name);
  const input = { ClusterArn, TopicNameFilter: 'list-', MaxResults: 2 };
  const first = await aws.send(new ListTopicsCommand(input));
  expect(first.Topics?.map(({ TopicName }) => TopicName)).toEqual(['list-a', 'list-b']);
  expect(first.Topics?.[0]).toMatchObject({
    PartitionCount: 2,
    ReplicationFactor: 3,
    OutOfSyncReplicaCount: 0,
  });
  const rest = await aws.send(new ListTopicsCommand({ ...input, NextToken: first.NextToken }));
  expect(rest.Topics?.map(({ TopicName }) => TopicName)).toEqual(['list-c']);
  expect(rest.NextToken).toBeUndefined();
});

test('a topic that is not there is named by the refusal of DeleteTopic, as by those of the others', async () => {
  const absent = { ClusterArn, TopicName: 'absent' };
  const wanted = { name: 'NotFoundException', message: 'The topic absent does not exist.' };
  await expect(aws.send(new DeleteTopicCommand(absent))).rejects.toMatchObject(wanted);
  await expect(aws.send(new DescribeTopicCommand(absent))).rejects.toMatchObject(wanted);
  await expect(aws.send(new UpdateTopicCommand({ ...absent, PartitionCount: 2 }))).rejects.toMatchObject(
    wanted,
  );
});

test('a topic that DeleteTopic took away is a NotFoundException at once', async () => {
  await create('short-lived');
  const gone = { ClusterArn, TopicName: 'short-lived' };
  expect(await aws.send(new DeleteTopicCommand(gone))).toMatchObject({ Status: 'DELETING' });
  const wanted = { name: 'NotFoundException' };
  await expect(aws.send(new DescribeTopicCommand(gone))).rejects.toMatchObject(wanted);
  await expect(aws.send(new DescribeTopicPartitionsCommand(gone))).rejects.toMatchObject(wanted);
  await expect(aws.send(new DeleteTopicCommand(gone))).rejects.toMatchObject(wanted);
  await expect(update('short-lived', { PartitionCount: 3 })).rejects.toMatchObject(wanted);
  expect(await admin.listTopics()).not.toContain('short-lived');
});

describe('what a cluster refuses is said in its own words, and nothing is made', () => {
  test.each([
    ['a name with a space', { TopicName: 'two words' }, 'BadRequestException', 'topicName'],
    ['more copies than brokers', { ReplicationFactor: 4 }, 'BadRequestException', 'replicationFactor'],
    ['no partitions', { PartitionCount: 0 }, 'BadRequestException', 'partitionCount'],
    ['an unknown config', { Configs: base64({ 'retention.msec': '1' }) }, 'BadRequestException', 'configs'],
    ['a wrong value', { Configs: base64({ 'retention.ms': 'soon' }) }, 'BadRequestException', 'configs'],
    [
      'a list as value',
      { Configs: base64({ 'cleanup.policy': ['compact'] }) },
      'BadRequestException',
      'configs',
    ],
    ['configs that are no base64', { Configs: '{"retention.ms":"1"}' }, 'BadRequestException', 'configs'],
    ['configs that are a list', { Configs: base64([1]) }, 'BadRequestException', 'configs'],
  ])('%s', async (_what, wrong, name, InvalidParameter) => {
    const right = { ClusterArn, TopicName: 'refused', PartitionCount: 1, ReplicationFactor: 1 };
    await expect(aws.send(new CreateTopicCommand({ ...right, ...wrong }))).rejects.toMatchObject({
      name,
      InvalidParameter,
    });
    expect(await admin.listTopics()).not.toContain('refused');
  });

  test('a topic that exists already', async () => {
    await create('twice');
    await expect(create('twice')).rejects.toMatchObject({ name: 'TopicExistsException' });
  });

  test('fewer partitions than there are', async () => {
    await create('shrinking', undefined, 3);
    await expect(update('shrinking', { PartitionCount: 2 })).rejects.toMatchObject({
      name: 'BadRequestException',
      InvalidParameter: 'partitionCount',
    });
  });

  test('an update of both, or of nothing', async () => {
    const message = 'You must specify either configs or partitionCount to update.';
    const both = { PartitionCount: 9, Configs: base64({}) };
    await expect(update('orders', both)).rejects.toMatchObject({ message });
    await expect(update('orders', {})).rejects.toMatchObject({ message });
  });

  test('a cluster that does not exist', async () => {
    const other = { ClusterArn: ClusterArn.replace('/test/', '/other/') };
    await expect(aws.send(new ListTopicsCommand(other))).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});
