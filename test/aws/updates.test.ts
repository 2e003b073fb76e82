import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BadRequestException,
  CreateClusterCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  DescribeClusterOperationV2Command,
  KafkaClient,
  ListClusterOperationsCommand,
  ListClusterOperationsV2Command,
  ListNodesCommand,
  NotFoundException,
  RebootBrokerCommand,
  UpdateBrokerCountCommand,
  UpdateBrokerTypeCommand,
  UpdateRebalancingCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { silent } from '../../src/base/log.ts';
import type { ControlOptions } from '../../src/control/control.ts';
import { ControlPlane } from '../../src/control/control-plane.ts';
import { EngineError } from '../../src/control/engine.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { answered } from '../support/answered.ts';
import { eventually } from '../support/millrace.ts';
import { FakeAccess } from './fake-access.ts';
import { FakeEngine } from './fake-engine.ts';

/** The factor by which time passes faster: waits of minutes take moments. */
const HURRY = 1000;
/** 1 where something is asked of an operation while it still has its time. */
let hurry = HURRY;
const real = nodeWorld(silent);
const clock: Clock = {
  now: () => real.clock.now(),
  monotonic: () => real.clock.monotonic() * hurry,
  after: (ms, run) => real.clock.after(ms / hurry, run),
  soon: (run) => real.clock.soon(run),
};

const CREDENTIALS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  maxAttempts: 1,
};

let data: string;
let options: ControlOptions;
let engine: FakeEngine;
let access: FakeAccess;
let control: ControlPlane;
let aws: KafkaClient;
let ClusterArn: string;

beforeEach(async () => {
  hurry = HURRY;
  data = mkdtempSync(join(tmpdir(), 'millrace-aws-'));
  engine = new FakeEngine();
  // Twelve partitions on three brokers, with three replicas each.
  access = new FakeAccess(
    Array.from({ length: 12 }, (_, i) => [(i % 3) + 1, ((i + 1) % 3) + 1, ((i + 2) % 3) + 1]),
  );
  options = {
    dataDirectory: data,
    host: '127.0.0.1',
    port: 0,
    advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }],
    region: 'us-east-1',
    account: '000000000000',
    hungAfterMs: 30_000,
  };
  control = await ControlPlane.start({ ...real, clock }, options, engine, () => access);
  aws = new KafkaClient({ ...CREDENTIALS, endpoint: control.url });
  const created = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
    }),
  );
  ClusterArn = created.ClusterArn ?? '';
  await control.settled();
  engine.calls.length = 0;
});

afterEach(async () => {
  aws.destroy();
  await control.stop();
  rmSync(data, { recursive: true, force: true });
});

async function info() {
  const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
  return ClusterInfo ?? {};
}

async function count(TargetNumberOfBrokerNodes: number): Promise<string> {
  const { CurrentVersion } = await info();
  const answer = await aws.send(
    new UpdateBrokerCountCommand({ ClusterArn, CurrentVersion, TargetNumberOfBrokerNodes }),
  );
  return answer.ClusterOperationArn ?? '';
}

function replicasOf(broker: number): number {
  return access.replicas.filter((own) => own.includes(broker)).length;
}

