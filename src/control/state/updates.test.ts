import { describe, expect, test } from 'vitest';
import type { Decision } from '../../base/decision.ts';
import { withDefaults } from '../api/provisioned.ts';
import { isApiError } from '../aws/api-error.ts';
import { updateBrokerCount } from './broker-count-update.ts';
import type { Cluster } from './cluster.ts';
import { Clusters } from './clusters.ts';
import { createCluster } from './create-cluster.ts';
import { currentVersion } from './current-version.ts';
import { nextStep } from './next-step.ts';
import type { ClusterOperation } from './operation.ts';
import {
  beginStep,
  brokerChanged,
  cancelOperation,
  completeStep,
  endOperation,
  failOperation,
} from './operation-progress.ts';
import type { ControlRecord } from './records.ts';
import { recordOf } from './stored-records.ts';
import { rebootBroker, updateBrokerType, updateRebalancing } from './updates.ts';

const ARN = 'arn';

/** An ACTIVE cluster of three brokers in three zones, and what the store does with decisions about it. */
class Life {
  readonly clusters = new Clusters();
  readonly history: ControlRecord[] = [];

  constructor(status: 'ACTIVE' | 'PAUSED' = 'ACTIVE') {
    const spec = withDefaults({
      kafkaVersion: '3.9.x.kraft',
      numberOfBrokerNodes: 3,
      rebalancing: { status },
      brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['s-1', 's-2', 's-3'] },
    });
    const names = { name: 'a', uuid: 'uuid', arn: ARN, clusterId: 'id', region: 'us-east-1' };
    this.do(
      createCluster(this.clusters, {
        ...names,
        now: 0,
        spec,
        tags: {},
        brokerConfig: {},
        busy: new Set<number>(),
      }),
    );
    this.do(this.clusters.completeStep(ARN, 'CREATING', 'PREPARED'));
    this.do(this.clusters.completeStep(ARN, 'CREATING', 'STARTED'));
  }

  do<Answer>({ records, answer }: Decision<ControlRecord, Answer>): Answer {
    for (const record of records) this.clusters.replay(record);
    this.history.push(...records);
    return answer;
  }

  get cluster(): Cluster {
    const cluster = this.clusters.get(ARN);
    if (isApiError(cluster)) throw new Error(cluster.message);
    return cluster;
  }

  get operation(): ClusterOperation {
    const operation = this.clusters.operations.get('op');
    if (isApiError(operation)) throw new Error(operation.message);
    return operation;
  }

  get request() {
    return { clusterArn: ARN, operationArn: 'op', currentVersion: currentVersion(this.cluster), now: 1 };
  }

  count(target: number) {
    return this.do(updateBrokerCount(this.clusters, { ...this.request, target, busy: new Set() }));
  }

  step(): void {
    this.do(beginStep(this.clusters, 'op'));
    this.do(completeStep(this.clusters, 'op', 2));
  }

  /** To the next broker. */
  resize(broker: number, instanceType = 'kafka.m5.xlarge'): void {
    this.do(beginStep(this.clusters, 'op'));
    this.do(brokerChanged(this.clusters, 'op', { broker, settings: { instanceType } }));
    this.do(completeStep(this.clusters, 'op', 2));
  }

  get statuses(): string[] {
    return this.operation.steps.map(({ name, status }) => `${name} ${status}`);
  }
}

describe('more brokers', () => {
  test('come in the zones in turn, with ports behind those of the others, and partitions move onto them', () => {
    const life = new Life();
    life.count(6);
    expect(life.cluster.brokers.slice(3)).toMatchObject([
      { id: 4, zone: 0, subnet: 's-1', portBase: 9122 },
      { id: 5, zone: 1, subnet: 's-2', portBase: 9132 },
      { id: 6, zone: 2, subnet: 's-3', portBase: 9142 },
    ]);
    expect(life.cluster).toMatchObject({ state: 'UPDATING', operationArn: 'op' });
    expect(life.operation).toMatchObject({
      type: 'INCREASE_BROKER_COUNT',
      state: 'PENDING',
      source: { numberOfBrokerNodes: 3 },
      target: { numberOfBrokerNodes: 6, brokerCountUpdateInfo: { createdBrokerIds: [4, 5, 6] } },
    });
    life.do(beginStep(life.clusters, 'op'));
    expect(life.operation.state).toBe('UPDATE_IN_PROGRESS');
    expect(life.statuses).toEqual([
      'INITIALIZE_UPDATE COMPLETED',
      'START_BROKERS IN_PROGRESS',
      'MOVE_PARTITIONS PENDING',
      'FINALIZE_UPDATE PENDING',
    ]);
    life.step();
    life.step();
    expect(life.operation).toMatchObject({ state: 'UPDATE_COMPLETE', endedAt: 2 });
    expect(life.cluster).toMatchObject({ state: 'ACTIVE', operationArn: null });
  });

  test('stay empty when rebalancing is PAUSED', () => {
    const life = new Life('PAUSED');
    life.count(6);
    life.step();
    expect(life.statuses).not.toContain('MOVE_PARTITIONS COMPLETED');
    expect(life.operation.state).toBe('UPDATE_COMPLETE');
  });
});

