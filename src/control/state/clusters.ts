import { assert } from '../../base/assert.ts';
import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError, notFound } from '../aws/api-error.ts';
import type { StateInfo } from '../aws/state-info.ts';
import type { Cluster, ClusterState, ClusterStep } from './cluster.ts';
import { Configurations } from './configurations.ts';
import { currentVersion, notCurrent } from './current-version.ts';
import type { ClusterOperation } from './operation.ts';
import { latestFirst, Operations } from './operations.ts';
import { allocatePortBases, FIRST_PORT_BASE, overlap, type PassedOver } from './ports.ts';
import { QueuedChanges, queuedOperation } from './queued-changes.ts';
import type { ControlRecord } from './records.ts';
import { ScramAssociations } from './scram-associations.ts';

/** So many are remembered; the longest gone may be given again. */
const MOST_RETIRED_PORTS = 1_000;

/** What was decided about one cluster, which is the answer. */
export type ClusterDecision = Decision<ControlRecord, Cluster | ApiError>;

/** The life of clusters: commands decide, records change. */
export class Clusters {
  readonly operations = new Operations();
  /** Changes that wait for their turn. */
  readonly queued = new QueuedChanges();
  readonly scram = new ScramAssociations();
  readonly configurations = new Configurations();
  readonly #byArn = new Map<string, Cluster>();
  /**
   * The first ports of brokers that were: clients may remember them, and would land in another cluster. The
   * latest last.
   */
  #retiredPorts: readonly number[] = [];