test('brokers are added with their share of the partitions, and taken away after they gave it back', async () => {
  let open: () => void = () => {};
  engine.gate = new Promise((done) => {
    open = done;
  });
  const ClusterOperationArn = await count(6);
  expect(ClusterOperationArn).toMatch(
    /^arn:aws:kafka:us-east-1:000000000000:cluster-operation\/orders\/[0-9a-f-]{36}-1\/[0-9a-f-]{36}$/,
  );
  expect(await info()).toMatchObject({ State: 'UPDATING', ActiveOperationArn: ClusterOperationArn });
  open();
  await control.settled();
  expect(await info()).toMatchObject({ State: 'ACTIVE', NumberOfBrokerNodes: 6 });
  expect([1, 2, 3, 4, 5, 6].map(replicasOf)).toEqual([6, 6, 6, 6, 6, 6]);

  const { ClusterOperationInfo } = await aws.send(
    new DescribeClusterOperationCommand({ ClusterOperationArn }),
  );
  expect(ClusterOperationInfo).toMatchObject({
    ClusterArn,
    OperationType: 'INCREASE_BROKER_COUNT',
    OperationState: 'UPDATE_COMPLETE',
    SourceClusterInfo: { NumberOfBrokerNodes: 3 },
    TargetClusterInfo: {
      NumberOfBrokerNodes: 6,
      BrokerCountUpdateInfo: { CreatedBrokerIds: [4, 5, 6] },
    },
    OperationSteps: [
      { StepName: 'INITIALIZE_UPDATE', StepInfo: { StepStatus: 'COMPLETED' } },
      { StepName: 'START_BROKERS', StepInfo: { StepStatus: 'COMPLETED' } },
      { StepName: 'MOVE_PARTITIONS', StepInfo: { StepStatus: 'COMPLETED' } },
      { StepName: 'FINALIZE_UPDATE', StepInfo: { StepStatus: 'COMPLETED' } },
    ],
  });
  expect(ClusterOperationInfo?.CreationTime).toBeInstanceOf(Date);
  expect(ClusterOperationInfo?.EndTime).toBeInstanceOf(Date);

  await count(3);
  await control.settled();
  expect([1, 2, 3, 4, 5, 6].map(replicasOf)).toEqual([12, 12, 12, 0, 0, 0]);
  expect(access.unregistered).toEqual([4, 5, 6]);
  expect(engine.calls.slice(-6)).toEqual([
    'stop orders 4',
    'stop orders 5',
    'stop orders 6',
    'remove orders 4',
    'remove orders 5',
    'remove orders 6',
  ]);

  const { ClusterOperationInfoList: all } = await aws.send(new ListClusterOperationsCommand({ ClusterArn }));
  expect(all?.map(({ OperationType }) => OperationType)).toEqual([
    'DECREASE_BROKER_COUNT',
    'INCREASE_BROKER_COUNT',
  ]);
  const { ClusterOperationInfoList: v2 } = await aws.send(
    new ListClusterOperationsV2Command({ ClusterArn, MaxResults: 1 }),
  );
  expect(v2).toMatchObject([{ ClusterType: 'PROVISIONED', OperationType: 'DECREASE_BROKER_COUNT' }]);
  const { ClusterOperationInfo: described } = await aws.send(
    new DescribeClusterOperationV2Command({ ClusterOperationArn }),
  );
  expect(described).toMatchObject({ Provisioned: { SourceClusterInfo: { NumberOfBrokerNodes: 3 } } });
});

test('brokers that come while rebalancing is PAUSED stay empty, until it is ACTIVE', async () => {
  const set = async (Status: 'ACTIVE' | 'PAUSED') => {
    const { CurrentVersion } = await info();
    await aws.send(new UpdateRebalancingCommand({ ClusterArn, CurrentVersion, Rebalancing: { Status } }));
    await control.settled();
  };
  await set('PAUSED');
  await count(6);
  await control.settled();
  expect(replicasOf(4)).toBe(0);
  expect(await info()).toMatchObject({ State: 'ACTIVE', Rebalancing: { Status: 'PAUSED' } });
  await set('ACTIVE');
  expect(replicasOf(4)).toBe(6);
});

test('a topic that would not fit any more keeps its brokers, and is named', async () => {
  access = new FakeAccess([[1, 2, 3, 4]]);
  await count(6);
  await control.settled();
  const refused = count(3);
  await expect(refused).rejects.toBeInstanceOf(BadRequestException);
  await expect(refused).rejects.toMatchObject({
    message: 'The topic t has the replication factor 4, and only 3 brokers would be left.',
    InvalidParameter: 'targetNumberOfBrokerNodes',
  });
  expect(await info()).toMatchObject({ State: 'ACTIVE', NumberOfBrokerNodes: 6 });
});

