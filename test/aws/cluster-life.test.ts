import { availableParallelism } from 'node:os';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  DescribeClusterV2Command,
  GetBootstrapBrokersCommand,
  ListClustersCommand,
  ListNodesCommand,
  NotFoundException,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/control/engine.ts';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { createActive, ORDERS } from './orders-cluster.ts';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
});

afterEach(() => api[Symbol.asyncDispose]());

describe('a cluster lives from CREATING to gone', () => {
  test('and is described in the words of MSK', async () => {
    let open: () => void = () => {};
    api.engine.gate = new Promise((done) => {
      open = done;
    });
    const created = await api.aws.send(new CreateClusterCommand(ORDERS));
    expect(created.State).toBe('CREATING');
    expect(created.ClusterArn).toMatch(
      /^arn:aws:kafka:us-east-1:000000000000:cluster\/orders\/[0-9a-f-]{36}-1$/,
    );
    const arn = created.ClusterArn;
    await expect(api.aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }))).rejects.toMatchObject({
      name: 'BadRequestException',
      message: "You can't get bootstrap broker nodes for a cluster in CREATING state.",
    });
    open();
    await api.control.settled();

    const { ClusterInfo } = await api.aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
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

    const { ClusterInfo: v2 } = await api.aws.send(new DescribeClusterV2Command({ ClusterArn: arn }));
    expect(v2).toMatchObject({
      ClusterType: 'PROVISIONED',
      State: 'ACTIVE',
      Provisioned: {
        NumberOfBrokerNodes: 3,
        CurrentBrokerSoftwareInfo: { KafkaVersion: '3.9.x.kraft' },
      },
    });

    const { BootstrapBrokerStringTls, ...others } = await api.aws.send(
      new GetBootstrapBrokersCommand({ ClusterArn: arn }),
    );
    expect(BootstrapBrokerStringTls?.split(',')).toHaveLength(3);
    expect(Object.keys(others)).toEqual(['$metadata']);

    const { NodeInfoList = [] } = await api.aws.send(new ListNodesCommand({ ClusterArn: arn }));
    expect(NodeInfoList.map((node) => node.BrokerNodeInfo?.BrokerId)).toEqual([1, 2, 3]);
    expect(NodeInfoList[1]).toMatchObject({
      NodeType: 'BROKER',
      InstanceType: 'm5.large',
      BrokerNodeInfo: { ClientSubnet: 'subnet-b' },
    });

    const deleted = await api.aws.send(new DeleteClusterCommand({ ClusterArn: arn }));
    expect(deleted).toMatchObject({ ClusterArn: arn, State: 'DELETING' });
    await api.control.settled();
    await expect(api.aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
    expect(api.engine.calls).toEqual([
      'stop orphans of ',
      'prepare orders',
      'start orders',
      'stop orders',
      'remove orders',
    ]);
  });

  test('and is FAILED with the reason when the engine cannot start it', async () => {
    api.engine.failure = new EngineError('BROKER_CRASH_LOOP', 'Broker 2 ended five times.');
    const arn = await createActive(api);
    const { ClusterInfo } = await api.aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
    expect(ClusterInfo).toMatchObject({
      State: 'FAILED',
      StateInfo: { Code: 'BROKER_CRASH_LOOP', Message: 'Broker 2 ended five times.' },
    });
    await api.aws.send(new DeleteClusterCommand({ ClusterArn: arn }));
    await api.control.settled();
    expect((await api.aws.send(new ListClustersCommand({}))).ClusterInfoList).toEqual([]);
  });

  test('and gets other ports when another process took one before its first use', async () => {
    api.engine.failure = new EngineError('PORT_IN_USE', 'Broker 2 cannot start.');
    api.engine.failures = 2;
    const arn = await createActive(api);
    expect((await api.aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).ClusterInfo?.State).toBe(
      'ACTIVE',
    );
    expect(api.engine.calls.filter((call) => call === 'prepare orders')).toHaveLength(3);
  });

  test('deleted while it is being created, it is gone and its creation ends', async () => {
    api.engine.gate = new Promise(() => {});
    const { ClusterArn } = await api.aws.send(new CreateClusterCommand(ORDERS));
    await api.aws.send(new DeleteClusterCommand({ ClusterArn }));
    await api.control.settled();
    expect(api.control.store.clusters.all()).toEqual([]);
  });

  test('one after others that have not started yet, each of which was answered at once', async () => {
    api.engine.gate = new Promise(() => {});
    const atOnce = Math.max(2, availableParallelism());
    const names = Array.from({ length: atOnce + 1 }, (_, nth) => `many-${nth}`);
    for (const ClusterName of names) await api.aws.send(new CreateClusterCommand({ ...ORDERS, ClusterName }));
    const starts = () => api.engine.calls.filter((call) => call.startsWith('start many'));
    await eventually('as many start as there are processors', () => starts().length === atOnce);
    expect(api.engine.calls).not.toContain(`prepare many-${atOnce}`);
    const first = api.control.store.clusters.byName('many-0');
    await api.aws.send(new DeleteClusterCommand({ ClusterArn: first?.arn }));
    await eventually('the next one starts', () => starts().length === atOnce + 1);
    expect(starts()).toEqual(names.map((name) => `start ${name}`));
  });

  test('deleted while it waits for others to start, it is gone without having begun', async () => {
    api.engine.gate = new Promise(() => {});
    const names = Array.from({ length: Math.max(2, availableParallelism()) + 1 }, (_, nth) => `many-${nth}`);
    for (const ClusterName of names) await api.aws.send(new CreateClusterCommand({ ...ORDERS, ClusterName }));
    const last = api.control.store.clusters.byName(names.at(-1) ?? '');
    await api.aws.send(new DeleteClusterCommand({ ClusterArn: last?.arn }));
    await eventually('it is gone', () => api.control.store.clusters.byName(names.at(-1) ?? '') === null);
    expect(api.engine.calls).not.toContain(`prepare ${names.at(-1)}`);
  });

  test('HEALING while the engine says that its processes do not hold', async () => {
    const arn = await createActive(api);
    const [cluster] = api.control.store.clusters.all();
    if (!cluster) throw new Error('no cluster');
    api.engine.report(cluster, { code: 'BROKER_CRASH_LOOP', message: 'Broker 1 ends at once.' });
    expect((await api.aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).ClusterInfo).toMatchObject({
      State: 'HEALING',
      StateInfo: { Message: 'Broker 1 ends at once.' },
    });
    api.engine.report(cluster, null);
    const { ClusterInfo } = await api.aws.send(new DescribeClusterCommand({ ClusterArn: arn }));
    expect(ClusterInfo?.State).toBe('ACTIVE');
    expect(ClusterInfo?.StateInfo).toBeUndefined();
  });

  test('another life of the control plane finds it as it was, with the same ports', async () => {
    const arn = await createActive(api);
    const before = await api.aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }));
    await api.restart();
    const after = await api.aws.send(new GetBootstrapBrokersCommand({ ClusterArn: arn }));
    expect(after.BootstrapBrokerStringTls).toBe(before.BootstrapBrokerStringTls);
    expect(after.BootstrapBrokerStringTls).toBeDefined();
    expect(api.engine.calls.slice(-2)).toEqual(['stop orphans of orders', 'start orders']);
  });
});

