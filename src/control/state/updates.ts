import type { Decision } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { wrongInstanceType } from '../aws/instance-types.ts';
import {
  compatibleVersions,
  isKraft,
  KAFKA_VERSIONS,
  unsupportedKafkaVersion,
} from '../aws/kafka-versions.ts';
import {
  type ConfigurationStep,
  configurationChange,
  liveValues,
} from '../configuration/configuration-change.ts';
import { obeyedProperties } from '../configuration/settable-properties.ts';
import type { BrokerPlace, Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import { currentVersion, NOT_CURRENT } from './current-version.ts';
import { clientCasOf, listenersOf } from './listeners.ts';
import type { ChangedInfo, ClusterOperation, OperationStep, OperationType, Task } from './operation.ts';
import { type PassedOver, PORT_OFFSET } from './ports.ts';
import {
  type ConfigurationInfo,
  type ConnectivityInfo,
  type ProvisionedSpec,
  volumeGib,
} from './provisioned-spec.ts';
import type { ControlRecord } from './records.ts';

/** The changes of a cluster that are asked for: each is refused, or begins an operation. */

export interface UpdateRequest {
  readonly clusterArn: string;
  readonly operationArn: string;
  readonly currentVersion: string;
  readonly now: number;
}

type UpdateDecision = Decision<ControlRecord, ClusterOperation | ApiError>;

/** MSK's quota for a cluster whose metadata is in the cluster itself, and for one with ZooKeeper. */
const MOST_BROKERS = { kraft: 60, zookeeper: 30 };
/** MSK's least step of a volume. */
const LEAST_GROWTH_GIB = 10;

export function updateBrokerCount(
  clusters: Clusters,
  request: UpdateRequest & PassedOver & { readonly target: number },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const wrong = wrongCount(cluster, request.target);
  if (wrong) return refuse(wrong);
  const { target, now } = request;
  const before = cluster.brokers.length;
  const numbers = { source: { numberOfBrokerNodes: before }, target: { numberOfBrokerNodes: target } };
  if (target < before) {
    const leaving = leavingBrokers(cluster, target);
    const steps = [
      step('MOVE_PARTITIONS', { kind: 'MOVE_PARTITIONS', leaving }),
      step('REMOVE_BROKERS', { kind: 'REMOVE_BROKERS', brokers: leaving }),
    ];
    return begin(cluster, request, 'DECREASE_BROKER_COUNT', steps, {
      source: numbers.source,
      target: { ...numbers.target, brokerCountUpdateInfo: { deletedBrokerIds: leaving } },
    });
  }
  const bases = clusters.planPorts({
    count: target - before,
    firstPortBase: cluster.brokers[0]?.portBase,
    busy: request.busy,
    reserved: request.reserved ?? [],
    advertisedHosts: request.advertisedHosts ?? 1,
  });
  if (!bases)
    return refuse({
      error: 'ServiceUnavailableException',
      message: 'This machine has no free ports left.',
    });
  const added = addedBrokers(cluster, target).map((broker, index): BrokerPlace => {
    return { ...broker, portBase: bases[index] ?? 0, addedAt: now };
  });
  const steps = [step('START_BROKERS', { kind: 'START_BROKERS' })];
  if (cluster.spec.rebalancing.status === 'ACTIVE')
    steps.push(step('MOVE_PARTITIONS', { kind: 'MOVE_PARTITIONS', leaving: [] }));
  const grown: Cluster = {
    ...cluster,
    brokers: [...cluster.brokers, ...added],
    spec: { ...cluster.spec, numberOfBrokerNodes: target },
  };
  return begin(grown, request, 'INCREASE_BROKER_COUNT', steps, {
    source: numbers.source,
    target: { ...numbers.target, brokerCountUpdateInfo: { createdBrokerIds: added.map(({ id }) => id) } },
  });
}

/** Why the cluster cannot have so many brokers. */
export function wrongCount(cluster: Cluster, target: number): ApiError | null {
  const field = 'targetNumberOfBrokerNodes';
  const zones = zonesOf(cluster).length;
  const most = isKraft(cluster.spec.kafkaVersion) ? MOST_BROKERS.kraft : MOST_BROKERS.zookeeper;
  if (target % zones !== 0)
    return badRequest(
      'The number of broker nodes must be a multiple of Availability Zones in the Client Subnets parameter.',
      field,
    );
  if (target > most)
    return badRequest(
      `A cluster of Kafka ${cluster.spec.kafkaVersion} can have up to ${most} broker nodes.`,
      field,
    );
  return target === cluster.brokers.length
    ? badRequest(`The cluster ${cluster.name} has ${target} broker nodes already.`, field)
    : null;
}

/** Those with the highest ids: brokers took the zones in turn, so each zone loses as many. */
export function leavingBrokers(cluster: Cluster, target: number): number[] {
  return cluster.brokers.slice(target).map(({ id }) => id);
}

/** The brokers that come, before they have ports. */
export function addedBrokers(
  cluster: Cluster,
  target: number,
): Omit<BrokerPlace, 'portBase' | 'addedAt' | 'endpoints'>[] {
  const zones = zonesOf(cluster).length;
  const last = Math.max(...cluster.brokers.map(({ id }) => id));
  return Array.from({ length: Math.max(0, target - cluster.brokers.length) }, (_, index) => {
    // The brokers took the zones in turn from the first on.
    const { zone = 0, subnet = '' } = cluster.brokers[(cluster.brokers.length + index) % zones] ?? {};
    return {
      id: last + 1 + index,
      zone,
      subnet,
      jmxExporterOffset: PORT_OFFSET.jmxExporter,
      instanceType: cluster.spec.brokerNodeGroupInfo.instanceType,
      listeners: listenersOf(cluster.spec),
      properties: null,
      clientCas: clientCasOf(cluster.spec),
      kafkaVersion: cluster.firstKafkaVersion === null ? null : cluster.spec.kafkaVersion,
    };
  });
}

export function updateBrokerType(
  clusters: Clusters,
  request: UpdateRequest & { readonly target: string },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { target } = request;
  const field = 'targetInstanceType';
  const { instanceType } = cluster.spec.brokerNodeGroupInfo;
  const wrong = wrongInstanceType(target, cluster.spec.kafkaVersion);
  if (wrong !== null) return refuse(badRequest(wrong, field));
  // Brokers that an earlier change left at another size may be given this one again.
  if (cluster.brokers.every((broker) => broker.instanceType === target))
    return refuse(badRequest(`The broker nodes of ${cluster.name} are ${target} already.`, field));
  const steps = cluster.brokers.map(({ id }) =>
    step(`UPDATE_BROKER_${id}`, { kind: 'UPDATE_BROKER', broker: id, instanceType: target }),
  );
  return begin(cluster, request, 'UPDATE_BROKER_TYPE', steps, {
    source: { instanceType },
    target: { instanceType: target },
  });
}

/** PAUSED leaves partitions where they are from now on; ACTIVE evens them out at once. */
export function updateRebalancing(
  clusters: Clusters,
  request: UpdateRequest & { readonly status: 'ACTIVE' | 'PAUSED' },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { status } = request;
  const changed: Cluster = { ...cluster, spec: { ...cluster.spec, rebalancing: { status } } };
  const steps =
    status === 'ACTIVE' ? [step('MOVE_PARTITIONS', { kind: 'MOVE_PARTITIONS', leaving: [] })] : [];
  return begin(changed, request, 'UPDATE_REBALANCING', steps, {
    source: { rebalancing: cluster.spec.rebalancing },
    target: { rebalancing: { status } },
  });
}

/** Every broker's volume grows, without a restart. As on MSK, never the other way. */
export function updateStorage(
  clusters: Clusters,
  request: UpdateRequest & {
    readonly gib: number;
    readonly type: 'UPDATE_BROKER_STORAGE' | 'UPDATE_STORAGE';
  },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { gib, type } = request;
  const before = volumeGib(cluster.spec);
  if (gib < before + LEAST_GROWTH_GIB)
    return refuse(
      badRequest(
        `To update storage, you must increase it by at least ${LEAST_GROWTH_GIB} GiB.`,
        'volumeSizeGB',
      ),
    );
  const info = (volumeSizeGB: number): ChangedInfo => ({
    brokerEBSVolumeInfo: cluster.brokers.map(({ id }) => ({ kafkaBrokerNodeId: String(id), volumeSizeGB })),
  });
  const steps = [step('RESIZE_VOLUMES', { kind: 'RESIZE_VOLUMES', gib })];
  return begin(cluster, request, type, steps, { source: info(before), target: info(gib) });
}

/** What is not named stays. */
export function updateMonitoring(
  clusters: Clusters,
  request: UpdateRequest & {
    readonly target: Pick<ChangedInfo, 'enhancedMonitoring' | 'openMonitoring' | 'loggingInfo'>;
  },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { enhancedMonitoring, openMonitoring, loggingInfo } = cluster.spec;
  const source = { enhancedMonitoring, openMonitoring, loggingInfo };
  const steps = [step('UPDATE_MONITORING', { kind: 'UPDATE_MONITORING' })];
  return begin(cluster, request, 'UPDATE_MONITORING', steps, { source, target: request.target });
}

/** Who may reach the cluster from outside of its VPC. It is remembered: no broker listens otherwise than before. */
export function updateConnectivity(
  clusters: Clusters,
  request: UpdateRequest & { readonly target: ConnectivityInfo },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { connectivityInfo } = cluster.spec.brokerNodeGroupInfo;
  return begin(cluster, request, 'UPDATE_CONNECTIVITY', [], {
    source: connectivityInfo ? { connectivityInfo } : {},
    target: { connectivityInfo: request.target },
  });
}

/** How clients sign in and whether they encrypt: broker after broker gets its new listeners. The caller has checked the wish. */
export function updateSecurity(
  clusters: Clusters,
  request: UpdateRequest & {
    readonly target: Pick<ProvisionedSpec, 'clientAuthentication' | 'encryptionInfo'>;
  },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { target } = request;
  const { clientAuthentication, encryptionInfo } = cluster.spec;
  const before = { clientAuthentication, encryptionInfo };
  if (JSON.stringify(before) === JSON.stringify({ ...before, ...target }))
    return refuse(badRequest('The request does not change how clients connect.', 'clientAuthentication'));
  const listeners = listenersOf({ ...before, ...target });
  const clientCas = clientCasOf({ ...before, ...target });
  const isSo = (broker: BrokerPlace): boolean =>
    JSON.stringify([broker.listeners, broker.clientCas]) === JSON.stringify([listeners, clientCas]);
  const steps = cluster.brokers
    .filter((broker) => !isSo(broker))
    .map(({ id }) =>
      step(`UPDATE_BROKER_${id}`, { kind: 'UPDATE_LISTENERS', broker: id, listeners, clientCas }),
    );
  return begin(cluster, request, 'UPDATE_SECURITY', steps, { source: before, target });
}

/** Another configuration, or another revision of it: live configs at once, the others by restarting node after node. */
export function updateClusterConfiguration(
  clusters: Clusters,
  request: UpdateRequest & { readonly target: ConfigurationInfo },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { target } = request;
  const change = configurationStep(clusters, cluster, target);
  if (isApiError(change)) return refuse(change);
  const source = cluster.spec.configurationInfo;
  const isSame = source?.arn === target.arn && source.revision === target.revision;
  const names = configurationChange(change);
  if (isSame && names.rolling.length === 0)
    return refuse(
      badRequest(
        `The cluster ${cluster.name} has revision ${target.revision} of this configuration already.`,
        'configurationInfo',
      ),
    );
  const properties = change.after;
  const tasks: OperationStep[] = [];
  if (names.rolling.length > 0)
    tasks.push(
      ...cluster.brokers.map(({ id }) =>
        step(`UPDATE_BROKER_${id}`, { kind: 'UPDATE_PROPERTIES', broker: id, properties }),
      ),
      step('UPDATE_CONTROLLER', { kind: 'UPDATE_CONTROLLER', properties }),
    );
  // Last: until then a change that fails leaves the cluster, but for restarted brokers, as it was.
  if (names.live.length > 0)
    tasks.push(step('UPDATE_LIVE_CONFIGS', { kind: 'UPDATE_LIVE_CONFIGS', values: liveValues(change) }));
  return begin(cluster, request, 'UPDATE_CLUSTER_CONFIGURATION', tasks, {
    source: source ? { configurationInfo: source } : {},
    target: { configurationInfo: target },
    configurationChange: names,
  });
}

/**
 * Another Kafka version, and with it another configuration if one is named: broker after broker, and the features of the version last. Until
 * then the way back is the same change to the version that the cluster has.
 */
export function updateKafkaVersion(
  clusters: Clusters,
  request: UpdateRequest & { readonly target: string; readonly configurationInfo?: ConfigurationInfo },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { target } = request;
  const wrong = wrongVersion(cluster, target);
  if (wrong) return refuse(wrong);
  const { configurationInfo: source } = cluster.spec;
  const configurationInfo = request.configurationInfo ?? source;
  const change = configurationInfo ? configurationStep(clusters, cluster, configurationInfo, target) : null;
  if (change && isApiError(change)) return refuse(change);
  const names = change && configurationChange(change);
  const properties = change && names && names.rolling.length > 0 ? change.after : null;
  const steps = cluster.brokers
    .filter(({ kafkaVersion }) => properties || (kafkaVersion !== null && kafkaVersion !== target))
    .map(({ id, kafkaVersion }) =>
      step(
        `UPDATE_BROKER_${id}`,
        kafkaVersion === null
          ? { kind: 'UPDATE_PROPERTIES', broker: id, properties: properties ?? {} }
          : { kind: 'UPDATE_VERSION', broker: id, kafkaVersion: target, properties },
      ),
    );
  if (properties) steps.push(step('UPDATE_CONTROLLER', { kind: 'UPDATE_CONTROLLER', properties }));
  if (change && names && names.live.length > 0)
    steps.push(step('UPDATE_LIVE_CONFIGS', { kind: 'UPDATE_LIVE_CONFIGS', values: liveValues(change) }));
  if (target !== cluster.spec.kafkaVersion)
    steps.push(step('FINALIZE_FEATURES', { kind: 'FINALIZE_FEATURES', kafkaVersion: target }));
  return begin(cluster, request, 'UPDATE_CLUSTER_KAFKA_VERSION', steps, {
    source: { kafkaVersion: cluster.spec.kafkaVersion, ...(source ? { configurationInfo: source } : {}) },
    target: {
      kafkaVersion: target,
      ...(request.configurationInfo ? { configurationInfo: request.configurationInfo } : {}),
    },
    ...(names ? { configurationChange: names } : {}),
  });
}

/** Why the cluster cannot have this version; null when it can. */
function wrongVersion({ name, spec, brokers }: Cluster, target: string): ApiError | null {
  const field = 'targetKafkaVersion';
  if (!KAFKA_VERSIONS.includes(target)) return badRequest(unsupportedKafkaVersion(target), field);
  const wrongType = wrongInstanceType(spec.brokerNodeGroupInfo.instanceType, target);
  if (wrongType !== null) return badRequest(wrongType, field);
  const { kafkaVersion: source } = spec;
  // Brokers that an upgrade which failed left at its version may go back.
  if (target === source)
    return brokers.every(({ kafkaVersion }) => kafkaVersion === null || kafkaVersion === target)
      ? badRequest(`The cluster ${name} has Kafka version ${target} already.`, field)
      : null;
  const targets = compatibleVersions(source);
  return targets.includes(target)
    ? null
    : badRequest(
        `A cluster of Kafka version ${source} cannot be updated to ${target}. Valid values: [${targets.join(', ')}]`,
        field,
      );
}

/** What the revision would change of the cluster. */
export function configurationStep(
  { configurations }: Clusters,
  cluster: Cluster,
  target: ConfigurationInfo,
  targetVersion = cluster.spec.kafkaVersion,
): ConfigurationStep | ApiError {
  const { configurationInfo: source, kafkaVersion } = cluster.spec;
  const before = source ? configurations.revisionFor(source, kafkaVersion) : { properties: {} };
  const after = configurations.revisionFor(target, targetVersion);
  if ('error' in after) return after;
  return {
    base: cluster.brokerConfig,
    before: 'error' in before ? {} : obeyedProperties(before.properties),
    after: obeyedProperties(after.properties),
    started: [
      cluster.properties,
      ...cluster.brokers.flatMap(({ properties }) => (properties === null ? [] : [properties])),
    ],
  };
}

/** Asks for no version: a reboot leaves the cluster as it is. */
export function rebootBroker(
  clusters: Clusters,
  request: Omit<UpdateRequest, 'currentVersion'> & { readonly brokerId: string },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, null);
  if (isApiError(cluster)) return refuse(cluster);
  const broker = cluster.brokers.find(({ id }) => String(id) === request.brokerId);
  if (!broker)
    return refuse(badRequest(`The cluster ${cluster.name} has no broker ${request.brokerId}.`, 'brokerIds'));
  const steps = [step(`REBOOT_BROKER_${broker.id}`, { kind: 'REBOOT_BROKER', broker: broker.id })];
  return begin(cluster, request, 'REBOOT_NODE', steps, { source: {}, target: {} });
}

