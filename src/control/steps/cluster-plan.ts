import type { ClusterAdmin } from '../rebalance/cluster-admin.ts';
import { clusterPartitions } from '../rebalance/cluster-partitions.ts';
import { type PlanError, planRebalance, type RebalancePlan } from '../rebalance/plan.ts';
import type { BrokerPlace } from '../state/cluster.ts';

/**
 * Where the partitions of a cluster would go on these brokers, when some of them leave. Throws AdminError.
 */
export async function clusterPlan(
  admin: ClusterAdmin,
  brokers: readonly Pick<BrokerPlace, 'id' | 'zone'>[],
  leaving: readonly number[],
): Promise<RebalancePlan | PlanError> {
  return planRebalance(
    brokers.map(({ id, zone }) => ({ id, zone: String(zone), accepts: !leaving.includes(id) })),
    await clusterPartitions(admin),
  );
}
