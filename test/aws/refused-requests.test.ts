import {
  BadRequestException,
  CreateClusterCommand,
  CreateClusterV2Command,
  DeleteClusterCommand,
  DescribeClusterCommand,
  DescribeReplicatorCommand,
  KafkaClient,
  NotFoundException,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { ApiHarness } from './api-harness.ts';
import { createActive, ORDERS } from './orders-cluster.ts';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
});

afterEach(() => api[Symbol.asyncDispose]());

describe('a bad request gets the error of AWS and creates nothing', () => {
  const group = ORDERS.BrokerNodeGroupInfo;
  test.each<[string, object, string]>([
    ['a name with a slash', { ClusterName: 'a/b' }, 'clusterName'],
    ['a name of 65 characters', { ClusterName: 'a'.repeat(65) }, 'clusterName'],
    ['an unknown version', { KafkaVersion: '9.9.9' }, 'kafkaVersion'],
    ['four brokers in three zones', { NumberOfBrokerNodes: 4 }, 'numberOfBrokerNodes'],
    ['no brokers', { NumberOfBrokerNodes: 0 }, 'numberOfBrokerNodes'],
    ['63 brokers', { NumberOfBrokerNodes: 63 }, 'numberOfBrokerNodes'],
    [
      'one zone',
      { BrokerNodeGroupInfo: { ...group, ClientSubnets: ['subnet-a'] } },
      'brokerNodeGroupInfo.clientSubnets',
    ],
    [
      'a subnet that is named twice',
      { BrokerNodeGroupInfo: { ...group, ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-a'] } },
      'brokerNodeGroupInfo.clientSubnets',
    ],
    [
      'an Express size',
      { BrokerNodeGroupInfo: { ...group, InstanceType: 'express.m7g.large' } },
      'instanceType',
    ],
    [
      'a volume of 20 TiB',
      { BrokerNodeGroupInfo: { ...group, StorageInfo: { EbsStorageInfo: { VolumeSize: 20_480 } } } },
      'brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize',
    ],
    [
      'public access',
      {
        BrokerNodeGroupInfo: {
          ...group,
          ConnectivityInfo: { PublicAccess: { Type: 'SERVICE_PROVIDED_EIPS' } },
        },
      },
      'brokerNodeGroupInfo.connectivityInfo.publicAccess.type',
    ],
    [
      'mutual TLS without a CA',
      { ClientAuthentication: { Tls: { Enabled: true } } },
      'clientAuthentication.tls.certificateAuthorityArnList',
    ],
    ['a configuration', { ConfigurationInfo: { Arn: 'arn:x', Revision: 1 } }, 'configurationInfo.arn'],
    ['tiered storage', { StorageMode: 'TIERED' }, 'storageMode'],
    ['a tag of AWS', { Tags: { 'aws:x': 'y' } }, 'tags'],
  ])('%s', async (_, input, invalidParameter) => {
    const attempt = api.aws.send(new CreateClusterCommand({ ...ORDERS, ...input }));
    await expect(attempt).rejects.toMatchObject({
      name: 'BadRequestException',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      InvalidParameter: invalidParameter,
    });
    await expect(attempt).rejects.toBeInstanceOf(BadRequestException);
    expect(api.control.store.clusters.all()).toEqual([]);
  });

  test('the fields of CreateClusterV2 are named below provisioned', async () => {
    await expect(
      api.aws.send(
        new CreateClusterV2Command({
          ClusterName: 'v2',
          Provisioned: {
            KafkaVersion: 'none',
            NumberOfBrokerNodes: 3,
            BrokerNodeGroupInfo: ORDERS.BrokerNodeGroupInfo,
          },
        }),
      ),
    ).rejects.toMatchObject({
      InvalidParameter: 'provisioned.kafkaVersion',
      message: expect.stringContaining('Unsupported KafkaVersion [none]. Valid values: ['),
    });
    await expect(api.aws.send(new CreateClusterV2Command({ ClusterName: 'v2' }))).rejects.toMatchObject({
      InvalidParameter: 'provisioned',
    });
  });

  test('a name that is taken is a conflict', async () => {
    await createActive(api);
    await expect(api.aws.send(new CreateClusterCommand(ORDERS))).rejects.toMatchObject({
      name: 'ConflictException',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('deleting another version than the current one', async () => {
    const ClusterArn = await createActive(api);
    await expect(
      api.aws.send(new DeleteClusterCommand({ ClusterArn, CurrentVersion: 'K1' })),
    ).rejects.toMatchObject({
      InvalidParameter: 'currentVersion',
      message: expect.stringMatching(
        /^The version of the cluster isn’t current\. Check the current version and try again\. It is K[0-9A-Z]{13}\.$/,
      ),
    });
  });

  test('an operation that is not built yet names itself, and is not retried', async () => {
    await expect(
      api.aws.send(new DescribeReplicatorCommand({ ReplicatorArn: 'arn:r' })),
    ).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'The operation DescribeReplicator is not built yet.',
      $metadata: { attempts: 1 },
    });
  });
});

test('the sizes that a broker can have are named in the words of AWS, KRaft ones without t3.small', async () => {
  const attempt = api.aws.send(
    new CreateClusterCommand({
      ...ORDERS,
      BrokerNodeGroupInfo: { ...ORDERS.BrokerNodeGroupInfo, InstanceType: 'kafka.t3.small' } as never,
    }),
  );
  await expect(attempt).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Unsupported InstanceType specified. Valid values: \[kafka.m5.large, kafka.m5.xlarge, .*kafka.m7g.16xlarge]$/,
    ),
  });
});

describe('a request that is not for this installation is refused by name', () => {
  test('signed for another region', async () => {
    const elsewhere = new KafkaClient({
      endpoint: api.control.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    try {
      await expect(elsewhere.send(new CreateClusterCommand(ORDERS))).rejects.toMatchObject({
        name: 'BadRequestException',
        message: expect.stringContaining('signed for the region eu-west-1, and this is us-east-1'),
      });
    } finally {
      elsewhere.destroy();
    }
    expect(api.control.store.clusters.all()).toEqual([]);
  });

  test('presigned for another region', async () => {
    const asked = async (region: string) => {
      const credential = encodeURIComponent(`any/20261129/${region}/kafka/aws4_request`);
      const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Signature=any`;
      const response = await fetch(`${api.control.url}/v1/clusters?${query}`);
      return [response.status, await response.text()];
    };
    expect(await asked('eu-west-1')).toEqual([
      400,
      expect.stringContaining('signed for the region eu-west-1, and this is us-east-1'),
    ]);
    expect(await asked('us-east-1')).toEqual([200, '{"clusterInfoList":[]}']);
  });

  const uuid = '1c4d5e6f-0000-4000-8000-00000000000a-1';
  test.each([
    ['no ARN at all', 'orders'],
    ['a configuration', `arn:aws:kafka:us-east-1:000000000000:configuration/orders/${uuid}`],
    ['an operation', `arn:aws:kafka:us-east-1:000000000000:cluster-operation/orders/${uuid}/${uuid}`],
    ['another region', `arn:aws:kafka:eu-west-1:000000000000:cluster/orders/${uuid}`],
    ['another account', `arn:aws:kafka:us-east-1:123456789012:cluster/orders/${uuid}`],
    ['another service', `arn:aws:s3:us-east-1:000000000000:cluster/orders/${uuid}`],
    ['half an ARN', 'arn:aws:kafka:us-east-1:000000000000:cluster/orders'],
  ])('by an ARN that is of no cluster here: %s', async (_what, ClusterArn) => {
    const wanted = { name: 'BadRequestException', InvalidParameter: 'clusterArn' };
    await expect(api.aws.send(new DescribeClusterCommand({ ClusterArn }))).rejects.toMatchObject(wanted);
    await expect(api.aws.send(new DeleteClusterCommand({ ClusterArn }))).rejects.toMatchObject(wanted);
  });

  test('while a cluster that could be here and is not does not exist', async () => {
    const ClusterArn = `arn:aws:kafka:us-east-1:000000000000:cluster/orders/${uuid}`;
    const attempt = api.aws.send(new DescribeClusterCommand({ ClusterArn }));
    await expect(attempt).rejects.toBeInstanceOf(NotFoundException);
  });
});

test('what AWS documents and its SDK does not know yet names itself, and is no "not found"', async () => {
  const ClusterArn = encodeURIComponent(await createActive(api));
  for (const [method, path, name] of [
    ['POST', 'assessments', 'CreateAssessment'],
    ['GET', 'assessments/x/findings', 'ListAssessmentFindings'],
    ['POST', 'topic-reassignments/x/stop', 'StopTopicReassignment'],
  ] as const) {
    const response = await fetch(`${api.control.url}/v1/clusters/${ClusterArn}/${path}`, { method });
    await answered(400, response);
    expect(await response.json()).toEqual({ message: `The operation ${name} is not built yet.` });
  }
});
