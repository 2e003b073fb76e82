import {
  CreateClusterCommand,
  CreateClusterV2Command,
  CreateConfigurationCommand,
  DeleteClusterCommand,
  DeleteConfigurationCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  DescribeClusterOperationV2Command,
  DescribeClusterV2Command,
  type KafkaClient,
  UpdateBrokerCountCommand,
  UpdateClusterConfigurationCommand,
  UpdateConfigurationCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewCluster } from '../../src/control/control.ts';
import { EngineError } from '../../src/control/engine.ts';
import { AdminError } from '../../src/control/rebalance/cluster-admin.ts';
import { demoCluster } from '../../src/control/steps/demo-cluster.ts';
import { answered } from '../support/answered.ts';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** Clusters with a configuration: at their creation, and when they are given another revision. */

let api: ApiHarness;
let aws: KafkaClient;
let access: FakeAccess;
let Arn: string;

beforeEach(async () => {
  access = new FakeAccess([[1, 2, 3]]);
  api = await ApiHarness.start(() => access);
  aws = api.aws;
  Arn = await configure('num.partitions=3\nmessage.max.bytes=2000000');
});
afterEach(() => api[Symbol.asyncDispose]());

/** As `millrace up` makes one. */
function demo(): NewCluster {
  const wish = {
    name: 'demo',
    brokers: 3,
    firstPortBase: 0,
    tls: false,
    scram: false,
    iam: false,
    config: {},
  };
  const cluster = demoCluster(wish);
  if ('error' in cluster) return expect.fail(cluster.message);
  return { ...cluster, exactPorts: false, firstPortBase: undefined };
}

const NODES = [1, 2, 3, 'controller'] as const;
const CLUSTER = {
  ClusterName: 'orders',
  KafkaVersion: '3.9.x.kraft',
  NumberOfBrokerNodes: 3,
  BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
};

async function configure(text: string, KafkaVersions?: string[]): Promise<string> {
  const made = await aws.send(
    new CreateConfigurationCommand({
      Name: `c-${Math.random().toString(36).slice(2)}`,
      ServerProperties: Buffer.from(text),
      KafkaVersions,
    }),
  );
  return made.Arn ?? '';
}

/** Resolves with the number of the new revision. */
async function revise(text: string): Promise<number> {
  const made = await aws.send(new UpdateConfigurationCommand({ Arn, ServerProperties: Buffer.from(text) }));
  return made.LatestRevision?.Revision ?? 0;
}

async function create(Revision?: number): Promise<string> {
  const { ClusterArn = '' } = await aws.send(
    new CreateClusterCommand({
      ...CLUSTER,
      ...(Revision === undefined ? {} : { ConfigurationInfo: { Arn, Revision } }),
    }),
  );
  await api.control.settled();
  api.engine.calls.length = 0;
  return ClusterArn;
}

async function info(ClusterArn: string) {
  const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
  return ClusterInfo ?? {};
}

async function update(ClusterArn: string, Revision: number, arn = Arn): Promise<string> {
  const { CurrentVersion } = await info(ClusterArn);
  const answer = await aws.send(
    new UpdateClusterConfigurationCommand({
      ClusterArn,
      CurrentVersion,
      ConfigurationInfo: { Arn: arn, Revision },
    }),
  );
  await api.control.settled();
  return answer.ClusterOperationArn ?? '';
}

async function operation(ClusterOperationArn: string) {
  const answer = await aws.send(new DescribeClusterOperationCommand({ ClusterOperationArn }));
  const { OperationSteps = [], ...rest } = answer.ClusterOperationInfo ?? {};
  return {
    ...rest,
    steps: OperationSteps.map(({ StepName, StepInfo }) => `${StepName} ${StepInfo?.StepStatus}`),
  };
}

const started = (name: string) => NODES.map((node) => api.engine.configs.get(node)?.[name]);

test('a cluster is created with a configuration: every node starts with it, over the defaults of MSK', async () => {
  const ClusterArn = await create(1);
  expect(started('num.partitions')).toEqual(['3', '3', '3', '3']);
  expect(started('message.max.bytes')).toEqual(Array(4).fill('2000000'));
  expect(started('min.insync.replicas')).toEqual(['2', '2', '2', '2']);
  const software = { KafkaVersion: '3.9.x.kraft', ConfigurationArn: Arn, ConfigurationRevision: 1 };
  const described = await info(ClusterArn);
  expect(described.CurrentBrokerSoftwareInfo).toEqual(software);
  expect(described).not.toHaveProperty('configurationInfo');
  const { ClusterInfo } = await aws.send(new DescribeClusterV2Command({ ClusterArn }));
  expect(ClusterInfo?.Provisioned?.CurrentBrokerSoftwareInfo).toEqual(software);
});

