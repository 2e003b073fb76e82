import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../base/decision.ts';
import { withDefaults } from '../api/provisioned.ts';
import { isApiError } from '../aws/api-error.ts';
import { movePorts, shiftedPorts, shiftPorts } from './broker-ports.ts';
import type { Cluster } from './cluster.ts';
import { Clusters } from './clusters.ts';
import { type CreateCluster, createCluster } from './create-cluster.ts';
import { currentVersion } from './current-version.ts';
import { nextStep } from './next-step.ts';
import type { ControlRecord } from './records.ts';

function creation(
  name: string,
  wish: { brokers?: number; busy?: number[]; subnets?: string[] } = {},
): CreateCluster {
  const uuid = `uuid-of-${name}`;
  return {
    name,
    uuid,
    arn: `arn-of-${name}`,
    clusterId: 'id',
    region: 'us-east-1',
    now: 1_700_000_000_000,
    spec: withDefaults({
      kafkaVersion: '3.9.x.kraft',
      numberOfBrokerNodes: wish.brokers ?? 3,
      brokerNodeGroupInfo: {
        instanceType: 'kafka.m5.large',
        clientSubnets: wish.subnets ?? ['subnet-a', 'subnet-b', 'subnet-c'],
      },
    }),
    tags: {},
    brokerConfig: {},
    busy: new Set(wish.busy),
  };
}

/** What the store does with a decision. */
class Life {
  readonly clusters = new Clusters();
  readonly history: ControlRecord[] = [];

  do<Answer>({ records, answer }: Decision<ControlRecord, Answer>): Answer {
    for (const record of records) this.clusters.replay(record);
    this.history.push(...records);
    return answer;
  }

  create(...args: Parameters<typeof creation>): Cluster {
    const made = this.do(createCluster(this.clusters, creation(...args)));
    if (isApiError(made)) throw new Error(made.message);
    return made;
  }

  active(...args: Parameters<typeof creation>): Cluster {
    const { arn } = this.create(...args);
    this.do(this.clusters.completeStep(arn, 'CREATING', 'PREPARED'));
    this.do(this.clusters.completeStep(arn, 'CREATING', 'STARTED'));
    return this.get(arn);
  }

  get(arn: string): Cluster {
    const cluster = this.clusters.get(arn);
    if (isApiError(cluster)) throw new Error(cluster.message);
    return cluster;
  }
}

