import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  BadRequestException,
  CreateClusterCommand,
  type CreateClusterCommandInput,
  CreateClusterV2Command,
  DeleteClusterCommand,
  DescribeClusterCommand,
  DescribeClusterV2Command,
  DescribeReplicatorCommand,
  GetBootstrapBrokersCommand,
  GetCompatibleKafkaVersionsCommand,
  KafkaClient,
  ListClustersCommand,
  ListClustersV2Command,
  ListKafkaVersionsCommand,
  ListNodesCommand,
  NotFoundException,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { ControlPlane } from '../../src/control/control-plane.ts';
import { EngineError } from '../../src/control/engine.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { eventually } from '../support/millrace.ts';
import { FakeEngine } from './fake-engine.ts';

let data: string;
let engine: FakeEngine;
let control: ControlPlane;
let aws: KafkaClient;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-aws-'));
  engine = new FakeEngine();
  control = await start();
});

afterEach(async () => {
  aws.destroy();
  await control.stop();
  rmSync(data, { recursive: true, force: true });
});

async function start(): Promise<ControlPlane> {
  const plane = await ControlPlane.start(
    nodeWorld(silent),
    {
      dataDirectory: data,
      host: '127.0.0.1',
      port: 0,
      advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }],
      region: 'us-east-1',
      account: '000000000000',
      hungAfterMs: 30_000,
    },
    engine,
  );
  aws = new KafkaClient({
    endpoint: plane.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  return plane;
}

const CLUSTER: CreateClusterCommandInput = {
  ClusterName: 'orders',
  KafkaVersion: '3.9.x.kraft',
  NumberOfBrokerNodes: 3,
  BrokerNodeGroupInfo: {
    InstanceType: 'kafka.m5.large',
    ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
  },
  Tags: { team: 'billing' },
};

/** The same request on the wire. */
const CLUSTER_BODY = {
  clusterName: 'orders',
  kafkaVersion: '3.9.x.kraft',
  numberOfBrokerNodes: 3,
  brokerNodeGroupInfo: {
    instanceType: 'kafka.m5.large',
    clientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
  },
};

async function createActive(input: Partial<CreateClusterCommandInput> = {}): Promise<string> {
  const { ClusterArn = '' } = await aws.send(new CreateClusterCommand({ ...CLUSTER, ...input }));
  await control.settled();
  return ClusterArn;
}

describe('a cluster lives from CREATING to gone', () => {
  test('and is described in the words of MSK', async () => {
    let open: () => void = () => {};
    engine.gate = new Promise((done) => {
      open = done;
    });
    const created = await aws.send(new CreateClusterCommand(CLUSTER));
    expect(created.State).toBe('CREATING');
    expect(created.ClusterArn).toMatch(
      /^arn:aws:kafka:us-east-1:000000000000:cluster\/orders\/[0-9a-f-]{36}-1$/,
    );
    const arn = created.ClusterArn;
    await expect(aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }))).rejects.toMatchObject({
      name: 'BadRequestException',
      message: "You can't get bootstrap broker nodes for a cluster in CREATING state.",
    });
    open();
    await control.settled();

    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
    expect(ClusterInfo).toMatchObject({
      ClusterArn: arn,
      ClusterName: 'orders',
      State: 'ACTIVE',
      NumberOfBrokerNodes: 3,
      CurrentBrokerSoftwareInfo: { KafkaVersion: '3.9.x.kraft' },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
      EnhancedMonitoring: 'DEFAULT',
      StorageMode: 'LOCAL',
      Tags: { team: 'billing' },
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m5.large',
        BrokerAZDistribution: 'DEFAULT',
        ClientSubnets: ['subnet-a', 'subnet-b', 'subnet-c'],
        ZoneIds: ['use1-az1', 'use1-az2', 'use1-az3'],
        StorageInfo: { EbsStorageInfo: { VolumeSize: 1000 } },
        ConnectivityInfo: { PublicAccess: { Type: 'DISABLED' }, NetworkType: 'IPV4' },
      },
    });
    expect(ClusterInfo?.CreationTime).toBeInstanceOf(Date);
    expect(ClusterInfo?.CurrentVersion).toMatch(/^K[0-9A-Z]{13}$/);

    const { ClusterInfo: v2 } = await aws.send(new DescribeClusterV2Command({ ClusterArn: arn }));
    expect(v2).toMatchObject({
      ClusterType: 'PROVISIONED',
      State: 'ACTIVE',
      Provisioned: {
        NumberOfBrokerNodes: 3,
        CurrentBrokerSoftwareInfo: { KafkaVersion: '3.9.x.kraft' },
      },
    });

    const { BootstrapBrokerStringTls, ...others } = await aws.send(
      new GetBootstrapBrokersCommand({ ClusterArn: arn }),
    );
    expect(BootstrapBrokerStringTls?.split(',')).toHaveLength(3);
    expect(Object.keys(others)).toEqual(['$metadata']);

    const { NodeInfoList = [] } = await aws.send(new ListNodesCommand({ ClusterArn: arn }));
    expect(NodeInfoList.map((node) => node.BrokerNodeInfo?.BrokerId)).toEqual([1, 2, 3]);
    expect(NodeInfoList[1]).toMatchObject({
      NodeType: 'BROKER',
      InstanceType: 'm5.large',
      BrokerNodeInfo: { ClientSubnet: 'subnet-b' },
    });

    const deleted = await aws.send(new DeleteClusterCommand({ ClusterArn: arn }));
    expect(deleted).toMatchObject({ ClusterArn: arn, State: 'DELETING' });
    await control.settled();
    await expect(aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
    expect(engine.calls).toEqual([
      'stop orphans of ',
      'prepare orders',
      'start orders',
      'stop orders',
      'remove orders',
    ]);
  });

  test('and is FAILED with the reason when the engine cannot start it', async () => {
    engine.failure = new EngineError('BROKER_CRASH_LOOP', 'Broker 2 ended five times.');
    const arn = await createActive();
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
    expect(ClusterInfo).toMatchObject({
      State: 'FAILED',
      StateInfo: { Code: 'BROKER_CRASH_LOOP', Message: 'Broker 2 ended five times.' },
    });
    await aws.send(new DeleteClusterCommand({ ClusterArn: arn }));
    await control.settled();
    expect((await aws.send(new ListClustersCommand({}))).ClusterInfoList).toEqual([]);
  });

  test('and gets other ports when another process took one before its first use', async () => {
    engine.failure = new EngineError('PORT_IN_USE', 'Broker 2 cannot start.');
    engine.failures = 2;
    const arn = await createActive();
    expect((await aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).ClusterInfo?.State).toBe(
      'ACTIVE',
    );
    expect(engine.calls.filter((call) => call === 'prepare orders')).toHaveLength(3);
  });

  test('deleted while it is being created, it is gone and its creation ends', async () => {
    engine.gate = new Promise(() => {});
    const { ClusterArn } = await aws.send(new CreateClusterCommand(CLUSTER));
    await aws.send(new DeleteClusterCommand({ ClusterArn }));
    await control.settled();
    expect(control.store.clusters.all()).toEqual([]);
  });

  test('one after others that have not started yet, each of which was answered at once', async () => {
    engine.gate = new Promise(() => {});
    const atOnce = Math.max(2, availableParallelism());
    const names = Array.from({ length: atOnce + 1 }, (_, nth) => `many-${nth}`);
    for (const ClusterName of names) await aws.send(new CreateClusterCommand({ ...CLUSTER, ClusterName }));
    const starts = () => engine.calls.filter((call) => call.startsWith('start many'));
    await eventually('as many start as there are processors', () => starts().length === atOnce);
    expect(engine.calls).not.toContain(`prepare many-${atOnce}`);
    const first = control.store.clusters.byName('many-0');
    await aws.send(new DeleteClusterCommand({ ClusterArn: first?.arn }));
    await eventually('the next one starts', () => starts().length === atOnce + 1);
    expect(starts()).toEqual(names.map((name) => `start ${name}`));
  });

  test('deleted while it waits for others to start, it is gone without having begun', async () => {
    engine.gate = new Promise(() => {});
    const names = Array.from({ length: Math.max(2, availableParallelism()) + 1 }, (_, nth) => `many-${nth}`);
    for (const ClusterName of names) await aws.send(new CreateClusterCommand({ ...CLUSTER, ClusterName }));
    const last = control.store.clusters.byName(names.at(-1) ?? '');
    await aws.send(new DeleteClusterCommand({ ClusterArn: last?.arn }));
    await eventually('it is gone', () => control.store.clusters.byName(names.at(-1) ?? '') === null);
    expect(engine.calls).not.toContain(`prepare ${names.at(-1)}`);
  });

  test('HEALING while the engine says that its processes do not hold', async () => {
    const arn = await createActive();
    const [cluster] = control.store.clusters.all();
    if (!cluster) throw new Error('no cluster');
    engine.report(cluster, { code: 'BROKER_CRASH_LOOP', message: 'Broker 1 ends at once.' });
    expect((await aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).ClusterInfo).toMatchObject({
      State: 'HEALING',
      StateInfo: { Message: 'Broker 1 ends at once.' },
    });
    engine.report(cluster, null);
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
    expect(ClusterInfo?.State).toBe('ACTIVE');
    expect(ClusterInfo?.StateInfo).toBeUndefined();
  });

  test('another life of the control plane finds it as it was, with the same ports', async () => {
    const arn = await createActive();
    const before = await aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }));
    await control.stop();
    control = await start();
    await control.settled();
    const after = await aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }));
    expect(after.BootstrapBrokerStringTls).toBe(before.BootstrapBrokerStringTls);
    expect(after.BootstrapBrokerStringTls).toBeDefined();
    expect(engine.calls.slice(-2)).toEqual(['stop orphans of orders', 'start orders']);
  });
});