test('fewer brokers: those with the highest ids are drained and then gone', () => {
  const life = new Life();
  life.count(6);
  life.step();
  life.step();
  life.count(3);
  expect(life.operation.steps[1]?.task).toEqual({ kind: 'MOVE_PARTITIONS', leaving: [4, 5, 6] });
  life.step();
  expect(life.cluster.brokers).toHaveLength(6);
  life.step();
  expect(life.cluster.brokers.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(life.cluster.spec.numberOfBrokerNodes).toBe(3);
});

test.each([4, 5])('%i brokers cannot lie evenly in three zones', (target) => {
  expect(new Life().count(target)).toMatchObject({
    error: 'BadRequestException',
    message:
      'The number of broker nodes must be a multiple of Availability Zones in the Client Subnets parameter.',
  });
});

test.each([3, 63])('%i brokers are refused: as many as there are, or too many', (target) => {
  expect(new Life().count(target)).toMatchObject({ invalidParameter: 'targetNumberOfBrokerNodes' });
});

test('another size comes to one broker after another, and is the cluster’s when all have it', () => {
  const life = new Life();
  life.do(updateBrokerType(life.clusters, { ...life.request, target: 'kafka.m5.xlarge' }));
  life.resize(1);
  life.do(beginStep(life.clusters, 'op'));
  const sizes = () => life.cluster.brokers.map(({ instanceType }) => instanceType);
  expect(sizes()).toEqual(['kafka.m5.xlarge', 'kafka.m5.large', 'kafka.m5.large']);
  const second = { broker: 2, settings: { instanceType: 'kafka.m5.xlarge' } };
  life.do(brokerChanged(life.clusters, 'op', second));
  expect(sizes()).toEqual(['kafka.m5.xlarge', 'kafka.m5.xlarge', 'kafka.m5.large']);
  expect(brokerChanged(life.clusters, 'op', second).records).toEqual([]);
  expect(life.cluster.spec.brokerNodeGroupInfo.instanceType).toBe('kafka.m5.large');
  life.do(completeStep(life.clusters, 'op', 2));
  life.resize(3);
  expect(life.cluster.spec.brokerNodeGroupInfo.instanceType).toBe('kafka.m5.xlarge');
});

test('a change of size that failed half way is described as it is, and may be finished or taken back', () => {
  const life = new Life();
  life.do(updateBrokerType(life.clusters, { ...life.request, target: 'kafka.m5.xlarge' }));
  life.resize(1);
  life.do(beginStep(life.clusters, 'op'));
  life.do(failOperation(life.clusters, 'op', { code: 'REPLICAS_NOT_IN_SYNC', message: 'why' }, 3));
  expect(life.cluster).toMatchObject({ state: 'ACTIVE', operationArn: null });
  expect(life.statuses).toEqual([
    'INITIALIZE_UPDATE COMPLETED',
    'UPDATE_BROKER_1 COMPLETED',
    'UPDATE_BROKER_2 FAILED',
    'UPDATE_BROKER_3 CANCELLED',
    'FINALIZE_UPDATE CANCELLED',
  ]);
  expect(life.cluster.brokers.map(({ instanceType }) => instanceType)).toEqual([
    'kafka.m5.xlarge',
    'kafka.m5.large',
    'kafka.m5.large',
  ]);
  for (const target of ['kafka.m5.xlarge', 'kafka.m5.large']) {
    life.do(updateBrokerType(life.clusters, { ...life.request, target }));
    for (let step = 0; step < 3; step++) life.resize(step + 1, target);
    expect(life.operation.state).toBe('UPDATE_COMPLETE');
    expect(life.cluster.brokers.map(({ instanceType }) => instanceType)).toEqual([target, target, target]);
    expect(life.cluster.spec.brokerNodeGroupInfo.instanceType).toBe(target);
  }
});

test('rebalancing that is paused moves nothing, one that is made active does', () => {
  const life = new Life();
  life.do(updateRebalancing(life.clusters, { ...life.request, status: 'PAUSED' }));
  life.do(endOperation(life.clusters, 'op', 2));
  expect([life.cluster.state, life.cluster.spec.rebalancing.status]).toEqual(['ACTIVE', 'PAUSED']);
  life.do(updateRebalancing(life.clusters, { ...life.request, status: 'ACTIVE' }));
  expect(life.statuses).toContain('MOVE_PARTITIONS PENDING');
});

test('a reboot is REBOOTING_BROKER, names its own states, and needs no version', () => {
  const life = new Life();
  const version = currentVersion(life.cluster);
  life.do(rebootBroker(life.clusters, { clusterArn: ARN, operationArn: 'op', now: 1, brokerId: '2' }));
  expect(life.cluster.state).toBe('REBOOTING_BROKER');
  life.do(beginStep(life.clusters, 'op'));
  expect(life.operation.state).toBe('REBOOT_IN_PROGRESS');
  life.step();
  expect(life.operation.state).toBe('REBOOT_COMPLETE');
  expect(currentVersion(life.cluster)).toBe(version);
  expect(
    rebootBroker(life.clusters, { clusterArn: ARN, operationArn: 'op', now: 1, brokerId: '4' }).answer,
  ).toMatchObject({ invalidParameter: 'brokerIds' });
});

describe('an update is refused', () => {
  test('with another version than the current one, which changes with every update', () => {
    const life = new Life();
    const before = life.request;
    life.count(6);
    life.step();
    life.step();
    expect(updateBrokerType(life.clusters, { ...before, target: 'kafka.m5.xlarge' })).toMatchObject({
      records: [],
      answer: { error: 'BadRequestException', invalidParameter: 'currentVersion' },
    });
  });

  test('while the cluster is not ACTIVE', () => {
    const life = new Life();
    life.count(6);
    expect(life.count(9)).toMatchObject({
      error: 'BadRequestException',
      message: expect.stringContaining('UPDATING'),
    });
    const ill = new Life();
    ill.do(ill.clusters.health(ARN, { code: 'X', message: 'x' }));
    expect(ill.count(6)).toMatchObject({ message: expect.stringContaining('HEALING') });
  });
});

test('an operation that fails or is cancelled leaves a cluster that works, with the reason', () => {
  const life = new Life();
  life.count(6);
  life.step();
  expect(life.do(cancelOperation(life.clusters, 'op'))).toMatchObject({ cancelled: true });
  life.do(failOperation(life.clusters, 'op', { code: 'CANCELLED', message: 'why' }, 3));
  expect(life.operation).toMatchObject({ state: 'UPDATE_FAILED', error: { code: 'CANCELLED' } });
  expect(life.statuses).toContain('MOVE_PARTITIONS CANCELLED');
  expect(life.cluster).toMatchObject({ state: 'ACTIVE', operationArn: null });
  expect(cancelOperation(life.clusters, 'op').answer).toMatchObject({ error: 'BadRequestException' });
});

test('a problem during an operation is remembered, and makes the cluster HEALING only when it ends', () => {
  const life = new Life();
  life.count(6);
  life.do(life.clusters.health(ARN, { code: 'CRASH_LOOP', message: 'why' }));
  expect(life.cluster.state).toBe('UPDATING');
  life.step();
  life.step();
  expect(life.cluster).toMatchObject({ state: 'HEALING', stateInfo: { code: 'CRASH_LOOP' } });
});

test('a cluster that is deleted half way forgets its operation, and what still runs changes nothing', () => {
  const life = new Life();
  life.count(6);
  life.do(life.clusters.delete(ARN));
  expect(completeStep(life.clusters, 'op', 2).records).toEqual([]);
  expect(nextStep(life.cluster, true)).toBe('STOP');
  life.do(life.clusters.removed(ARN));
  expect(life.clusters.operations.all()).toEqual([]);
});

test('another life starts what the cluster has, then goes on with the step that was under way', () => {
  const life = new Life();
  life.count(6);
  life.step();
  life.do(beginStep(life.clusters, 'op'));
  const next = new Clusters();
  for (const record of life.clusters.records()) next.replay(record);
  expect(next.all()).toEqual(life.clusters.all());
  expect(next.operations.all()).toEqual(life.clusters.operations.all());
  expect(nextStep(life.cluster, false)).toBe('START');
  expect(nextStep(life.cluster, true)).toBe('OPERATE');
  expect(beginStep(next, 'op').records).toEqual([]);
});

test('a cluster that an earlier release stored has what that one did not know', () => {
  const life = new Life();
  const { operationArn: _, bytesPerSecond: __, zonesDown: ___, ...rest } = life.cluster;
  const { rebalancing: ____, ...spec } = rest.spec;
  const brokers = rest.brokers.map(({ instanceType: _____, ...broker }) => broker);
  const next = new Clusters();
  next.replay(recordOf({ type: 'ClusterRecord', cluster: { ...rest, spec, brokers } }));
  expect(next.all()).toEqual(life.clusters.all());
});
