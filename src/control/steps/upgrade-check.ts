import type { ApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { behind, describeLagging, named } from '../health/lagging.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import type { Cluster } from '../state/cluster.ts';

export interface UpgradeCheck {
  /** Why the brokers must not be restarted now; null when they may. */
  readonly refusal: string | null;
  /** What clients will notice. */
  readonly warnings: readonly string[];
}

/**
 * What speaks against restarting every broker for another Kafka version, asked before the first of them is.
 * Clients need no warning: a later version serves every version of every API that an earlier one serves here.
 */
export async function upgradeCheck(
  control: Pick<Control, 'connect'>,
  cluster: Cluster,
): Promise<UpgradeCheck | ApiError> {
  const access = control.connect(cluster);
  try {
    const partitions = await access.describePartitions(null);
    const lagging = behind(partitions);
    const single = partitions.filter(({ replicas }) => replicas.length === 1);
    return {
      refusal:
        lagging.length === 0
          ? null
          : `The cluster ${cluster.name} has under-replicated partitions: ${describeLagging(lagging)}. Its version can be updated when all replicas are in sync.`,
      warnings:
        single.length === 0
          ? []
          : [
              `While their broker restarts, clients can neither read nor write ${named(single)}, which have one replica.`,
            ],
    };
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return {
      error: 'ServiceUnavailableException',
      message: `The cluster ${cluster.name} cannot be asked whether its replicas are in sync: ${error.message}`,
    };
  } finally {
    await access.close();
  }
}