describe('lists', () => {
  test('come in pages, filtered by a prefix of the name, and a token of another list is refused', async () => {
    for (const name of ['b-1', 'a-1', 'a-2', 'a-3']) await createActive({ ClusterName: name });
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await aws.send(
        new ListClustersCommand({ ClusterNameFilter: 'a-', MaxResults: 2, NextToken }),
      );
      seen.push(...(answer.ClusterInfoList ?? []).map((cluster) => cluster.ClusterName));
      NextToken = answer.NextToken;
      if (NextToken)
        await expect(aws.send(new ListClustersV2Command({ NextToken }))).rejects.toMatchObject({
          name: 'BadRequestException',
          InvalidParameter: 'nextToken',
        });
    } while (NextToken);
    expect(seen).toEqual(['a-1', 'a-2', 'a-3']);

    const serverless = await aws.send(new ListClustersV2Command({ ClusterTypeFilter: 'SERVERLESS' }));
    expect(serverless.ClusterInfoList).toEqual([]);
    await expect(aws.send(new ListClustersCommand({ MaxResults: 101 }))).rejects.toMatchObject({
      InvalidParameter: 'maxResults',
    });
  });

  test('of versions name what CreateCluster takes', async () => {
    const { KafkaVersions = [] } = await aws.send(new ListKafkaVersionsCommand({ MaxResults: 100 }));
    expect(KafkaVersions).toContainEqual({ Version: '3.9.x.kraft', Status: 'ACTIVE' });
    const ClusterArn = await createActive();
    const { CompatibleKafkaVersions } = await aws.send(new GetCompatibleKafkaVersionsCommand({ ClusterArn }));
    expect(CompatibleKafkaVersions).toEqual([
      { SourceVersion: '3.9.x.kraft', TargetVersions: ['4.0.x.kraft', '4.1.x.kraft'] },
    ]);
  });
});

