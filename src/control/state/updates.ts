import { refuse } from '../../base/decision.ts';
import { badRequest, isApiError } from '../aws/api-error.ts';
import { wrongInstanceType } from '../aws/instance-types.ts';
import { begin, step, type UpdateDecision, type UpdateRequest, updatable } from './begin-operation.ts';
import type { BrokerPlace, Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import { clientCasOf, listenersOf } from './listeners.ts';
import type { ChangedInfo } from './operation.ts';
import {
  type ConnectivityInfo,
  type ProvisionedSpec,
  type ProvisionedThroughput,
  throughputOf,
  volumeGib,
} from './provisioned-spec.ts';

/** The least by which a volume grows on MSK, in GiB. */
const LEAST_GROWTH_GIB = 10;

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

/**
 * Every broker's volume grows, without a restart. As on MSK, never the other way, but where `mayShrink` says
 * that what is stored fits. What is not named stays, and a request has to change something that is described.
 */
export function updateStorage(
  clusters: Clusters,
  request: UpdateRequest & {
    readonly gib: number | undefined;
    readonly provisionedThroughput: ProvisionedThroughput | undefined;
    readonly mayShrink: boolean;
    readonly type: 'UPDATE_BROKER_STORAGE' | 'UPDATE_STORAGE';
  },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const before = { gib: volumeGib(cluster.spec), throughput: throughputOf(cluster.spec) };
  const {
    gib = before.gib,
    provisionedThroughput: throughput = before.throughput,
    mayShrink,
    type,
  } = request;
  const isResized = gib !== before.gib;
  if (!isResized && JSON.stringify(throughput) === JSON.stringify(before.throughput))
    return refuse(badRequest(unchanged('EBS volumes'), 'volumeSizeGB'));
  if (isResized && gib < before.gib + LEAST_GROWTH_GIB && !(mayShrink && gib < before.gib))
    return refuse(
      badRequest(
        `To update storage, you must increase it by at least ${LEAST_GROWTH_GIB} GiB.`,
        'volumeSizeGB',
      ),
    );
  const info = (
    volumeSizeGB: number,
    provisionedThroughput: ProvisionedThroughput | undefined,
  ): ChangedInfo => ({
    brokerEBSVolumeInfo: cluster.brokers.map(({ id }) => ({
      kafkaBrokerNodeId: String(id),
      volumeSizeGB,
      ...(provisionedThroughput ? { provisionedThroughput } : {}),
    })),
  });
  const steps = isResized ? [step('RESIZE_VOLUMES', { kind: 'RESIZE_VOLUMES', gib })] : [];
  return begin(cluster, request, type, steps, {
    source: info(before.gib, before.throughput),
    target: info(gib, throughput),
  });
}

/** MSK's words for a request that changes nothing. */
function unchanged(what: string): string {
  return `The request does not include any updates to the ${what} of the cluster. Verify the request, then try again.`;
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

/**
 * Who may reach the cluster from outside of its VPC. It is remembered: no broker listens otherwise than
 * before.
 */
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

/**
 * How clients sign in and whether they encrypt: broker after broker gets its new listeners. The caller has
 * checked the wish.
 */
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
    return refuse(badRequest(unchanged('security setting'), 'clientAuthentication'));
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

/** Takes no version of the cluster: a reboot leaves it as it is. */
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