test('by the second API as well', async () => {
  const { ClusterName, ...Provisioned } = CLUSTER;
  const ConfigurationInfo = { Arn, Revision: 1 };
  const create = (wrong: object) =>
    aws.send(
      new CreateClusterV2Command({
        ClusterName,
        Provisioned: { ...Provisioned, ConfigurationInfo: { ...ConfigurationInfo, ...wrong } },
      }),
    );
  await expect(create({ Revision: 2 })).rejects.toMatchObject({
    InvalidParameter: 'provisioned.configurationInfo.revision',
  });
  const { ClusterArn = '' } = await create({});
  await api.control.settled();
  expect((await info(ClusterArn)).CurrentBrokerSoftwareInfo).toMatchObject({ ConfigurationRevision: 1 });
});

test('a cluster without a configuration tells none', async () => {
  expect((await info(await create())).CurrentBrokerSoftwareInfo).toEqual({ KafkaVersion: '3.9.x.kraft' });
});

test('a revision that changes only live configs is in force without a restart', async () => {
  const ClusterArn = await create(1);
  const { CurrentVersion } = await info(ClusterArn);
  const done = await operation(
    await update(ClusterArn, await revise('num.partitions=3\nmessage.max.bytes=8388608')),
  );
  expect(api.engine.calls).toEqual([]);
  expect([...access.defaults]).toEqual([['message.max.bytes', '8388608']]);
  expect(done).toMatchObject({
    OperationType: 'UPDATE_CLUSTER_CONFIGURATION',
    OperationState: 'UPDATE_COMPLETE',
    SourceClusterInfo: { ConfigurationInfo: { Arn, Revision: 1 } },
    TargetClusterInfo: { ConfigurationInfo: { Arn, Revision: 2 } },
    steps: ['INITIALIZE_UPDATE COMPLETED', 'UPDATE_LIVE_CONFIGS COMPLETED', 'FINALIZE_UPDATE COMPLETED'],
  });
  const after = await info(ClusterArn);
  expect(after.CurrentBrokerSoftwareInfo?.ConfigurationRevision).toBe(2);
  expect(after.CurrentVersion).not.toBe(CurrentVersion);
  // A removed config has Kafka's default again, although the brokers were started with another value.
  await update(ClusterArn, await revise('num.partitions=3'));
  expect(api.engine.calls).toEqual([]);
  expect(access.defaults.get('message.max.bytes')).toBe('1048588');
});

test('a revision that needs it restarts one node after another, and then sets what is live', async () => {
  const ClusterArn = await create(1);
  const arn = await update(
    ClusterArn,
    await revise('num.partitions=6\nmessage.max.bytes=8388608\nnum.io.threads=4'),
  );
  expect(api.engine.calls).toEqual([
    'restart orders 1 kafka.m5.large',
    'restart orders 2 kafka.m5.large',
    'restart orders 3 kafka.m5.large',
    'restart orders controller',
  ]);
  expect(started('num.partitions')).toEqual(['6', '6', '6', '6']);
  expect(access.defaults.get('message.max.bytes')).toBe('8388608');
  expect((await operation(arn)).steps).toEqual([
    'INITIALIZE_UPDATE COMPLETED',
    'UPDATE_BROKER_1 COMPLETED',
    'UPDATE_BROKER_2 COMPLETED',
    'UPDATE_BROKER_3 COMPLETED',
    'UPDATE_CONTROLLER COMPLETED',
    'UPDATE_LIVE_CONFIGS COMPLETED',
    'FINALIZE_UPDATE COMPLETED',
  ]);
  const activity = await fetch(
    `${api.control.url}/millrace/v1/operations/${encodeURIComponent(arn)}/activity`,
  );
  expect(await activity.json()).toMatchObject({
    configurationChange: {
      live: ['message.max.bytes'],
      rolling: ['num.partitions'],
      withoutEffect: ['num.io.threads'],
    },
  });
});

test('what a revision would change can be asked before', async () => {
  const ClusterArn = await create(1);
  const revision = await revise('num.partitions=6');
  const query = new URLSearchParams({ arn: Arn, revision: String(revision) });
  const plan = await fetch(
    `${api.control.url}/millrace/v1/clusters/${encodeURIComponent(ClusterArn)}/configuration-plan?${query}`,
  );
  expect(await plan.json()).toEqual({
    live: ['message.max.bytes'],
    rolling: ['num.partitions'],
    withoutEffect: [],
  });
  expect((await info(ClusterArn)).State).toBe('ACTIVE');
});

