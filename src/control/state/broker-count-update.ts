import { refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { isKraft } from '../aws/kafka-versions.ts';
import { begin, step, type UpdateDecision, type UpdateRequest, updatable } from './begin-operation.ts';
import type { BrokerPlace, Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import { clientCasOf, listenersOf } from './listeners.ts';
import { type PassedOver, PORT_OFFSET } from './ports.ts';

/** MSK's quota for a cluster whose metadata is in the cluster itself, and for one with ZooKeeper. */
const MOST_BROKERS = { kraft: 60, zookeeper: 30 };

/** Brokers come to, or the last ones go from, every zone alike. */
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

function zonesOf(cluster: Cluster): string[] {
  return [...new Set(cluster.spec.brokerNodeGroupInfo.clientSubnets)];
}
