import { assert } from '../../base/assert.ts';
import type { Decision } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError, notFound } from '../aws/api-error.ts';
import { obeyedProperties } from '../configuration/settable-properties.ts';
import type { BrokerPlace, Cluster, ClusterState, ClusterStep, StateInfo } from './cluster.ts';
import { Configurations } from './configurations.ts';
import { currentVersion, NOT_CURRENT } from './current-version.ts';
import { clientCasOf, listenersOf } from './listeners.ts';
import type { ClusterOperation } from './operation.ts';
import { latestFirst, Operations } from './operations.ts';
import {
  allocatePortBases,
  FIRST_PORT_BASE,
  isPortBase,
  overlap,
  type PassedOver,
  PORT_OFFSET,
} from './ports.ts';
import type { ProvisionedSpec } from './provisioned-spec.ts';
import { QueuedChanges, queuedOperation } from './queued-changes.ts';
import type { ControlRecord } from './records.ts';
import { ScramAssociations } from './scram-associations.ts';
import { subnetZones } from './subnet-zones.ts';

/** Clusters of one account and region; all their processes share one machine. */
const MAX_CLUSTERS = 100;

/** So many are remembered; the longest gone may be given again. */
const MOST_RETIRED_PORTS = 1_000;

type ClusterDecision = Decision<ControlRecord, Cluster | ApiError>;

export interface CreateCluster extends PassedOver {
  readonly name: string;
  readonly uuid: string;
  readonly arn: string;
  readonly clusterId: string;
  readonly region: string;
  readonly now: number;
  readonly spec: ProvisionedSpec;
  readonly tags: Readonly<Record<string, string>>;
  readonly brokerConfig: Readonly<Record<string, string>>;
  /** Where the search for ports begins. */
  readonly firstPortBase?: number | undefined;
  readonly exactPorts?: boolean | undefined;
}

/** The life of clusters: commands decide, records change. */
export class Clusters {
  readonly operations = new Operations();
  /** Changes that wait for their turn. */
  readonly queued = new QueuedChanges();
  readonly scram = new ScramAssociations();
  readonly configurations = new Configurations();
  readonly #byArn = new Map<string, Cluster>();
  /** The first ports of brokers that were: clients may remember them, and would land in another cluster. The latest last. */
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