describe('a bad request gets the error of AWS and creates nothing', () => {
  const group = CLUSTER.BrokerNodeGroupInfo;
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
    ['IAM', { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } }, 'clientAuthentication.sasl.iam'],
    [
      'mutual TLS without a CA',
      { ClientAuthentication: { Tls: { Enabled: true } } },
      'clientAuthentication.tls.certificateAuthorityArnList',
    ],
    ['a configuration', { ConfigurationInfo: { Arn: 'arn:x', Revision: 1 } }, 'configurationInfo.arn'],
    ['tiered storage', { StorageMode: 'TIERED' }, 'storageMode'],
    ['a tag of AWS', { Tags: { 'aws:x': 'y' } }, 'tags'],
  ])('%s', async (_, input, invalidParameter) => {
    const attempt = aws.send(new CreateClusterCommand({ ...CLUSTER, ...input }));
    await expect(attempt).rejects.toMatchObject({
      name: 'BadRequestException',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      InvalidParameter: invalidParameter,
    });
    await expect(attempt).rejects.toBeInstanceOf(BadRequestException);
    expect(control.store.clusters.all()).toEqual([]);
  });

  test('the fields of CreateClusterV2 are named below provisioned', async () => {
    await expect(
      aws.send(
        new CreateClusterV2Command({
          ClusterName: 'v2',
          Provisioned: {
            KafkaVersion: 'none',
            NumberOfBrokerNodes: 3,
            BrokerNodeGroupInfo: CLUSTER.BrokerNodeGroupInfo,
          },
        }),
      ),
    ).rejects.toMatchObject({
      InvalidParameter: 'provisioned.kafkaVersion',
      message: expect.stringContaining('Unsupported KafkaVersion [none]. Valid values: ['),
    });
    await expect(aws.send(new CreateClusterV2Command({ ClusterName: 'v2' }))).rejects.toMatchObject({
      InvalidParameter: 'provisioned',
    });
  });

  test('a name that is taken is a conflict', async () => {
    await createActive();
    await expect(aws.send(new CreateClusterCommand(CLUSTER))).rejects.toMatchObject({
      name: 'ConflictException',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('deleting another version than the current one', async () => {
    const ClusterArn = await createActive();
    await expect(
      aws.send(new DeleteClusterCommand({ ClusterArn, CurrentVersion: 'K1' })),
    ).rejects.toMatchObject({
      InvalidParameter: 'currentVersion',
      message: expect.stringMatching(
        /^The version of the cluster isn’t current\. Check the current version and try again\. It is K[0-9A-Z]{13}\.$/,
      ),
    });
  });

  test('an operation that is not built yet names itself, and is not retried', async () => {
    await expect(aws.send(new DescribeReplicatorCommand({ ReplicatorArn: 'arn:r' }))).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'The operation DescribeReplicator is not built yet.',
      $metadata: { attempts: 1 },
    });
  });
});