describe('ports', () => {
  const bases = (cluster: Cluster) => cluster.brokers.map((broker) => broker.portBase);

  test('broker n of the first cluster has 9092 + 10(n-1), the next cluster the tens behind it', () => {
    const life = new Life();
    expect(bases(life.create('a'))).toEqual([9092, 9102, 9112]);
    expect(bases(life.create('b'))).toEqual([9122, 9132, 9142]);
  });

  test('tens in which another process listens are passed over', () => {
    expect(bases(new Life().create('a', { busy: [9092, 9112] }))).toEqual([9102, 9122, 9132]);
  });

  test('clients of a cluster that is gone do not land in another one: its tens are given again when they are asked for, or nothing else is left', () => {
    const life = new Life();
    const { arn } = life.create('a');
    life.do(life.clusters.delete(arn));
    expect(bases(life.create('b'))).toEqual([9122, 9132, 9142]);
    life.do(life.clusters.removed(arn));
    expect(bases(life.create('c'))).toEqual([9152, 9162, 9172]);
    life.do(createCluster(life.clusters, { ...creation('d'), firstPortBase: 9092, exactPorts: true }));
    expect(bases(life.get('arn-of-d'))).toEqual([9092, 9102, 9112]);
    const last = new Life();
    last.do(createCluster(last.clusters, { ...creation('a'), firstPortBase: 65_500 }));
    last.do(last.clusters.delete(arn));
    last.do(last.clusters.removed(arn));
    last.do(createCluster(last.clusters, { ...creation('b'), firstPortBase: 65_500 }));
    expect(bases(last.get('arn-of-b'))).toEqual([65_500, 65_510, 65_520]);
  });

  test('a shift moves all clusters as far, or none when one would not fit', () => {
    const life = new Life();
    const { arn } = life.create('a');
    life.create('b');
    life.do(shiftPorts(life.clusters, 10_000));
    expect(bases(life.get(arn))).toEqual([19_092, 19_102, 19_112]);
    expect(bases(life.get('arn-of-b'))).toEqual([19_122, 19_132, 19_142]);
    expect(shiftedPorts(life.clusters, 46_390, 1)).toBeNull();
    expect(shiftedPorts(life.clusters, -18_069, 1)).toBeNull();
  });

  test('that another process took meanwhile are given up, until the cluster has served or when they were asked for', () => {
    const life = new Life();
    const { arn } = life.create('a');
    life.do(life.clusters.completeStep(arn, 'CREATING', 'PREPARED'));
    expect(life.do(movePorts(life.clusters, arn, { busy: new Set([9102]) }))).toBe(true);
    expect(bases(life.get(arn))).toEqual([9092, 9112, 9122]);
    expect(nextStep(life.get(arn), false)).toBe('PREPARE');
    expect(movePorts(life.clusters, life.active('b').arn, { busy: new Set() }).answer).toBe(false);
    life.do(createCluster(life.clusters, { ...creation('c'), exactPorts: true }));
    expect(movePorts(life.clusters, 'arn-of-c', { busy: new Set() }).answer).toBe(false);
  });

  test('tens that begin elsewhere do not overlap', () => {
    const life = new Life();
    life.do(createCluster(life.clusters, { ...creation('a', { brokers: 1 }), firstPortBase: 9097 }));
    expect(bases(life.create('b', { brokers: 3 }))).toEqual([9112, 9122, 9132]);
  });

  test('when there are none left, that is said and nothing is made', () => {
    const life = new Life();
    expect(life.do(createCluster(life.clusters, { ...creation('a'), firstPortBase: 65_510 }))).toMatchObject({
      error: 'ServiceUnavailableException',
    });
    expect(life.history).toEqual([]);
  });
});

test('brokers take the zones in turn, whatever the order of the subnets', () => {
  const { brokers } = new Life().create('a', { brokers: 4, subnets: ['s-2', 's-1'] });
  expect(brokers.map(({ id, zone, subnet }) => [id, zone, subnet])).toEqual([
    [1, 0, 's-1'],
    [2, 1, 's-2'],
    [3, 0, 's-1'],
    [4, 1, 's-2'],
  ]);
});

test('a name is taken as long as its cluster is not gone', () => {
  const life = new Life();
  const { arn } = life.create('a');
  const again = () => life.do(createCluster(life.clusters, { ...creation('a'), arn: 'another' }));
  expect(again()).toMatchObject({ error: 'ConflictException' });
  life.do(life.clusters.delete(arn));
  expect(again()).toMatchObject({ error: 'ConflictException' });
  life.do(life.clusters.removed(arn));
  expect(again()).toMatchObject({ state: 'CREATING' });
});

describe('delete', () => {
  test('needs the current version only when one is named', () => {
    const life = new Life();
    const cluster = life.active('a');
    expect(life.clusters.delete(cluster.arn, 'K0')).toMatchObject({
      records: [],
      answer: { invalidParameter: 'currentVersion' },
    });
    expect(life.do(life.clusters.delete(cluster.arn, currentVersion(cluster)))).toMatchObject({
      state: 'DELETING',
    });
  });

  test('asked again answers the same and writes nothing', () => {
    const life = new Life();
    const { arn } = life.active('a');
    life.do(life.clusters.delete(arn));
    expect(life.clusters.delete(arn)).toMatchObject({ records: [], answer: { state: 'DELETING' } });
  });

  test('of a cluster that does not exist is not found', () => {
    expect(new Life().clusters.delete('arn')).toMatchObject({ answer: { error: 'NotFoundException' } });
  });

  test('a step of the creation that ends after it changes nothing', () => {
    const life = new Life();
    const { arn } = life.create('a');
    life.do(life.clusters.delete(arn));
    expect(life.clusters.completeStep(arn, 'CREATING', 'STARTED').records).toEqual([]);
    expect(life.clusters.fail(arn, 'CREATING', { code: 'X', message: 'x' }).records).toEqual([]);
    expect(life.clusters.health(arn, { code: 'X', message: 'x' }).records).toEqual([]);
  });
});

