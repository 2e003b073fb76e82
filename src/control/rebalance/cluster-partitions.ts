import { partitionKey } from '../../base/topic-partition.ts';
import type { ClusterAdmin } from './cluster-admin.ts';
import type { PlanPartition } from './planned-cluster.ts';

/**
 * All partitions of a cluster, as a plan needs them. A partition is as large as its largest replica; one
 * whose brokers are all away counts as empty. Throws AdminError.
 */
export async function clusterPartitions(admin: ClusterAdmin): Promise<PlanPartition[]> {
  const described = await admin.describePartitions(null);
  const brokers = [...new Set(described.flatMap(({ replicas }) => replicas))].sort((a, b) => a - b);
  const { sizes } = await admin.logSizes(brokers, null);
  const largest = new Map<string, number>();
  for (const size of sizes) {
    const key = partitionKey(size);
    largest.set(key, Math.max(largest.get(key) ?? 0, size.sizeInBytes));
  }
  return described.map(({ topic, partition, replicas, leader }) => ({
    topic,
    index: partition,
    replicas,
    leader,
    sizeInBytes: largest.get(partitionKey({ topic, partition })) ?? 0,
  }));
}
