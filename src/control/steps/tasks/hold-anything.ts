import type { ClusterAccess } from '../../access/cluster-access.ts';

/** Whether any partition has a replica on one of these brokers. Rejects with AdminError. */
export async function holdAnything(access: ClusterAccess, brokers: readonly number[]): Promise<boolean> {
  const partitions = await access.describePartitions(null);
  return partitions.some(({ replicas }) => replicas.some((broker) => brokers.includes(broker)));
}
