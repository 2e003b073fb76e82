import { ZERO_UUID } from '../base/brand.ts';
import type { Refusal } from '../protocol/refusal.ts';

/** The replica that is to become a voter, or to be one no more. */
interface AskedVoter {
  readonly clusterId: string | null;
  readonly voterId: number;
  readonly voterDirectoryId: string;
}

/**
 * Why the voters of the metadata log do not change, as Apache Kafka says it of a cluster whose voters are
 * fixed (`kraft.version` 0): a cluster of this engine has one controller.
 */
export function voterChangeRefusal(clusterId: string, asked: AskedVoter, change: 'add' | 'remove'): Refusal {
  if (asked.clusterId !== null && asked.clusterId !== clusterId)
    return {
      error: 'INCONSISTENT_CLUSTER_ID',
      message: `The given id "${asked.clusterId}" doesn't match the cluster id "${clusterId}"`,
    };
  if (asked.voterId < 0 || asked.voterDirectoryId === ZERO_UUID)
    return {
      error: 'INVALID_REQUEST',
      message: `${change === 'add' ? 'Add' : 'Remove'} voter request didn't include a valid voter`,
    };
  return {
    error: 'UNSUPPORTED_VERSION',
    message: `Cluster doesn't support ${change === 'add' ? 'adding' : 'removing'} voter because the kraft.version feature is 0`,
  };
}
