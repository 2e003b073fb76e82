import { type Decision, refuse } from '../../base/decision.ts';
import { badRequest, isApiError } from '../aws/api-error.ts';
import type { StateInfo } from '../aws/state-info.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterDecision, Clusters } from './clusters.ts';
import { isPortBase, type PassedOver, PORT_OFFSET } from './ports.ts';
import type { ControlRecord } from './records.ts';

/** Until its processes serve there. */
const MOVES: StateInfo = { code: 'PORTS_CHANGE', message: 'It moves to other ports' };

/**
 * Between the choice of a port and its first use another process may take it. Until a cluster has served,
 * nobody knows its ports, so it can have others and begin again.
 */
export function movePorts(
  clusters: Clusters,
  arn: string,
  passedOver: PassedOver,
): Decision<ControlRecord, boolean> {
  const cluster = clusters.get(arn);
  if (isApiError(cluster) || cluster.state !== 'CREATING' || cluster.exactPorts)
    return { records: [], answer: false };
  const bases = clusters.planPorts({ count: cluster.brokers.length, ...passedOver, moving: arn });
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

/**
 * A cluster that has served gets other ports: from `first` on or, without it, the next free ones. Those that
 * it had are retired.
 */
export function giveOtherPorts(
  clusters: Clusters,
  arn: string,
  { first, ...passedOver }: PassedOver & { readonly first: number | undefined },
): ClusterDecision {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return refuse(cluster);
  if (cluster.state !== 'ACTIVE' && cluster.state !== 'HEALING')
    return refuse(
      badRequest(`The cluster ${cluster.name} is ${cluster.state}: its ports cannot be changed now.`),
    );
  const count = cluster.brokers.length;
  const exactPorts = first !== undefined;
  const bases = clusters.planPorts({ ...passedOver, count, firstPortBase: first, exactPorts });
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
export function shiftedPorts(
  clusters: Clusters,
  by: number,
  advertisedHosts: number,
): { readonly left: number[]; readonly moved: number[] } | null {
  const left = clusters.all().flatMap(({ brokers }) => brokers.map(({ portBase }) => portBase));
  const moved = left.map((base) => base + by);
  return moved.some((base) => !isPortBase(base, advertisedHosts)) ? null : { left, moved };
}

/** All brokers get ports so far from where they are; what is at their new ones is the caller's to know. */
export function shiftPorts(clusters: Clusters, by: number): Decision<ControlRecord, null> {
  const records = clusters.all().map((cluster): ControlRecord => {
    const brokers = cluster.brokers.map((broker) => ({ ...broker, portBase: broker.portBase + by }));
    return { type: 'ClusterRecord', cluster: { ...cluster, brokers } };
  });
  return { records, answer: null };
}