test('until the change is done the cluster has the revision of before', async () => {
  const ClusterArn = await create(1);
  let open: () => void = () => {};
  api.engine.gate = new Promise((done) => {
    open = done;
  });
  const revision = await revise('num.partitions=6');
  const { CurrentVersion } = await info(ClusterArn);
  const { ClusterOperationArn } = await aws.send(
    new UpdateClusterConfigurationCommand({
      ClusterArn,
      CurrentVersion,
      ConfigurationInfo: { Arn, Revision: revision },
    }),
  );
  expect(await info(ClusterArn)).toMatchObject({
    State: 'UPDATING',
    ActiveOperationArn: ClusterOperationArn,
    CurrentBrokerSoftwareInfo: { ConfigurationRevision: 1 },
  });
  open();
  await api.control.settled();
  expect(await info(ClusterArn)).toMatchObject({
    State: 'ACTIVE',
    CurrentBrokerSoftwareInfo: { ConfigurationRevision: 2 },
  });
  const { ClusterOperationInfo } = await aws.send(
    new DescribeClusterOperationV2Command({ ClusterOperationArn }),
  );
  expect(ClusterOperationInfo?.Provisioned?.TargetClusterInfo?.ConfigurationInfo).toEqual({
    Arn,
    Revision: 2,
  });
});

test('brokers that come later, and another life, have the configuration of the cluster', async () => {
  const ClusterArn = await create(1);
  await update(ClusterArn, await revise('num.partitions=6'));
  const { CurrentVersion } = await info(ClusterArn);
  await aws.send(new UpdateBrokerCountCommand({ ClusterArn, CurrentVersion, TargetNumberOfBrokerNodes: 6 }));
  await api.control.settled();
  expect(api.engine.configs.get(6)?.['num.partitions']).toBe('6');
  aws = await api.restart();
  await api.control.settled();
  expect(started('num.partitions')).toEqual(['6', '6', '6', '6']);
  expect((await info(ClusterArn)).CurrentBrokerSoftwareInfo?.ConfigurationRevision).toBe(2);
});

test('a value that the brokers refuse ends the operation with the reason; the same can be asked for again', async () => {
  const ClusterArn = await create(1);
  access.defaultsFailure = new AdminError('INVALID_CONFIG: no', { retriable: false });
  const revision = await revise('num.partitions=6');
  expect(await operation(await update(ClusterArn, revision))).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: { ErrorCode: 'CONFIG_REFUSED', ErrorString: expect.stringContaining('INVALID_CONFIG: no') },
  });
  expect((await info(ClusterArn)).CurrentBrokerSoftwareInfo?.ConfigurationRevision).toBe(1);
  access.defaultsFailure = null;
  expect(await operation(await update(ClusterArn, revision))).toMatchObject({
    OperationState: 'UPDATE_COMPLETE',
  });
});

test('a restart that fails once is tried again', async () => {
  const ClusterArn = await create(1);
  const revision = await revise('num.partitions=6');
  let restarts = 0;
  api.engine.onRestart = () => {
    if (++restarts === 2) throw new Error('once');
  };
  const arn = await update(ClusterArn, revision);
  await eventually('it is complete', async () => (await operation(arn)).OperationState === 'UPDATE_COMPLETE');
  expect(started('num.partitions')).toEqual(['6', '6', '6', '6']);
});

test('a configuration in use cannot be deleted, until the last cluster that has it is gone', async () => {
  const ClusterArn = await create(1);
  const other = await configure('num.partitions=9');
  const inUse = {
    name: 'BadRequestException',
    message: expect.stringMatching(
      /^Configuration is in use by one or more clusters. Dissociate the configuration/,
    ),
  };
  const remove = (arn: string) => aws.send(new DeleteConfigurationCommand({ Arn: arn }));
  await expect(remove(Arn)).rejects.toMatchObject(inUse);
  await update(ClusterArn, 1, other);
  await remove(Arn);
  await expect(remove(other)).rejects.toMatchObject(inUse);
  await aws.send(new DeleteClusterCommand({ ClusterArn }));
  await api.control.settled();
  await remove(other);
});