test('the sizes that a broker can have are named in the words of AWS, KRaft ones without t3.small', async () => {
  const attempt = aws.send(
    new CreateClusterCommand({
      ...CLUSTER,
      BrokerNodeGroupInfo: { ...CLUSTER.BrokerNodeGroupInfo, InstanceType: 'kafka.t3.small' } as never,
    }),
  );
  await expect(attempt).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Unsupported InstanceType specified. Valid values: \[kafka.m5.large, kafka.m5.xlarge, .*kafka.m7g.16xlarge]$/,
    ),
  });
});

test('clusters are listed in the order in which they were created', async () => {
  for (const ClusterName of ['b', 'c', 'a']) await createActive({ ClusterName });
  const { ClusterInfoList } = await aws.send(new ListClustersCommand({}));
  expect(ClusterInfoList?.map(({ ClusterName }) => ClusterName)).toEqual(['b', 'c', 'a']);
});

test('a subnet is in one zone, in whatever order clusters name it', async () => {
  const of = async (ClusterName: string, ClientSubnets: string[]) => {
    const ClusterArn = await createActive({
      ClusterName,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets },
    });
    const { NodeInfoList = [] } = await aws.send(new ListNodesCommand({ ClusterArn }));
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
    expect(ClusterInfo?.BrokerNodeGroupInfo?.ClientSubnets).toEqual(ClientSubnets);
    return NodeInfoList.map(({ BrokerNodeInfo }) => BrokerNodeInfo?.ClientSubnet);
  };
  const inOrder = ['s-a', 's-b', 's-c'];
  expect(await of('one', inOrder)).toEqual(inOrder);
  expect(await of('two', inOrder.toReversed())).toEqual(inOrder);
});

