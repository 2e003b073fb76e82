import type { ApiClient } from '../api-client.ts';
import { type ClusterHealth, healthOf } from '../clusters/cluster-health.ts';
import { bootstrapBrokers, type DescribedCluster, listClusters } from '../clusters/clusters.ts';
import { type DiskUse, diskUse } from '../clusters/disk-use.ts';
import { counted } from '../counted.ts';

export interface ClusterStatus {
  readonly name: string;
  readonly arn: string;
  readonly state: string;
  readonly brokers: number;
  readonly bootstrap: string | null;
  /** Null when the cluster cannot be asked. */
  readonly health: {
    readonly brokersUp: number;
    readonly partitions: number;
    readonly partitionsNotInSync: number;
    readonly partitionsWithoutLeader: number;
  } | null;
}

/** What a running Millrace is, how its parts do, and a sentence about each thing that is wrong. */
export interface ServerStatus {
  readonly server: Record<string, unknown>;
  /** Null when the file system does not tell. */
  readonly disk: DiskUse | null;
  readonly clusters: readonly ClusterStatus[];
  readonly problems: readonly string[];
}

/** `server`: what it says of itself. */
export async function serverStatus(api: ApiClient, server: Record<string, unknown>): Promise<ServerStatus> {
  const disk = await diskUse(api);
  const looks = await Promise.all((await listClusters(api)).map((cluster) => look(api, cluster)));
  return {
    server,
    disk,
    clusters: looks.map(({ status }) => status),
    problems: [
      ...(disk && disk.level !== null
        ? [
            `The disk is ${disk.usedPercent} % full; brokers stop when nothing is left. Delete topics, or make room.`,
          ]
        : []),
      ...looks.flatMap(({ problems }) => problems),
    ],
  };
}

async function look(
  api: ApiClient,
  cluster: DescribedCluster,
): Promise<{ readonly status: ClusterStatus; readonly problems: readonly string[] }> {
  const { clusterName: name, clusterArn: arn, state, trouble } = cluster;
  const isMade = !['CREATING', 'FAILED', 'DELETING'].includes(state);
  const health = isMade ? await healthOf(api, cluster) : null;
  const status: ClusterStatus = {
    name,
    arn,
    state,
    brokers: cluster.numberOfBrokerNodes,
    bootstrap: await bootstrapBrokers(api, cluster),
    health:
      health && !('error' in health)
        ? {
            brokersUp: health.brokers.filter(({ isUp }) => isUp).length,
            partitions: health.partitions,
            partitionsNotInSync: health.partitionsNotInSync,
            partitionsWithoutLeader: health.partitionsWithoutLeader,
          }
        : null,
  };
  const states = ['HEALING', 'FAILED'].includes(state) || trouble !== null;
  return {
    status,
    problems: [
      ...(states ? [`${name} is ${state}${trouble === null ? '' : `: ${trouble}`}.`] : []),
      ...(health ? problemsOf(name, health) : []),
    ],
  };
}

function problemsOf(name: string, health: ClusterHealth | { readonly error: string }): string[] {
  if ('error' in health) return [`${name} cannot be asked: ${health.error}`];
  const down = health.brokers.filter(({ isUp }) => !isUp).map(({ id }) => id);
  const full = health.brokers.filter(({ usableBytes }) => usableBytes === 0).map(({ id }) => id);
  return [
    ...(down.length > 0 ? [`${named(down)} of ${name} ${are(down)} down.`] : []),
    ...(full.length > 0
      ? [`The volume of ${named(full).toLowerCase()} of ${name} is full: writes are refused.`]
      : []),
    ...(health.partitionsWithoutLeader > 0
      ? [
          `${counted(health.partitionsWithoutLeader, 'partition')} of ${name} ${health.partitionsWithoutLeader === 1 ? 'has' : 'have'} no leader.`,
        ]
      : []),
    ...(health.partitionsNotInSync > 0
      ? [
          `${counted(health.partitionsNotInSync, 'partition')} of ${name} ${health.partitionsNotInSync === 1 ? 'is' : 'are'} not fully in sync.`,
        ]
      : []),
  ];
}

const named = (ids: readonly number[]): string => `Broker${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`;
const are = (ids: readonly number[]): string => (ids.length === 1 ? 'is' : 'are');
