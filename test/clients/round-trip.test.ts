import {
  CreateClusterCommand,
  CreateConfigurationCommand,
  DescribeClusterCommand,
  GetBootstrapBrokersCommand,
  KafkaClient,
} from '@aws-sdk/client-kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, Millrace, processesOf } from '../support/millrace.ts';
import { type Client, compareRecords, textRecords } from './client.ts';
import { javaTools } from './java-tools.ts';
import { kafkaJs } from './kafkajs.ts';
import { kcat } from './kcat.ts';
import { platformatic } from './platformatic.ts';

/** The number of records for every compression of every client. */
const RECORDS = 25_000;
const PARTITIONS = 6;
const CLIENTS = [kcat, kafkaJs, platformatic, javaTools];

let millrace: Millrace;
let bootstrap: string;

beforeAll(async () => {
  millrace = await Millrace.up(['--no-cluster']);
  const aws = new KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  // By default a new group waits three seconds for more members; here there are none.
  const { Arn } = await aws.send(
    new CreateConfigurationCommand({
      Name: 'round-trip',
      ServerProperties: Buffer.from('group.initial.rebalance.delay.ms=0'),
    }),
  );
  const { ClusterArn } = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'round-trip',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m5.large',
        ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
      },
      ConfigurationInfo: { Arn, Revision: 1 },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: false } },
    }),
  );
  await eventually('the cluster is ACTIVE', async () => {
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
    return ClusterInfo?.State === 'ACTIVE';
  });
  const brokers = await aws.send(new GetBootstrapBrokersCommand({ ClusterArn }));
  bootstrap = brokers.BootstrapBrokerString ?? '';
  expect(bootstrap.split(',')).toHaveLength(3);
});

afterAll(async () => {
  await millrace?.[Symbol.asyncDispose]();
});

describe.each(CLIENTS)('$name', (client: Client) => {
  test.skipIf(client.missing)(
    `reads through a group, byte for byte, what it wrote in every compression before all brokers restarted`,
    { timeout: 900_000 },
    async () => {
      const prefix = client.name.replaceAll(/[^a-z]/gi, '').toLowerCase();
      const create = client.createTopic ?? kafkaJs.createTopic;
      const topics = client.compressions.map((compression) => ({
        compression,
        topic: `${prefix}-${compression}`,
        records: textRecords(RECORDS, `${prefix}-${compression}`),
      }));
      for (const { topic, compression, records } of topics) {
        await create?.(bootstrap, topic, PARTITIONS);
        await client.produce(bootstrap, topic, compression, records);
      }
      await restartEveryBroker();
      for (const { topic, records } of topics) {
        const read = await client.consume(bootstrap, topic, `group-${topic}`, RECORDS);
        expect(compareRecords(records, read)).toEqual([]);
      }
    },
  );
});

/** Ctrl-C and `millrace up` again with the same folder: after that each broker is another process. */
async function restartEveryBroker(): Promise<void> {
  await millrace.stop();
  await eventually('every process ended', () => processesOf(millrace.data).length === 0);
  millrace = await Millrace.up(['--no-cluster'], millrace);
}