/** The cluster, when it may be changed now. */
function updatable(clusters: Clusters, arn: string, version: string | null): Cluster | ApiError {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return cluster;
  if (cluster.state !== 'ACTIVE')
    return badRequest(
      `The cluster ${cluster.name} is ${cluster.state}: it can be changed when it is ACTIVE.`,
    );
  return version === null || version === currentVersion(cluster)
    ? cluster
    : badRequest(NOT_CURRENT, 'currentVersion');
}

function begin(
  cluster: Cluster,
  request: { readonly operationArn: string; readonly now: number },
  type: OperationType,
  tasks: readonly OperationStep[],
  info: Pick<ClusterOperation, 'source' | 'target' | 'configurationChange'>,
): UpdateDecision {
  const reboot = type === 'REBOOT_NODE';
  const operation: ClusterOperation = {
    arn: request.operationArn,
    clusterArn: cluster.arn,
    type,
    state: 'PENDING',
    startedAt: request.now,
    endedAt: null,
    steps: reboot
      ? tasks
      : [
          { name: 'INITIALIZE_UPDATE', status: 'COMPLETED', task: null },
          ...tasks,
          { name: 'FINALIZE_UPDATE', status: 'PENDING', task: null },
        ],
    ...info,
    plan: null,
    cancelled: false,
    error: null,
  };
  const changed: Cluster = {
    ...cluster,
    state: reboot ? 'REBOOTING_BROKER' : 'UPDATING',
    operationArn: operation.arn,
    revision: reboot ? cluster.revision : cluster.revision + 1,
  };
  return {
    records: [
      { type: 'OperationRecord', operation },
      { type: 'ClusterRecord', cluster: changed },
    ],
    answer: operation,
  };
}

function zonesOf(cluster: Cluster): string[] {
  return [...new Set(cluster.spec.brokerNodeGroupInfo.clientSubnets)];
}

function step(name: string, task: Task): OperationStep {
  return { name, status: 'PENDING', task };
}

function refuse(answer: ApiError): UpdateDecision {
  return { records: [], answer };
}
