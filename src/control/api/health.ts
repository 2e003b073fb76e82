import { isApiError } from '../aws/api-error.ts';
import { zoneId } from '../aws/zone-id.ts';
import {
  AdminError,
  type LogSize,
  type PartitionDescription,
  type VolumeUse,
} from '../rebalance/cluster-admin.ts';
import { ARN, operation } from './operation.ts';
import { structure } from './shape.ts';

/** A broker that does not say in this time how it does is down, for who asks and for its clients. */
const ANSWERS_WITHIN_MS = 3000;

/** How each broker of a cluster does, as the cluster itself says it now. */
export const describeHealth = operation({
  name: 'DescribeHealth',
  input: structure({ ClusterArn: ARN }),
  handle: async (control, { ClusterArn }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    const serves = !['CREATING', 'FAILED', 'DELETING'].includes(cluster.state);
    const access = serves ? control.connect(cluster) : null;
    try {
      const ids = cluster.brokers.map(({ id }) => id);
      const partitions = (await access?.describePartitions(null)) ?? [];
      const { sizes, volumes, unreachable } = (await access?.logSizes(ids, null, ANSWERS_WITHIN_MS)) ?? {
        sizes: [],
        volumes: [],
        unreachable: ids,
      };
      return {
        brokers: cluster.brokers.map(({ id, zone }) => ({
          id,
          zone: zoneId(cluster.region, zone),
          isUp: !unreachable.includes(id),
          ...holdings(id, partitions, sizes),
          ...volumeOf(id, volumes),
        })),
        partitions: partitions.length,
        partitionsWithoutLeader: partitions.filter(({ leader }) => leader === -1).length,
        partitionsNotInSync: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
      };
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      return {
        error: 'ServiceUnavailableException',
        message: `No broker of ${cluster.name} answers: ${error.message}.`,
      };
    } finally {
      await access?.close();
    }
  },
});

/** Nothing of a broker that does not answer. */
function volumeOf(id: number, volumes: readonly VolumeUse[]): object {
  const volume = volumes.find(({ broker }) => broker === id);
  if (!volume) return {};
  return { volumeBytes: volume.totalBytes, usableBytes: volume.usableBytes };
}

function holdings(
  id: number,
  partitions: readonly PartitionDescription[],
  sizes: readonly LogSize[],
): object {
  const own = partitions.filter(({ replicas }) => replicas.includes(id));
  return {
    leaders: partitions.filter(({ leader }) => leader === id).length,
    replicas: own.length,
    replicasNotInSync: own.filter(({ isr }) => !isr.includes(id)).length,
    bytes: sizes.filter(({ broker }) => broker === id).reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0),
  };
}