test('another size restarts brokers one after another, a reboot the one that is named', async () => {
  const { CurrentVersion } = await info();
  await aws.send(
    new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType: 'kafka.m5.xlarge' }),
  );
  await control.settled();
  let open: () => void = () => {};
  engine.gate = new Promise((done) => {
    open = done;
  });
  await aws.send(new RebootBrokerCommand({ ClusterArn, BrokerIds: ['2'] }));
  expect(await info()).toMatchObject({ State: 'REBOOTING_BROKER' });
  open();
  await control.settled();
  expect(engine.calls).toEqual([
    'restart orders 1 kafka.m5.xlarge',
    'restart orders 2 kafka.m5.xlarge',
    'restart orders 3 kafka.m5.xlarge',
    'restart orders 2 anew',
  ]);
  const { NodeInfoList } = await aws.send(new ListNodesCommand({ ClusterArn }));
  expect(NodeInfoList?.map(({ InstanceType }) => InstanceType)).toEqual([
    'm5.xlarge',
    'm5.xlarge',
    'm5.xlarge',
  ]);
});

test('a change of size that cannot go on ends, says who is behind, and is finished by asking again', async () => {
  const resize = async () => {
    const { CurrentVersion } = await info();
    const answer = await aws.send(
      new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType: 'kafka.m5.xlarge' }),
    );
    await control.settled();
    const { ClusterOperationInfo } = await aws.send(
      new DescribeClusterOperationCommand({ ClusterOperationArn: answer.ClusterOperationArn }),
    );
    return ClusterOperationInfo;
  };
  const sizes = async () => {
    const { NodeInfoList } = await aws.send(new ListNodesCommand({ ClusterArn }));
    return NodeInfoList?.map(({ InstanceType }) => InstanceType);
  };
  // Broker 1 is restarted, and then broker 3 fails and does not come back.
  engine.onRestart = () => access.lag(3);
  expect(await resize()).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: {
      ErrorCode: 'REPLICAS_NOT_IN_SYNC',
      ErrorString: expect.stringMatching(
        /^Broker 1 was given the size kafka\.m5\.xlarge, and for 300 s .* broker 3 is behind in 12 partition\(s\) \(t-0, t-1, t-2 and others\)\. .* same change again/,
      ),
    },
    OperationSteps: [
      { StepName: 'INITIALIZE_UPDATE', StepInfo: { StepStatus: 'COMPLETED' } },
      { StepName: 'UPDATE_BROKER_1', StepInfo: { StepStatus: 'FAILED' } },
      { StepName: 'UPDATE_BROKER_2', StepInfo: { StepStatus: 'CANCELLED' } },
      { StepName: 'UPDATE_BROKER_3', StepInfo: { StepStatus: 'CANCELLED' } },
      { StepName: 'FINALIZE_UPDATE', StepInfo: { StepStatus: 'CANCELLED' } },
    ],
  });
  expect(await info()).toMatchObject({
    State: 'ACTIVE',
    BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large' },
  });
  expect(await sizes()).toEqual(['m5.xlarge', 'm5.large', 'm5.large']);
  // Nothing is restarted while a broker is behind.
  expect(await resize()).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: { ErrorString: expect.stringContaining('Broker 1 was not given the size') },
  });
  expect(engine.calls).toEqual(['restart orders 1 kafka.m5.xlarge']);
  engine.onRestart = () => {};
  access.catchUp(3);
  expect(await resize()).toMatchObject({ OperationState: 'UPDATE_COMPLETE' });
  expect(await sizes()).toEqual(['m5.xlarge', 'm5.xlarge', 'm5.xlarge']);
  expect(await info()).toMatchObject({ BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.xlarge' } });
});

