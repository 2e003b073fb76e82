import {
  CreateClusterCommand,
  CreateConfigurationCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  GetCompatibleKafkaVersionsCommand,
  type KafkaClient,
  ListNodesCommand,
  UpdateBrokerCountCommand,
  UpdateClusterKafkaVersionCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AdminError } from '../../src/control/rebalance/cluster-admin.ts';
import { answered } from '../support/answered.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** Clusters that are given another Kafka version. */

let api: ApiHarness;
let aws: KafkaClient;
let access: FakeAccess;

beforeEach(async () => {
  access = new FakeAccess([[1, 2, 3]]);
  api = await ApiHarness.start(() => access);
  aws = api.aws;
});
afterEach(() => api[Symbol.asyncDispose]());

async function create(more: object = {}): Promise<string> {
  const { ClusterArn = '' } = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
      ...more,
    }),
  );
  await api.control.settled();
  api.engine.calls.length = 0;
  return ClusterArn;
}

async function configure(text: string, KafkaVersions?: string[]): Promise<string> {
  const ServerProperties = Buffer.from(text);
  const Name = `c-${text.length}`;
  return (
    (await aws.send(new CreateConfigurationCommand({ Name, ServerProperties, KafkaVersions }))).Arn ?? ''
  );
}

async function info(ClusterArn: string) {
  const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
  return ClusterInfo ?? {};
}

async function begin(ClusterArn: string, TargetKafkaVersion: string, more: object = {}): Promise<string> {
  const { CurrentVersion } = await info(ClusterArn);
  const { ClusterOperationArn = '' } = await aws.send(
    new UpdateClusterKafkaVersionCommand({ ClusterArn, CurrentVersion, TargetKafkaVersion, ...more }),
  );
  return ClusterOperationArn;
}

async function update(ClusterArn: string, target: string, more: object = {}) {
  const arn = await begin(ClusterArn, target, more);
  await api.control.settled();
  return operation(arn);
}

async function operation(ClusterOperationArn: string) {
  const answer = await aws.send(new DescribeClusterOperationCommand({ ClusterOperationArn }));
  const { OperationSteps = [], ...rest } = answer.ClusterOperationInfo ?? {};
  return { ...rest, steps: OperationSteps.map((one) => `${one.StepName} ${one.StepInfo?.StepStatus}`) };
}

async function versionsOfNodes(ClusterArn: string) {
  const { NodeInfoList = [] } = await aws.send(new ListNodesCommand({ ClusterArn }));
  return NodeInfoList.map((node) => node.BrokerNodeInfo?.CurrentBrokerSoftwareInfo?.KafkaVersion);
}

const post = (path: string) => fetch(`${api.control.url}/millrace/v1/${path}`, { method: 'POST' });

test('broker after broker, and the features last', async () => {
  const ClusterArn = await create();
  const before = await info(ClusterArn);
  expect(await update(ClusterArn, '4.1.x.kraft')).toMatchObject({
    OperationType: 'UPDATE_CLUSTER_KAFKA_VERSION',
    OperationState: 'UPDATE_COMPLETE',
    SourceClusterInfo: { KafkaVersion: '3.9.x.kraft' },
    TargetClusterInfo: { KafkaVersion: '4.1.x.kraft' },
    steps: [
      'INITIALIZE_UPDATE COMPLETED',
      'UPDATE_BROKER_1 COMPLETED',
      'UPDATE_BROKER_2 COMPLETED',
      'UPDATE_BROKER_3 COMPLETED',
      'FINALIZE_FEATURES COMPLETED',
      'FINALIZE_UPDATE COMPLETED',
    ],
  });
  expect([...api.engine.versions]).toEqual([1, 2, 3].map((broker) => [broker, '4.1.x.kraft']));
  expect(access.features.get('metadata.version')).toBe(27);
  const after = await info(ClusterArn);
  expect(after.CurrentBrokerSoftwareInfo).toEqual({ KafkaVersion: '4.1.x.kraft' });
  expect(after.CurrentVersion).not.toBe(before.CurrentVersion);
  const { CompatibleKafkaVersions } = await aws.send(new GetCompatibleKafkaVersionsCommand({ ClusterArn }));
  expect(CompatibleKafkaVersions).toEqual([{ SourceVersion: '4.1.x.kraft', TargetVersions: [] }]);
  await aws.send(
    new UpdateBrokerCountCommand({
      ClusterArn,
      CurrentVersion: after.CurrentVersion,
      TargetNumberOfBrokerNodes: 6,
    }),
  );
  await api.control.settled();
  expect(await versionsOfNodes(ClusterArn)).toEqual(Array(6).fill('4.1.x.kraft'));
});