  create(command: CreateCluster): ClusterDecision {
    if (this.byName(command.name))
      return refuse({ error: 'ConflictException', message: 'A resource with this name already exists.' });
    if (this.#byArn.size >= MAX_CLUSTERS)
      return refuse({
        error: 'TooManyRequestsException',
        message: `There are already ${MAX_CLUSTERS} clusters.`,
      });
    const { spec } = command;
    const revision = spec.configurationInfo
      ? this.configurations.revisionFor(spec.configurationInfo, spec.kafkaVersion)
      : null;
    if (revision && 'error' in revision) return refuse(revision);
    const bases = this.planPorts({
      count: spec.numberOfBrokerNodes,
      firstPortBase: command.firstPortBase,
      exactPorts: command.exactPorts,
      busy: command.busy,
      reserved: command.reserved ?? [],
      advertisedHosts: command.advertisedHosts ?? 1,
    });
    if (!bases)
      return refuse({
        error: 'ServiceUnavailableException',
        message: 'This machine has no free ports left.',
      });
    const { clientSubnets, instanceType } = spec.brokerNodeGroupInfo;
    const places = subnetZones(this.all(), clientSubnets, command.region);
    if (isApiError(places)) return refuse(places);
    const brokers = bases.map((portBase, index): BrokerPlace => {
      const { zone = 0, subnet = '' } = places[index % places.length] ?? {};
      return {
        id: index + 1,
        zone,
        subnet,
        portBase,
        jmxExporterOffset: PORT_OFFSET.jmxExporter,
        instanceType,
        listeners: listenersOf(spec),
        properties: null,
        clientCas: clientCasOf(spec),
        kafkaVersion: spec.kafkaVersion,
        addedAt: command.now,
      };
    });
    const cluster: Cluster = {
      arn: command.arn,
      name: command.name,
      uuid: command.uuid,
      clusterId: command.clusterId,
      region: command.region,
      createdAt: command.now,
      spec,
      tags: command.tags,
      brokerConfig: command.brokerConfig,
      properties: revision ? obeyedProperties(revision.properties) : {},
      brokers,
      firstKafkaVersion: spec.kafkaVersion,
      exactPorts: command.exactPorts ?? false,
      state: 'CREATING',
      stateInfo: null,
      step: 'NONE',
      operationArn: null,
      bytesPerSecond: null,
      zonesDown: [],
      policy: null,
      policyRevision: 0,
      revision: 1,
    };
    return { records: [{ type: 'ClusterRecord', cluster }], answer: cluster };
  }

  /**
   * Between the choice of a port and its first use another process may take it. Until a cluster has served, nobody knows its ports,
   * so it can have others and begin again.
   */
  movePorts(arn: string, passedOver: PassedOver): Decision<ControlRecord, boolean> {
    const cluster = this.#byArn.get(arn);
    if (cluster?.state !== 'CREATING' || cluster.exactPorts) return { records: [], answer: false };
    const bases = this.planPorts({ count: cluster.brokers.length, ...passedOver, moving: arn });
    if (!bases) return { records: [], answer: false };
    const brokers = cluster.brokers.map((broker, index) => ({
      ...broker,
      portBase: bases[index] ?? broker.portBase,
    }));
    return {
      records: [{ type: 'ClusterRecord', cluster: { ...cluster, brokers, step: 'NONE' } }],
      answer: true,
    };
  }

  /** A cluster that has served gets other ports: from `first` on or, without it, the next free ones. Those that it had are retired. */
  giveOtherPorts(
    arn: string,
    { first, ...passedOver }: PassedOver & { readonly first: number | undefined },
  ): ClusterDecision {
    const cluster = this.get(arn);
    if ('error' in cluster) return refuse(cluster);
    if (cluster.state !== 'ACTIVE' && cluster.state !== 'HEALING')
      return refuse(
        badRequest(`The cluster ${cluster.name} is ${cluster.state}: its ports cannot be changed now.`),
      );
    const count = cluster.brokers.length;
    const exactPorts = first !== undefined;
    const bases = this.planPorts({ ...passedOver, count, firstPortBase: first, exactPorts });
    if (!bases)
      return refuse({
        error: 'ServiceUnavailableException',
        message: 'This machine has no free ports left.',
      });
    if (exactPorts && bases[0] !== first)
      return refuse({
        error: 'ConflictException',
        message: `Ports from ${first} on are those of a cluster of this Millrace, or of this one itself`,
        invalidParameter: 'firstPort',
      });
    const left = cluster.brokers.map(({ portBase }) => portBase);
    const brokers = cluster.brokers.map((broker, index) => ({
      ...broker,
      portBase: bases[index] ?? broker.portBase,
      jmxExporterOffset: PORT_OFFSET.jmxExporter,
    }));
    const moved: Cluster = { ...cluster, brokers, state: 'HEALING', stateInfo: MOVES };
    return {
      records: [
        { type: 'RetiredPortsRecord', portBases: left },
        { type: 'ClusterRecord', cluster: moved },
      ],
      answer: moved,
    };
  }

  /** The first ports of all brokers, if all were so far from where they are; null when they would not fit. */
  shiftedPorts(
    by: number,
    advertisedHosts: number,
  ): { readonly left: number[]; readonly moved: number[] } | null {
    const left = this.all().flatMap(({ brokers }) => brokers.map(({ portBase }) => portBase));
    const moved = left.map((base) => base + by);
    return moved.some((base) => !isPortBase(base, advertisedHosts)) ? null : { left, moved };
  }

  shiftPorts(by: number): Decision<ControlRecord, null> {
    const records = this.all().map((cluster): ControlRecord => {
      const brokers = cluster.brokers.map((broker) => ({ ...broker, portBase: broker.portBase + by }));
      return { type: 'ClusterRecord', cluster: { ...cluster, brokers } };
    });
    return { records, answer: null };
  }

  /** Deleting what is being deleted is answered as the first time: a caller that lost the answer asks again. */
  delete(arn: string, expectedVersion?: string): ClusterDecision {
    const cluster = this.get(arn);
    if ('error' in cluster) return refuse(cluster);
    if (expectedVersion !== undefined && expectedVersion !== currentVersion(cluster))
      return refuse(badRequest(NOT_CURRENT, 'currentVersion'));
    if (cluster.state === 'DELETING') return { records: [], answer: cluster };
    return {
      records: [
        { type: 'ClusterStateRecord', arn, state: 'DELETING', stateInfo: null },
        { type: 'ClusterStepRecord', arn, step: 'NONE' },
      ],
      answer: { ...cluster, state: 'DELETING', stateInfo: null, step: 'NONE' },
    };
  }

  /** The reconciler did a step of what `during` asks for; says nothing when the cluster has another wish since. */
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
    if ('error' in cluster) return refuse(cluster);
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
   * The engine says how a running cluster is: `problem` makes ACTIVE into HEALING, null the other way. While an operation is under
   * way the problem is remembered beside it.
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
    if ('error' in cluster) return refuse(cluster);
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
    if ('error' in cluster) return refuse(cluster);
    const changed = { ...cluster, ...change };
    return { records: [{ type: 'ClusterRecord', cluster: changed }], answer: changed };
  }

  #change(arn: string, change: Partial<Cluster>): void {
    const cluster = this.#byArn.get(arn);
    assert(cluster, `a record about ${arn}, which no record made`);
    this.#byArn.set(arn, { ...cluster, ...change });
  }
}

/** Until its processes serve there. */
const MOVES: StateInfo = { code: 'PORTS_CHANGE', message: 'It moves to other ports' };

const nothing: Decision<ControlRecord, null> = { records: [], answer: null };

function refuse(answer: ApiError): ClusterDecision {
  return { records: [], answer };
}