  /** In the order in which they were created. */
  all(): Cluster[] {
    return [...this.#byArn.values()].sort((a, b) => a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1));
  }

  get(arn: string): Cluster | ApiError {
    return this.#byArn.get(arn) ?? notFound(`The cluster ${arn} does not exist.`);
  }

  byName(name: string): Cluster | null {
    return this.all().find((cluster) => cluster.name === name) ?? null;
  }

  /** An operation that was begun, or waits for its turn. */
  operation(arn: string): ClusterOperation | ApiError {
    const change = this.queued.get(arn);
    return change ? queuedOperation(change) : this.operations.get(arn);
  }

  /** Of one cluster, also those that wait; the latest first. */
  operationsOf(clusterArn: string): ClusterOperation[] {
    const waiting = this.queued.of(clusterArn).map(queuedOperation);
    return latestFirst([...waiting, ...this.operations.of(clusterArn)]);
  }

  /** The ports a new cluster would get, for the caller to find out whether the machine has them free. */
  planPorts(
    options: PassedOver & {
      count: number;
      firstPortBase?: number | undefined;
      /** A cluster that is to have other ports. */
      moving?: string | undefined;
      /** They were asked for, whoever had them. */
      exactPorts?: boolean | undefined;
    },
  ): number[] | null {
    const others = this.all().filter((cluster) => cluster.arn !== options.moving);
    const owned = [
      ...others.flatMap((cluster) => cluster.brokers.map((broker) => broker.portBase)),
      ...(options.reserved ?? []),
    ];
    const allocate = (without: readonly number[]): number[] | null =>
      allocatePortBases({
        count: options.count,
        first: options.firstPortBase ?? FIRST_PORT_BASE,
        advertisedHosts: options.advertisedHosts ?? 1,
        taken: (base) => options.busy.has(base) || without.some((other) => overlap(base, other)),
      });
    const unused = options.exactPorts ? null : allocate([...owned, ...this.#retiredPorts]);
    return unused ?? allocate(owned);
  }

  /**
   * Deleting what is being deleted is answered as the first time: a caller that lost the answer asks again.
   */
  delete(arn: string, expectedVersion?: string): ClusterDecision {
    const cluster = this.get(arn);
    if (isApiError(cluster)) return refuse(cluster);
    if (expectedVersion !== undefined && expectedVersion !== currentVersion(cluster))
      return refuse(badRequest(notCurrent(cluster), 'currentVersion'));
    if (cluster.state === 'DELETING') return { records: [], answer: cluster };
    return {
      records: [
        { type: 'ClusterStateRecord', arn, state: 'DELETING', stateInfo: null },
        { type: 'ClusterStepRecord', arn, step: 'NONE' },
      ],
      answer: { ...cluster, state: 'DELETING', stateInfo: null, step: 'NONE' },
    };
  }

  /**
   * The reconciler did a step of what `during` asks for; says nothing when the cluster has another wish
   * since.
   */
  completeStep(arn: string, during: ClusterState, step: ClusterStep): Decision<ControlRecord, null> {
    const cluster = this.#byArn.get(arn);
    if (cluster?.state !== during) return nothing;
    const records: ControlRecord[] = [{ type: 'ClusterStepRecord', arn, step }];
    if (during === 'CREATING' && step === 'STARTED')
      records.push({ type: 'ClusterStateRecord', arn, state: 'ACTIVE', stateInfo: null });
    return { records, answer: null };
  }

  removed(arn: string): Decision<ControlRecord, null> {
    if (this.#byArn.get(arn)?.state !== 'DELETING') return nothing;
    return { records: [{ type: 'RemoveClusterRecord', arn }], answer: null };
  }

  /** A step cannot be done and trying again would not help. */
  fail(arn: string, during: ClusterState, stateInfo: StateInfo): Decision<ControlRecord, null> {
    if (this.#byArn.get(arn)?.state !== during) return nothing;
    return { records: [{ type: 'ClusterStateRecord', arn, state: 'FAILED', stateInfo }], answer: null };
  }

  /** A creation that failed begins again, on the ports that it has or, when it may, on others. */
  retry(arn: string): ClusterDecision {
    const cluster = this.get(arn);
    if (isApiError(cluster)) return refuse(cluster);
    if (cluster.state !== 'FAILED')
      return refuse(
        badRequest(
          `The cluster ${cluster.name} is ${cluster.state}: only a creation that FAILED can be tried again.`,
        ),
      );
    const again: Cluster = { ...cluster, state: 'CREATING', stateInfo: null, step: 'NONE' };
    return { records: [{ type: 'ClusterRecord', cluster: again }], answer: again };
  }

  /**
   * The engine says how a running cluster is: `problem` makes ACTIVE into HEALING, null the other way. While
   * an operation is under way the problem is remembered beside it.
   */
  health(arn: string, problem: StateInfo | null): Decision<ControlRecord, null> {
    const cluster = this.#byArn.get(arn);
    if (!cluster) return nothing;
    const operating = cluster.state === 'UPDATING' || cluster.state === 'REBOOTING_BROKER';
    if (!operating && cluster.state !== 'ACTIVE' && cluster.state !== 'HEALING') return nothing;
    const state: ClusterState = operating ? cluster.state : problem ? 'HEALING' : 'ACTIVE';
    if (cluster.state === state && cluster.stateInfo?.message === problem?.message) return nothing;
    return { records: [{ type: 'ClusterStateRecord', arn, state, stateInfo: problem }], answer: null };
  }

  /** A reason that was found in an earlier life of the control plane is none in this one. */
  forgetProblem(arn: string): Decision<ControlRecord, null> {
    const cluster = this.#byArn.get(arn);
    if (!cluster?.stateInfo || cluster.state === 'FAILED') return nothing;
    return {
      records: [{ type: 'ClusterStateRecord', arn, state: cluster.state, stateInfo: null }],
      answer: null,
    };
  }

  /** How fast partitions may move, from now on and those that do already. */
  throttle(arn: string, bytesPerSecond: number | null): ClusterDecision {
    return this.#set(arn, { bytesPerSecond });
  }

  /** A person takes a zone down, or lets it up again. */
  setZoneDown(arn: string, zone: number, down: boolean): ClusterDecision {
    const cluster = this.get(arn);
    if (isApiError(cluster)) return refuse(cluster);
    const others = cluster.zonesDown.filter((one) => one !== zone);
    return this.#set(arn, { zonesDown: down ? [...others, zone].sort() : others });
  }

  /** The names of clusters that have the configuration, or are about to. */
  usersOf(configurationArn: string): string[] {
    const infos = (cluster: Cluster) => {
      const { operationArn } = cluster;
      const operation = operationArn === null ? null : this.operations.get(operationArn);
      const target = operation && 'target' in operation ? operation.target.configurationInfo : undefined;
      return [cluster.spec.configurationInfo, target];
    };
    return this.all()
      .filter((cluster) => infos(cluster).some((info) => info?.arn === configurationArn))
      .map(({ name }) => name);
  }

  replay(record: ControlRecord): void {
    this.queued.replay(record);
    switch (record.type) {
      case 'ClusterRecord':
        this.#byArn.set(record.cluster.arn, record.cluster);
        return;
      case 'ClusterStepRecord':
        this.#change(record.arn, { step: record.step });
        return;
      case 'ClusterStateRecord':
        this.#change(record.arn, { state: record.state, stateInfo: record.stateInfo });
        return;
      case 'OperationRecord':
        this.operations.set(record.operation);
        return;
      case 'QueuedChangeRecord':
        return;
      case 'ScramRecord':
        this.scram.replay(record.arn, record.association);
        return;
      case 'RetiredPortsRecord':
        this.#retire(record.portBases);
        return;
      case 'RemoveClusterRecord':
        this.operations.removeOf(record.arn);
        this.scram.removeOf(record.arn);
        this.#retire(this.#byArn.get(record.arn)?.brokers.map(({ portBase }) => portBase) ?? []);
        this.#byArn.delete(record.arn);
        return;
      case 'ConfigurationRecord':
      case 'ConfigurationRevisionRecord':
      case 'RemoveConfigurationRecord':
        this.configurations.replay(record);
        return;
    }
  }

  /** The shortest history that gives this state. */
  records(): ControlRecord[] {
    const portBases = this.#retiredPorts;
    return [
      ...(portBases.length > 0 ? [{ type: 'RetiredPortsRecord' as const, portBases }] : []),
      ...this.configurations.records(),
      ...this.all().map((cluster): ControlRecord => ({ type: 'ClusterRecord', cluster })),
      ...this.scram.records(),
      ...this.operations.all().map((operation): ControlRecord => ({ type: 'OperationRecord', operation })),
      ...this.queued.all().map((change): ControlRecord => ({ type: 'QueuedChangeRecord', change })),
    ];
  }

  #retire(portBases: readonly number[]): void {
    const others = this.#retiredPorts.filter((base) => !portBases.includes(base));
    this.#retiredPorts = [...others, ...portBases].slice(-MOST_RETIRED_PORTS);
  }

  #set(arn: string, change: Partial<Cluster>): ClusterDecision {
    const cluster = this.get(arn);
    if (isApiError(cluster)) return refuse(cluster);
    const changed = { ...cluster, ...change };
    return { records: [{ type: 'ClusterRecord', cluster: changed }], answer: changed };
  }

  #change(arn: string, change: Partial<Cluster>): void {
    const cluster = this.#byArn.get(arn);
    assert(cluster, `a record about ${arn}, which no record made`);
    this.#byArn.set(arn, { ...cluster, ...change });
  }
}

const nothing: Decision<ControlRecord, null> = { records: [], answer: null };