test('a configuration comes with it, in the same restarts', async () => {
  const Arn = await configure('num.partitions=6\nmessage.max.bytes=8388608');
  const ClusterArn = await create();
  const done = await update(ClusterArn, '4.0.x.kraft', { ConfigurationInfo: { Arn, Revision: 1 } });
  expect(done.steps).toEqual([
    'INITIALIZE_UPDATE COMPLETED',
    'UPDATE_BROKER_1 COMPLETED',
    'UPDATE_BROKER_2 COMPLETED',
    'UPDATE_BROKER_3 COMPLETED',
    'UPDATE_CONTROLLER COMPLETED',
    'UPDATE_LIVE_CONFIGS COMPLETED',
    'FINALIZE_FEATURES COMPLETED',
    'FINALIZE_UPDATE COMPLETED',
  ]);
  for (const node of [1, 2, 3, 'controller'] as const)
    expect(api.engine.configs.get(node)?.['num.partitions']).toBe('6');
  expect(access.defaults.get('message.max.bytes')).toBe('8388608');
  expect((await info(ClusterArn)).CurrentBrokerSoftwareInfo).toEqual({
    KafkaVersion: '4.0.x.kraft',
    ConfigurationArn: Arn,
    ConfigurationRevision: 1,
  });
});

test('until the features are in force there is a way back, by the same change to the version of before', async () => {
  const ClusterArn = await create();
  access.featuresFailure = new AdminError('INVALID_UPDATE_VERSION: no', { retriable: false });
  expect(await update(ClusterArn, '4.1.x.kraft')).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: {
      ErrorCode: 'FEATURES_REFUSED',
      ErrorString: expect.stringContaining('INVALID_UPDATE_VERSION: no'),
    },
  });
  expect((await info(ClusterArn)).CurrentBrokerSoftwareInfo?.KafkaVersion).toBe('3.9.x.kraft');
  expect(await versionsOfNodes(ClusterArn)).toEqual(Array(3).fill('4.1.x.kraft'));
  expect((await update(ClusterArn, '3.9.x.kraft')).steps).toEqual([
    'INITIALIZE_UPDATE COMPLETED',
    'UPDATE_BROKER_1 COMPLETED',
    'UPDATE_BROKER_2 COMPLETED',
    'UPDATE_BROKER_3 COMPLETED',
    'FINALIZE_UPDATE COMPLETED',
  ]);
  expect(await versionsOfNodes(ClusterArn)).toEqual(Array(3).fill('3.9.x.kraft'));
  access.featuresFailure = null;
  expect(await update(ClusterArn, '4.1.x.kraft')).toMatchObject({ OperationState: 'UPDATE_COMPLETE' });
});

test('another life of the control plane goes on with it', async () => {
  const ClusterArn = await create();
  let restarts = 0;
  // This life fails at it as often as it tries.
  api.engine.onRestart = () => {
    if (++restarts >= 2) throw new Error('not in this life');
  };
  const arn = await begin(ClusterArn, '4.0.x.kraft');
  await api.control.settled();
  expect(await versionsOfNodes(ClusterArn)).toEqual(['4.0.x.kraft', '3.9.x.kraft', '3.9.x.kraft']);
  api.engine.onRestart = () => {};
  aws = await api.restart();
  await api.control.settled();
  expect(await operation(arn)).toMatchObject({ OperationState: 'UPDATE_COMPLETE' });
  expect(await versionsOfNodes(ClusterArn)).toEqual(Array(3).fill('4.0.x.kraft'));
});

