import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  DescribeClusterOperationCommand,
  ListClusterOperationsCommand,
} from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** Changes that wait on the server until those before them have ended. */

let api: ApiHarness;
let ClusterArn: string;
let open: () => void;

beforeEach(async () => {
  api = await ApiHarness.start(() => new FakeAccess([[1, 2, 3]]));
  ({ ClusterArn = '' } = await api.aws.send(
    new CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
    }),
  ));
  await api.control.settled();
  closeGate();
});
afterEach(async () => {
  open();
  await api[Symbol.asyncDispose]();
});

/** Brokers are not restarted until the gate is opened. */
function closeGate(): void {
  let opened = () => {};
  api.engine.gate = new Promise((done) => {
    opened = done;
  });
  open = () => {
    api.engine.gate = null;
    opened();
  };
}

interface Queued {
  readonly status: number;
  readonly message?: string;
  readonly invalidParameter?: string;
  readonly clusterOperationArn?: string;
}

async function queue(operation: string, request: object): Promise<Queued> {
  const url = `${api.control.url}/millrace/v1/clusters/${encodeURIComponent(ClusterArn)}/queue`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ operation, request }) });
  const answer: object = JSON.parse(await response.text());
  return { status: response.status, ...answer };
}

async function resized(targetInstanceType: string): Promise<string> {
  const { clusterOperationArn = '' } = await answered(200, queue('UpdateBrokerType', { targetInstanceType }));
  return clusterOperationArn;
}

async function operation(ClusterOperationArn: string) {
  const { ClusterOperationInfo } = await api.aws.send(
    new DescribeClusterOperationCommand({ ClusterOperationArn }),
  );
  return ClusterOperationInfo ?? {};
}

async function cancel(operationArn: string): Promise<number> {
  const url = `${api.control.url}/millrace/v1/operations/${encodeURIComponent(operationArn)}/cancel`;
  return (await fetch(url, { method: 'POST', body: '{}' })).status;
}

async function ended(arn: string): Promise<string | undefined> {
  await eventually('the operation ended', async () => (await operation(arn)).EndTime !== undefined);
  return (await operation(arn)).OperationState;
}

const sizes = () => api.engine.calls.filter((call) => call.startsWith('restart orders 1 '));

test('changes that wait are PENDING and begin one after the other, each when the one before it has ended', async () => {
  const first = await resized('kafka.m5.xlarge');
  const second = await resized('kafka.m5.2xlarge');
  const third = await resized('kafka.m5.4xlarge');
  await eventually(
    'the first is under way',
    async () => (await operation(first)).OperationState === 'UPDATE_IN_PROGRESS',
  );
  expect(await operation(second)).toMatchObject({
    ClusterArn,
    OperationArn: second,
    OperationState: 'PENDING',
    OperationType: 'UPDATE_BROKER_TYPE',
    OperationSteps: [],
  });
  const { ClusterOperationInfoList = [] } = await api.aws.send(
    new ListClusterOperationsCommand({ ClusterArn }),
  );
  expect(ClusterOperationInfoList.map(({ OperationArn }) => OperationArn).toSorted()).toEqual(
    [first, second, third].toSorted(),
  );
  open();
  expect(await ended(third)).toBe('UPDATE_COMPLETE');
  expect(await ended(second)).toBe('UPDATE_COMPLETE');
  expect(sizes()).toEqual([
    'restart orders 1 kafka.m5.xlarge',
    'restart orders 1 kafka.m5.2xlarge',
    'restart orders 1 kafka.m5.4xlarge',
  ]);
});

test('what waits is begun by another life of the control plane, once', async () => {
  await resized('kafka.m5.xlarge');
  const second = await resized('kafka.m5.2xlarge');
  const third = await resized('kafka.m5.xlarge');
  open();
  closeGate();
  const restarted = api.restart();
  open();
  await restarted;
  expect(await ended(third)).toBe('UPDATE_COMPLETE');
  expect(await ended(second)).toBe('UPDATE_COMPLETE');
  const { ClusterOperationInfoList = [] } = await api.aws.send(
    new ListClusterOperationsCommand({ ClusterArn }),
  );
  expect(ClusterOperationInfoList).toHaveLength(3);
});

test('a change that is refused on its turn ends with the reason, and the next one begins', async () => {
  await resized('kafka.m5.xlarge');
  const same = await resized('kafka.m5.xlarge');
  const last = await resized('kafka.m5.2xlarge');
  open();
  expect(await ended(last)).toBe('UPDATE_COMPLETE');
  expect(await operation(same)).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: {
      ErrorCode: 'BadRequestException',
      ErrorString: 'The broker nodes of orders are kafka.m5.xlarge already.',
    },
  });
});

test('a change that waits can be taken back, and then never begins', async () => {
  const first = await resized('kafka.m5.xlarge');
  const second = await resized('kafka.m5.2xlarge');
  expect(await cancel(second)).toBe(200);
  expect(await operation(second)).toMatchObject({
    OperationState: 'UPDATE_FAILED',
    ErrorInfo: { ErrorCode: 'CANCELLED' },
  });
  expect(await cancel(second)).toBe(400);
  const { events } = JSON.parse(await (await fetch(`${api.control.url}/millrace/v1/events`)).text());
  const told = events.map(({ message }: { readonly message: string }) => message);
  expect(told).toContain('UPDATE_BROKER_TYPE did not begin: It was taken back before it began.');
  expect(told.filter((message: string) => message === 'UPDATE_BROKER_TYPE began.')).toHaveLength(1);
  open();
  expect(await ended(first)).toBe('UPDATE_COMPLETE');
  await api.control.settled();
  expect(sizes()).toEqual(['restart orders 1 kafka.m5.xlarge']);
});

test('a request that is wrong whatever comes before it is refused at once', async () => {
  await resized('kafka.m5.xlarge');
  expect(await queue('UpdateBrokerType', { targetInstanceType: 7 })).toMatchObject({
    status: 400,
    invalidParameter: 'targetInstanceType',
  });
  expect(await queue('DeleteCluster', {})).toMatchObject({ status: 400, invalidParameter: 'operation' });
});

test('a cluster that may be changed is changed at once, and what it refuses is an answer', async () => {
  expect(await queue('UpdateBrokerType', { targetInstanceType: 'kafka.m5.large' })).toMatchObject({
    status: 400,
    message: 'The broker nodes of orders are kafka.m5.large already.',
  });
});

test('with its cluster go the changes that wait for it', async () => {
  await resized('kafka.m5.xlarge');
  const second = await resized('kafka.m5.2xlarge');
  await api.aws.send(new DeleteClusterCommand({ ClusterArn }));
  open();
  await eventually('the cluster is gone', async () => {
    const describe = api.aws.send(new DescribeClusterCommand({ ClusterArn }));
    return describe.then(
      () => false,
      () => true,
    );
  });
  await expect(operation(second)).rejects.toMatchObject({ name: 'NotFoundException' });
});