test('what AWS tells without being asked is told: connectivity of VPCs, interfaces and addresses of brokers', async () => {
  const ClusterArn = await createActive();
  const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
  const off = { Enabled: false };
  expect(ClusterInfo?.BrokerNodeGroupInfo?.ConnectivityInfo?.VpcConnectivity).toEqual({
    ClientAuthentication: { Sasl: { Scram: off, Iam: off }, Tls: off },
  });
  const { NodeInfoList = [] } = await aws.send(new ListNodesCommand({ ClusterArn }));
  const interfaces = NodeInfoList.map(({ BrokerNodeInfo }) => BrokerNodeInfo?.AttachedENIId);
  expect(new Set(interfaces).size).toBe(3);
  for (const id of interfaces) expect(id).toMatch(/^eni-[0-9a-f]{17}$/);
  expect(NodeInfoList[0]?.BrokerNodeInfo?.ClientVpcIpAddress).toBe('127.0.0.1');
});

describe('a request that is not for this installation is refused by name', () => {
  test('signed for another region', async () => {
    const elsewhere = new KafkaClient({
      endpoint: control.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    try {
      await expect(elsewhere.send(new CreateClusterCommand(CLUSTER))).rejects.toMatchObject({
        name: 'BadRequestException',
        message: expect.stringContaining('signed for the region eu-west-1, and this is us-east-1'),
      });
    } finally {
      elsewhere.destroy();
    }
    expect(control.store.clusters.all()).toEqual([]);
  });

  test('presigned for another region', async () => {
    const asked = async (region: string) => {
      const credential = encodeURIComponent(`any/20261129/${region}/kafka/aws4_request`);
      const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Signature=any`;
      const response = await fetch(`${control.url}/v1/clusters?${query}`);
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
    await expect(aws.send(new DescribeClusterCommand({ ClusterArn }))).rejects.toMatchObject(wanted);
    await expect(aws.send(new DeleteClusterCommand({ ClusterArn }))).rejects.toMatchObject(wanted);
  });

  test('while a cluster that could be here and is not does not exist', async () => {
    const ClusterArn = `arn:aws:kafka:us-east-1:000000000000:cluster/orders/${uuid}`;
    const attempt = aws.send(new DescribeClusterCommand({ ClusterArn }));
    await expect(attempt).rejects.toBeInstanceOf(NotFoundException);
  });
});

test('what AWS documents and its SDK does not know yet names itself, and is no "not found"', async () => {
  const ClusterArn = encodeURIComponent(await createActive());
  for (const [method, path, name] of [
    ['POST', 'assessments', 'CreateAssessment'],
    ['GET', 'assessments/x/findings', 'ListAssessmentFindings'],
    ['POST', 'topic-reassignments/x/stop', 'StopTopicReassignment'],
  ] as const) {
    const response = await fetch(`${control.url}/v1/clusters/${ClusterArn}/${path}`, { method });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: `The operation ${name} is not built yet.` });
  }
});

test('what is no request, one with too many headers and HEAD have the envelope of AWS', async () => {
  const asked = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(control.url);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.on('data', (bytes) => {
        answer += bytes;
      });
      socket.on('error', reject).on('close', () => resolve(answer));
    });
  const head = `HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n`;
  const envelope = /x-amzn-errortype: \w+Exception/i;
  const tooLarge = await asked(`GET /v1/clusters ${head}x: ${'y'.repeat(20_000)}\r\n\r\n`);
  expect(tooLarge).toMatch(/^HTTP\/1.1 431 /);
  const noPath = await asked(`GET /v1/clusters/%zz ${head}\r\n`);
  expect(noPath).toMatch(/^HTTP\/1.1 400 /);
  const noRequest = await asked('this is no HTTP\r\n\r\n');
  expect(noRequest).toMatch(/^HTTP\/1.1 400 /);
  const headRequest = await asked(`HEAD /v1/clusters ${head}\r\n`);
  expect(headRequest).toMatch(/^HTTP\/1.1 404 /);
  const noHost = await asked('GET /v1/clusters HTTP/1.1\r\nconnection: close\r\n\r\n');
  expect(noHost).toMatch(/^HTTP\/1.1 400 /);
  expect(noHost).toContain('The Host header is missing');
  for (const answer of [tooLarge, noPath, noRequest, headRequest, noHost]) {
    expect(answer).toMatch(envelope);
    expect(answer).toMatch(/x-amzn-requestid: [0-9a-f-]{36}/i);
  }
});

test('a body is JSON whatever its content type says', async () => {
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/x-amz-json-1.0',
    '',
    'json',
  ]) {
    const response = await fetch(`${control.url}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{}',
    });
    expect(await response.json()).toMatchObject({ invalidParameter: 'clusterName' });
  }
});

test('a byte order mark before the JSON of a body is no part of it', async () => {
  const asked = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const text = `\ufeff${JSON.stringify(body)}`;
    const response = await fetch(`${control.url}${path}`, { method: 'POST', body: text, headers });
    return response.json();
  };
  expect(await asked('/v1/clusters', {})).toMatchObject({ invalidParameter: 'clusterName' });
  expect(await asked('/', { Description: '' }, { 'x-amz-target': 'TrentService.CreateKey' })).toHaveProperty(
    'KeyMetadata.KeyId',
  );
});

test('requests that clients send seldom are read: in chunks, after 100 Continue, and several on one connection', async () => {
  const { hostname, port } = new URL(control.url);
  const body = JSON.stringify({ ...CLUSTER_BODY, clusterName: 'chunked' });
  const chunks = (body.match(/.{1,7}/gs) ?? []).map(
    (chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`,
  );
  const head = 'HTTP/1.1\r\nhost: localhost\r\n';
  const socket = connect(Number(port), hostname);
  let answers = '';
  socket.on('data', (bytes) => {
    answers += bytes;
  });
  const statuses = () => answers.match(/HTTP\/1\.1 \d{3}/g) ?? [];
  socket.write(`POST /v1/clusters ${head}transfer-encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`);
  socket.write(`GET /v1/clusters ${head}\r\nGET /v1/nothing ${head}\r\n`);
  await eventually('three answers are there', () => statuses().length === 3);
  expect(statuses()).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
  const second = JSON.stringify({ ...CLUSTER_BODY, clusterName: 'expected' });
  socket.write(`POST /v1/clusters ${head}content-length: ${second.length}\r\nexpect: 100-continue\r\n\r\n`);
  await eventually('the body is asked for', () => statuses().at(-1) === 'HTTP/1.1 100');
  socket.write(second);
  await eventually('the cluster is made', () => statuses().at(-1) === 'HTTP/1.1 200');
  socket.destroy();
  const names = control.store.clusters.all().map(({ name }) => name);
  expect(names).toEqual(['chunked', 'expected']);
});

test('a compressed body is refused by its Content-Encoding, not as what is no JSON', async () => {
  const response = await fetch(`${control.url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(CLUSTER_BODY)),
  });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'BadRequestException']);
  expect(await response.json()).toEqual({
    message: "The request's Content-Encoding is gzip: this API reads bodies that are not compressed.",
  });
});