test('the steps to ACTIVE and to gone, in order', () => {
  const life = new Life();
  const { arn } = life.create('a');
  const next = (running: boolean) => nextStep(life.get(arn), running);
  expect(next(false)).toBe('PREPARE');
  life.do(life.clusters.completeStep(arn, 'CREATING', 'PREPARED'));
  expect(next(false)).toBe('START');
  life.do(life.clusters.completeStep(arn, 'CREATING', 'STARTED'));
  expect([life.get(arn).state, next(true)]).toEqual(['ACTIVE', null]);
  // Another life of the control plane starts or adopts what it finds.
  expect(next(false)).toBe('START');
  life.do(life.clusters.delete(arn));
  expect(next(true)).toBe('STOP');
  life.do(life.clusters.completeStep(arn, 'DELETING', 'STOPPED'));
  expect(next(false)).toBe('REMOVE');
  life.do(life.clusters.removed(arn));
  expect(life.clusters.all()).toEqual([]);
});

test('a failed creation is stopped and then left alone', () => {
  const life = new Life();
  const { arn } = life.create('a');
  life.do(life.clusters.completeStep(arn, 'CREATING', 'PREPARED'));
  life.do(life.clusters.fail(arn, 'CREATING', { code: 'CRASH_LOOP', message: 'why' }));
  expect(nextStep(life.get(arn), false)).toBe('STOP');
  life.do(life.clusters.completeStep(arn, 'FAILED', 'STOPPED'));
  expect(nextStep(life.get(arn), false)).toBeNull();
  expect(life.get(arn).stateInfo).toEqual({ code: 'CRASH_LOOP', message: 'why' });
});

test('health makes ACTIVE into HEALING and back, and repeats nothing', () => {
  const life = new Life();
  const { arn } = life.active('a');
  const problem = { code: 'CRASH_LOOP', message: 'Broker 1 died' };
  life.do(life.clusters.health(arn, problem));
  expect(life.get(arn)).toMatchObject({ state: 'HEALING', stateInfo: problem });
  expect(life.clusters.health(arn, problem).records).toEqual([]);
  life.do(life.clusters.health(arn, null));
  expect(life.get(arn)).toMatchObject({ state: 'ACTIVE', stateInfo: null });
});

test('any history, and the shortest one made of it, give the same state', () => {
  const command = fc.record({ kind: fc.nat(6), name: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const life = new Life();
      for (const { kind, name } of commands) run(life, kind, name);
      for (const history of [life.history, life.clusters.records()]) {
        const other = new Clusters();
        for (const record of JSON.parse(JSON.stringify(history))) other.replay(record);
        expect(JSON.stringify(other.all())).toEqual(JSON.stringify(life.clusters.all()));
        const plan = { count: 3, busy: new Set<number>() };
        expect(other.planPorts(plan)).toEqual(life.clusters.planPorts(plan));
      }
      const owned = life.clusters.all().flatMap(({ brokers }) => brokers.map(({ portBase }) => portBase));
      expect(new Set(owned).size).toBe(owned.length);
    }),
  );
});

function run(life: Life, kind: number, name: string): void {
  const { clusters } = life;
  const arn = `arn-of-${name}`;
  const problem = { code: 'X', message: 'x' };
  if (kind === 0) life.do(createCluster(clusters, creation(name)));
  if (kind === 1) life.do(clusters.completeStep(arn, 'CREATING', 'PREPARED'));
  if (kind === 2) life.do(clusters.completeStep(arn, 'CREATING', 'STARTED'));
  if (kind === 3) life.do(clusters.delete(arn));
  if (kind === 4) life.do(clusters.removed(arn));
  if (kind === 5) life.do(clusters.fail(arn, 'CREATING', problem));
  if (kind === 6) life.do(clusters.health(arn, problem));
}