test('what an upgrade would change can be asked before', async () => {
  access = new FakeAccess([[1, 2, 3], [2]]);
  const ClusterArn = await create();
  const plan = () =>
    fetch(
      `${api.control.url}/millrace/v1/clusters/${encodeURIComponent(ClusterArn)}/version-plan?target=4.0.x.kraft`,
    ).then((answer) => answer.json());
  expect(await plan()).toEqual({
    restarts: [1, 2, 3],
    features: [
      { name: 'metadata.version', from: 21, to: 25 },
      { name: 'transaction.version', from: 0, to: 2 },
      { name: 'group.version', from: 0, to: 1 },
    ],
    refusal: null,
    warnings: [
      'While their broker restarts, clients can neither read nor write 1 partition(s) (t-1), which have one replica.',
    ],
  });
  access.lag(3);
  expect(await plan()).toMatchObject({
    refusal: expect.stringContaining('broker 3 is behind in 1 partition(s)'),
  });
  expect((await info(ClusterArn)).State).toBe('ACTIVE');
});

describe('what is refused, and changes nothing', () => {
  const refused = async (ClusterArn: string, target: string, message: string, more: object = {}) => {
    const before = await info(ClusterArn);
    await expect(begin(ClusterArn, target, more)).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringContaining(message),
    });
    expect(await info(ClusterArn)).toEqual(before);
    expect(api.engine.calls).toEqual([]);
  };

  test.each([
    ['a version that there is not', '9.9.9', 'Unsupported KafkaVersion [9.9.9]. Valid values: ['],
    [
      'an earlier one',
      '3.8.x.kraft',
      'cannot be updated to 3.8.x.kraft. Valid values: [4.0.x.kraft, 4.1.x.kraft]',
    ],
    ['the way back to ZooKeeper', '3.9.x', 'cannot be updated to 3.9.x'],
    ['the one that it has', '3.9.x.kraft', 'has Kafka version 3.9.x.kraft already'],
  ])('%s', async (_, target, message) => refused(await create(), target, message));

  test('while a replica is not in sync', async () => {
    const ClusterArn = await create();
    access.lag(2);
    await refused(
      ClusterArn,
      '4.0.x.kraft',
      'under-replicated partitions: broker 2 is behind in 1 partition(s) (t-0)',
    );
    access.catchUp(2);
    expect(await update(ClusterArn, '4.0.x.kraft')).toMatchObject({ OperationState: 'UPDATE_COMPLETE' });
  });

  test('a configuration that is not for the new version, the one that the cluster has too', async () => {
    const Arn = await configure('num.partitions=2', ['3.9.x.kraft']);
    const message = 'is for KafkaVersions [3.9.x.kraft], not for 4.0.x.kraft';
    const ConfigurationInfo = { Arn, Revision: 1 };
    await refused(await create(), '4.0.x.kraft', message, { ConfigurationInfo });
    const ClusterArn = await create({ ClusterName: 'bills', ConfigurationInfo });
    await refused(ClusterArn, '4.0.x.kraft', message);
    const other = await configure('num.partitions=12');
    expect(
      await update(ClusterArn, '4.0.x.kraft', { ConfigurationInfo: { Arn: other, Revision: 1 } }),
    ).toMatchObject({ OperationState: 'UPDATE_COMPLETE' });
  });

  test('a size of brokers that the version does not have', async () => {
    const ClusterArn = await create({
      KafkaVersion: '3.9.x',
      BrokerNodeGroupInfo: { InstanceType: 'kafka.t3.small', ClientSubnets: ['a', 'b', 'c'] },
    });
    await refused(ClusterArn, '3.9.x.kraft', 'Unsupported InstanceType');
  });
});

test('it can be cancelled until the features are in force: the brokers that have the version keep it', async () => {
  const ClusterArn = await create();
  let open: () => void = () => {};
  api.engine.onRestart = () => {
    api.engine.gate ??= new Promise((done) => {
      open = done;
    });
  };
  const arn = await begin(ClusterArn, '4.0.x.kraft');
  await api.control.serving();
  await expect.poll(async () => (await versionsOfNodes(ClusterArn))[0]).toBe('4.0.x.kraft');
  await answered(200, post(`operations/${encodeURIComponent(arn)}/cancel`));
  api.engine.gate = null;
  open();
  await api.control.settled();
  expect(await operation(arn)).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: { ErrorCode: 'CANCELLED' },
  });
  expect((await info(ClusterArn)).CurrentBrokerSoftwareInfo?.KafkaVersion).toBe('3.9.x.kraft');
});