describe('what is wrong is refused with the parameter, and nothing changes', () => {
  test.each<[string, object, string, string]>([
    [
      'a configuration that is not there',
      { Arn: 'arn:x' },
      'configurationInfo.arn',
      'Configuration ARN does not exist.',
    ],
    [
      'a revision that is not there',
      { Revision: 2 },
      'configurationInfo.revision',
      'Configuration revision does not exist.',
    ],
    ['no ARN', { Arn: undefined }, 'configurationInfo.arn', 'required'],
    ['an empty ARN', { Arn: '' }, 'configurationInfo.arn', 'characters'],
    ['no revision', { Revision: undefined }, 'configurationInfo.revision', 'required'],
    ['revision 0', { Revision: 0 }, 'configurationInfo.revision', 'must be from 1'],
    ['a revision with a fraction', { Revision: 1.5 }, 'configurationInfo.revision', 'an integer'],
  ])('%s', async (_, wrong, InvalidParameter, message) => {
    const ConfigurationInfo = { Arn, Revision: 1, ...wrong };
    const refused = {
      name: 'BadRequestException',
      InvalidParameter,
      message: expect.stringContaining(message),
    };
    await expect(aws.send(new CreateClusterCommand({ ...CLUSTER, ConfigurationInfo }))).rejects.toMatchObject(
      refused,
    );
    expect(api.control.store.clusters.all()).toEqual([]);
    const ClusterArn = await create();
    const before = await info(ClusterArn);
    await expect(
      aws.send(
        new UpdateClusterConfigurationCommand({
          ClusterArn,
          CurrentVersion: before.CurrentVersion,
          ConfigurationInfo,
        }),
      ),
    ).rejects.toMatchObject(refused);
    expect(await info(ClusterArn)).toEqual(before);
  });

  test('a revision that does not go with what the cluster has beneath it', async () => {
    const made = await api.control.createCluster({
      ...demo(),
      brokerConfig: { 'queued.max.request.bytes': '110000000' },
    });
    const ClusterArn = 'arn' in made ? made.arn : expect.fail(made.message);
    await api.control.settled();
    const tooMuch = await revise('socket.request.max.bytes=120000000');
    await expect(update(ClusterArn, tooMuch)).rejects.toMatchObject({
      name: 'BadRequestException',
      InvalidParameter: 'configurationInfo',
      message: 'queued.max.request.bytes must be larger or equal to socket.request.max.bytes',
    });
    await update(ClusterArn, await revise('socket.request.max.bytes=105000000'));
  });

  test('a configuration for other versions of Kafka', async () => {
    const ConfigurationInfo = { Arn: await configure('num.partitions=2', ['4.1.x.kraft']), Revision: 1 };
    await expect(aws.send(new CreateClusterCommand({ ...CLUSTER, ConfigurationInfo }))).rejects.toMatchObject(
      {
        InvalidParameter: 'configurationInfo.arn',
        message: expect.stringContaining('is for KafkaVersions [4.1.x.kraft], not for 3.9.x.kraft'),
      },
    );
  });

  test('a version that is not current, no version, no configuration, a cluster that is not there', async () => {
    const ClusterArn = await create(1);
    const { CurrentVersion } = await info(ClusterArn);
    const ConfigurationInfo = { Arn, Revision: await revise('num.partitions=6') };
    const ask = (wrong: object) =>
      aws.send(
        new UpdateClusterConfigurationCommand({ ClusterArn, CurrentVersion, ConfigurationInfo, ...wrong }),
      );
    await expect(ask({ CurrentVersion: 'K1' })).rejects.toMatchObject({
      InvalidParameter: 'currentVersion',
      message: expect.stringContaining('isn’t current'),
    });
    await expect(ask({ CurrentVersion: undefined })).rejects.toMatchObject({
      InvalidParameter: 'currentVersion',
    });
    await expect(ask({ ConfigurationInfo: undefined })).rejects.toMatchObject({
      InvalidParameter: 'configurationInfo',
    });
    await expect(ask({ ClusterArn: `${ClusterArn}x` })).rejects.toMatchObject({ name: 'NotFoundException' });
    await expect(ask({ ConfigurationInfo: { Arn, Revision: 1 } })).rejects.toMatchObject({
      message: 'The cluster orders has revision 1 of this configuration already.',
    });
    expect(await info(ClusterArn)).toMatchObject({ State: 'ACTIVE', CurrentVersion });
  });
});

test('a broker that never starts with it ends the change, and has its former configuration again', async () => {
  const ClusterArn = await create(1);
  api.engine.restartFailure = new EngineError('CRASH_LOOP', 'Broker 1 died 4 times in a row');
  const { CurrentVersion } = await info(ClusterArn);
  const { ClusterOperationArn = '' } = await aws.send(
    new UpdateClusterConfigurationCommand({
      ClusterArn,
      CurrentVersion,
      ConfigurationInfo: { Arn, Revision: await revise('num.partitions=6') },
    }),
  );
  await api.control.settled();
  const cancel = await fetch(
    `${api.control.url}/millrace/v1/operations/${encodeURIComponent(ClusterOperationArn)}/cancel`,
    { method: 'POST' },
  );
  await answered(200, cancel);
  await api.control.settled();
  expect(await operation(ClusterOperationArn)).toMatchObject({ OperationState: 'UPDATE_FAILED' });
  const [cluster] = api.control.store.clusters.all();
  expect(cluster?.brokers.map(({ properties }) => properties)).toEqual([null, null, null]);
  expect(cluster?.spec.configurationInfo?.revision).toBe(1);
});