test('a control plane that ended before a broker was restarted takes it over as it runs, and goes on with it', async () => {
  let open: () => void = () => {};
  engine.gate = new Promise((done) => {
    open = done;
  });
  const { CurrentVersion } = await info();
  const { ClusterOperationArn } = await aws.send(
    new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType: 'kafka.m5.xlarge' }),
  );
  await control.stop();
  engine.gate = null;
  engine.calls.length = 0;
  control = await ControlPlane.start({ ...real, clock }, options, engine, () => access);
  open();
  await control.settled();
  expect(engine.calls).toEqual([
    'stop orphans of orders',
    'start orders with 1 as it runs',
    'restart orders 1 kafka.m5.xlarge',
    'restart orders 2 kafka.m5.xlarge',
    'restart orders 3 kafka.m5.xlarge',
  ]);
  const again = new KafkaClient({ ...CREDENTIALS, endpoint: control.url });
  const { ClusterOperationInfo } = await again.send(
    new DescribeClusterOperationCommand({ ClusterOperationArn }),
  );
  expect(ClusterOperationInfo).toMatchObject({ OperationState: 'UPDATE_COMPLETE' });
});

test('nodes of an older release that were being updated at the start come to let in nodes alone when the update is over', async () => {
  let open: () => void = () => {};
  engine.gate = new Promise((done) => {
    open = done;
  });
  const { CurrentVersion } = await info();
  await aws.send(
    new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType: 'kafka.m5.xlarge' }),
  );
  await control.stop();
  engine.gate = null;
  engine.calls.length = 0;
  // The update itself restarts the first two.
  engine.toSecure = [1, 2, 'controller', 3];
  control = await ControlPlane.start({ ...real, clock }, options, engine, () => access);
  open();
  await control.settled();
  expect(engine.calls).toEqual([
    'stop orphans of orders',
    'start orders with 1 as it runs',
    'restart orders 1 kafka.m5.xlarge',
    'restart orders 2 kafka.m5.xlarge',
    'restart orders 3 kafka.m5.xlarge',
    'restart orders controller',
    'restart orders 3 kafka.m5.xlarge',
  ]);
});

test('a broker that cannot be started with its new size ends the change, with the reason', async () => {
  engine.restartFailure = new EngineError('CRASH_LOOP', 'Broker 1 died 4 times in a row');
  const { CurrentVersion } = await info();
  const { ClusterOperationArn } = await aws.send(
    new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType: 'kafka.m5.xlarge' }),
  );
  const described = async () => {
    const answer = await aws.send(new DescribeClusterOperationCommand({ ClusterOperationArn }));
    return answer.ClusterOperationInfo;
  };
  await eventually('it ended', async () => (await described())?.OperationState === 'UPDATE_FAILED');
  expect((await described())?.ErrorInfo).toMatchObject({
    ErrorCode: 'CRASH_LOOP',
    ErrorString: expect.stringContaining('Broker 1 died 4 times in a row'),
  });
  expect(await info()).toMatchObject({ State: 'ACTIVE' });
});