test('a subnet is in one zone, in whatever order clusters name it', async () => {
  const of = async (ClusterName: string, ClientSubnets: string[]) => {
    const ClusterArn = await createActive(api, {
      ClusterName,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets },
    });
    const { NodeInfoList = [] } = await api.aws.send(new ListNodesCommand({ ClusterArn }));
    const { ClusterInfo } = await api.aws.send(new DescribeClusterCommand({ ClusterArn }));
    expect(ClusterInfo?.BrokerNodeGroupInfo?.ClientSubnets).toEqual(ClientSubnets);
    return NodeInfoList.map(({ BrokerNodeInfo }) => BrokerNodeInfo?.ClientSubnet);
  };
  const inOrder = ['s-a', 's-b', 's-c'];
  expect(await of('one', inOrder)).toEqual(inOrder);
  expect(await of('two', inOrder.toReversed())).toEqual(inOrder);
});

test('what AWS tells without being asked is told: connectivity of VPCs, interfaces and addresses of brokers', async () => {
  const ClusterArn = await createActive(api);
  const { ClusterInfo } = await api.aws.send(new DescribeClusterCommand({ ClusterArn }));
  const off = { Enabled: false };
  expect(ClusterInfo?.BrokerNodeGroupInfo?.ConnectivityInfo?.VpcConnectivity).toEqual({
    ClientAuthentication: { Sasl: { Scram: off, Iam: off }, Tls: off },
  });
  const { NodeInfoList = [] } = await api.aws.send(new ListNodesCommand({ ClusterArn }));
  const interfaces = NodeInfoList.map(({ BrokerNodeInfo }) => BrokerNodeInfo?.AttachedENIId);
  expect(new Set(interfaces).size).toBe(3);
  for (const id of interfaces) expect(id).toMatch(/^eni-[0-9a-f]{17}$/);
  expect(NodeInfoList[0]?.BrokerNodeInfo?.ClientVpcIpAddress).toBe('127.0.0.1');
});
