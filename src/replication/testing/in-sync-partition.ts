import type { BrokerId } from '../../base/brand.ts';
import type { PartitionImage } from '../../metadata/topics.ts';

/** A partition on these brokers, which are all in sync; the first leads unless `more` says otherwise. */
export function inSyncPartition(
  replicas: readonly BrokerId[],
  more: Partial<PartitionImage> = {},
): PartitionImage {
  return {
    replicas,
    directories: [],
    isr: replicas,
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: replicas[0] ?? -1,
    leaderRecoveryState: 0,
    leaderEpoch: 5,
    partitionEpoch: 5,
    ...more,
  };
}
