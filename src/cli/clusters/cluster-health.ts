import type { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';
import type { DescribedCluster } from './clusters.ts';

/** How a cluster does, as its brokers say. */
export interface ClusterHealth {
  readonly brokers: readonly {
    readonly id: number;
    readonly zone: string;
    readonly isUp: boolean;
    readonly leaders: number;
    readonly replicas: number;
    readonly replicasNotInSync: number;
    readonly bytes: number;
    /** Null of a broker that does not answer. */
    readonly volumeBytes: number | null;
    readonly usableBytes: number | null;
  }[];
  readonly partitions: number;
  readonly partitionsWithoutLeader: number;
  readonly partitionsNotInSync: number;
}

/** An error says why the cluster cannot be asked. Throws Failure when the API itself does not answer. */
export async function healthOf(
  api: ApiClient,
  { clusterArn }: DescribedCluster,
): Promise<ClusterHealth | { error: string }> {
  try {
    const answer = await api.send('GET', ['millrace', 'v1', 'clusters', clusterArn, 'health']);
    const brokers = Array.isArray(answer.brokers) ? answer.brokers.map(fields) : [];
    return {
      brokers: brokers.map((one) => ({
        id: Number(one.id),
        zone: String(one.zone),
        isUp: one.isUp === true,
        leaders: Number(one.leaders),
        replicas: Number(one.replicas),
        replicasNotInSync: Number(one.replicasNotInSync),
        bytes: Number(one.bytes),
        volumeBytes: typeof one.volumeBytes === 'number' ? one.volumeBytes : null,
        usableBytes: typeof one.usableBytes === 'number' ? one.usableBytes : null,
      })),
      partitions: Number(answer.partitions),
      partitionsWithoutLeader: Number(answer.partitionsWithoutLeader),
      partitionsNotInSync: Number(answer.partitionsNotInSync),
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'unreachable') throw error;
    return { error: error.message };
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