const own = async (method: string, path: string, body?: object) => {
  const response = await fetch(`${control.url}/millrace/v1/${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: asRecord(await response.json()) };
};

const cancel = (operation: string) => own('POST', `operations/${encodeURIComponent(operation)}/cancel`, {});

async function outcome(ClusterOperationArn: string | undefined) {
  await control.settled();
  const answer = await aws.send(new DescribeClusterOperationCommand({ ClusterOperationArn }));
  return answer.ClusterOperationInfo ?? {};
}

async function resized(TargetInstanceType: string): Promise<string> {
  const { CurrentVersion } = await info();
  const answer = await aws.send(
    new UpdateBrokerTypeCommand({ ClusterArn, CurrentVersion, TargetInstanceType }),
  );
  return answer.ClusterOperationArn ?? '';
}

test('a broker that dies with its new size gets the old one back when the time is over', async () => {
  engine.failsWith = 'kafka.m5.xlarge';
  const operation = await resized('kafka.m5.xlarge');
  await eventually('it ended', async () => (await outcome(operation)).OperationState === 'UPDATE_FAILED');
  expect((await outcome(operation)).ErrorInfo?.ErrorString).toContain(
    'It has the size kafka.m5.large again.',
  );
  expect(engine.calls.at(-1)).toBe('restart orders 1 kafka.m5.large');
  const cluster = control.store.clusters.get(ClusterArn);
  expect('brokers' in cluster && cluster.brokers.map(({ instanceType }) => instanceType)).toEqual([
    'kafka.m5.large',
    'kafka.m5.large',
    'kafka.m5.large',
  ]);
  expect(await info()).toMatchObject({ State: 'ACTIVE' });
});

test('a change of size that waits is taken back when it is cancelled', async () => {
  engine.gate = new Promise(() => {});
  const operation = await resized('kafka.m5.xlarge');
  await eventually('it is under way', async () => {
    const answer = await own('GET', `operations/${encodeURIComponent(operation)}/activity`);
    return String(answer.body.doing).startsWith('restarts');
  });
  engine.gateOnlyFor = 'kafka.m5.xlarge';
  await answered(200, cancel(operation));
  expect(await outcome(operation)).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: { ErrorCode: 'CANCELLED' },
  });
  expect(engine.calls.at(-1)).toBe('restart orders 1 kafka.m5.large');
  expect(await info()).toMatchObject({ State: 'ACTIVE' });
});

test.each(['when the time is over', 'when it is cancelled'])(
  'brokers that cannot be started are taken away again %s',
  async (when) => {
    engine.failure = new EngineError('CRASH_LOOP', 'Broker 4 died 4 times in a row');
    if (when === 'when it is cancelled') hurry = 1;
    const operation = await count(6);
    if (when === 'when it is cancelled') {
      await eventually('it tried', () => engine.calls.includes('start orders'));
      await answered(200, cancel(operation));
    }
    await eventually('it ended', async () => (await outcome(operation)).OperationState === 'UPDATE_FAILED');
    expect((await outcome(operation)).ErrorInfo).toMatchObject({
      ErrorCode: when === 'when it is cancelled' ? 'CANCELLED' : 'CRASH_LOOP',
      ErrorString: expect.stringContaining('4, 5, 6 were taken away again'),
    });
    expect(access.unregistered).toEqual([4, 5, 6]);
    expect(engine.calls).toContain('remove orders 6');
    expect(await info()).toMatchObject({ State: 'ACTIVE', NumberOfBrokerNodes: 3 });
  },
);

test('moves that come no nearer to their end are taken back when the time is over', async () => {
  access.stuck = true;
  const operation = await count(6);
  await eventually('it ended', async () => (await outcome(operation)).OperationState === 'UPDATE_FAILED');
  expect((await outcome(operation)).ErrorInfo).toMatchObject({ ErrorCode: 'MOVES_STALLED' });
  expect(await info()).toMatchObject({ State: 'ACTIVE', NumberOfBrokerNodes: 6 });
});

test('a creation that failed can begin again', async () => {
  engine.failure = new EngineError('CRASH_LOOP', 'Broker 1 died 4 times in a row');
  const created = await aws.send(
    new CreateClusterCommand({
      ClusterName: 'second',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
    }),
  );
  const arn = created.ClusterArn ?? '';
  const state = () => {
    const cluster = control.store.clusters.get(arn);
    return 'state' in cluster ? cluster.state : null;
  };
  await eventually('it failed', () => state() === 'FAILED');
  engine.failure = null;
  const path = `clusters/${encodeURIComponent(arn)}/retry`;
  expect(await own('POST', path, {})).toMatchObject({ status: 200, body: { state: 'CREATING' } });
  await eventually('it is there', () => state() === 'ACTIVE');
  await answered(400, own('POST', path, {}));
});

test('an update needs the current version and an ACTIVE cluster, and an operation must exist to be described', async () => {
  const stale = new UpdateBrokerCountCommand({
    ClusterArn,
    CurrentVersion: 'K0',
    TargetNumberOfBrokerNodes: 6,
  });
  await expect(aws.send(stale)).rejects.toMatchObject({
    message: expect.stringMatching(
      /^The version of the cluster isn’t current\. Check the current version and try again\. It is K[0-9A-Z]{13}\.$/,
    ),
  });
  let open: () => void = () => {};
  access.gate = new Promise((done) => {
    open = done;
  });
  const underWay = await count(6);
  const { CurrentVersion } = await info();
  await expect(count(9)).rejects.toMatchObject({
    name: 'BadRequestException',
    message: `The cluster orders is UPDATING: it can be changed when it is ACTIVE. The operation ${underWay} is under way, and the current version is ${CurrentVersion}.`,
  });
  open();
  await control.settled();
  const describe = (ClusterOperationArn: string) =>
    aws.send(new DescribeClusterOperationCommand({ ClusterOperationArn }));
  const unknown = ClusterArn.replace(':cluster/', ':cluster-operation/').concat('/x');
  await expect(describe(unknown)).rejects.toBeInstanceOf(NotFoundException);
  await expect(describe(ClusterArn)).rejects.toMatchObject({
    name: 'BadRequestException',
    InvalidParameter: 'clusterOperationArn',
  });
});

test('moving is planned, throttled and cancelled by words of our own', async () => {
  const cluster = `clusters/${encodeURIComponent(ClusterArn)}`;
  const plan = await own('GET', `${cluster}/plan?brokers=6`);
  expect(plan.body).toMatchObject({ totalBytes: 0, brokers: expect.any(Array) });
  expect(Array.isArray(plan.body.brokers) ? plan.body.brokers[3] : null).toMatchObject({
    id: 4,
    replicasBefore: 0,
    replicasAfter: 6,
    partitionsIn: 6,
  });
  await answered(400, own('GET', `${cluster}/plan?brokers=4`));
  expect((await own('PUT', `${cluster}/throttle`, { bytesPerSecond: 1000 })).body).toMatchObject({
    bytesPerSecond: 1000,
  });

  let open: () => void = () => {};
  access.gate = new Promise((done) => {
    open = done;
  });
  const operation = await count(6);
  await eventually('it moves', () => access.asked > 0);
  await answered(200, cancel(operation));
  open();
  await control.settled();
  const { ClusterOperationInfo } = await aws.send(
    new DescribeClusterOperationCommand({ ClusterOperationArn: operation }),
  );
  expect(ClusterOperationInfo).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: { ErrorCode: 'CANCELLED' },
  });
  expect(await info()).toMatchObject({ State: 'ACTIVE', NumberOfBrokerNodes: 6 });
  await answered(400, cancel(operation));
});

test('a fault says what it did and how to undo it; a zone stays down until it is up', async () => {
  const strike = async (body: object) => {
    const response = await fetch(
      `${control.url}/millrace/v1/clusters/${encodeURIComponent(ClusterArn)}/faults`,
      { method: 'POST', body: JSON.stringify(body) },
    );
    return { status: response.status, body: asRecord(await response.json()) };
  };
  expect((await strike({ broker: 2, action: 'pause' })).body.undo).toContain(
    'fault broker 2 resume --cluster orders',
  );
  expect((await strike({ zone: 3, action: 'down' })).body.undo).toContain('fault zone 3 up --cluster orders');
  expect(engine.calls).toEqual(['pause orders 2', 'zones down of orders: 2']);
  await strike({ zone: 3, action: 'up' });
  expect(engine.calls.at(-1)).toBe('zones down of orders: ');
  for (const wrong of [
    { broker: 2, action: 'down' },
    { zone: 1, action: 'kill' },
    { zone: 4, action: 'down' },
    { broker: 9, action: 'kill' },
  ])
    await answered(400, strike(wrong));
});

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