test('a path that names no operation, a label that is no percent-encoding and a body that is no JSON are errors of AWS', async () => {
  const asked = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${control.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    const answer: unknown = await response.json();
    expect(answer).toHaveProperty('message');
    return [response.status, response.headers.get('x-amzn-errortype')];
  };
  const bad = [400, 'BadRequestException'];
  const missing = [404, 'NotFoundException'];
  expect(await asked('GET', '/v1/nothing')).toEqual(missing);
  expect(await asked('PATCH', '/v1/clusters')).toEqual(missing);
  expect(await asked('GET', '/v1/clusters/%zz')).toEqual(bad);
  expect(await asked('GET', `/v1/clusters/${'a'.repeat(3000)}`)).toEqual(bad);
  for (const body of ['{', '[]', '7', '"x"', '', '{"clusterName":', '\0'])
    expect(await asked('POST', '/v1/clusters', body)).toEqual(bad);
  expect(await asked('POST', '/v1/clusters', `{"x":"${'y'.repeat(2 ** 20)}"}`)).toEqual(bad);
  expect(await asked('GET', '/v1/clusters?maxResults=1&maxResults=2')).toEqual(bad);
});

test('of connections that say nothing only so many stay open, and the API answers when they are gone', async () => {
  const { hostname, port } = new URL(control.url);
  let closed = 0;
  const sockets = Array.from({ length: 520 }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    return socket
      .on('error', () => undefined)
      .once('close', () => closed++)
      .resume();
  });
  await eventually('those beyond the limit are closed', () => closed >= 20);
  for (const socket of sockets) socket.destroy();
  await eventually('it answers', async () =>
    fetch(`${control.url}/health/live`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

describe('a web page does not reach the API', () => {
  function get(headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request(`${control.url}/v1/clusters`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
  }

  test.each([
    [{ host: 'evil.example' }, 403],
    [{ host: 'evil.example:7070' }, 403],
    [{ host: 'localhost.evil.example' }, 403],
    [{ host: 'localhost' }, 200],
    [{ host: '127.0.0.1:1' }, 200],
    [{ host: '[::1]:7070' }, 200],
    [{ host: 'localhost:7070', origin: 'http://localhost:3000' }, 403],
    [{ host: 'localhost:7070', origin: 'null' }, 403],
    [{ host: 'localhost:7070', origin: 'https://evil.example' }, 403],
    [{ host: 'localhost:7070', origin: 'http://localhost:7070' }, 200],
  ])('%j: %i', async (headers, status) => {
    expect(await get(headers)).toBe(status);
  });
});

test('the process tells that it lives, whether its clusters are started, and what it counts', async () => {
  const probe = async (path: string) => {
    const response = await fetch(`${control.url}${path}`);
    return [response.status, await response.text()] as const;
  };
  let open: () => void = () => {};
  engine.gate = new Promise((done) => {
    open = done;
  });
  await aws.send(new CreateClusterCommand(CLUSTER));
  expect(await probe('/health/live')).toEqual([200, '{"status":"live"}']);
  expect(await probe('/health/ready')).toEqual([503, '{"status":"starting","clusters":["orders"]}']);
  open();
  await control.settled();
  expect(await probe('/health/ready')).toEqual([200, '{"status":"ready"}']);
  const [status, text] = await probe('/metrics');
  expect(status).toBe(200);
  expect(text).toContain('millrace_cluster_state{cluster="orders",state="ACTIVE"} 1\n');
  expect(text).toContain('millrace_cluster_brokers{cluster="orders"} 3\n');
  expect(text).toMatch(/^millrace_disk_free_bytes \d+$/m);
});
