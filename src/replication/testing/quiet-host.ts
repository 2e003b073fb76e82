import type { PartitionHost } from '../partition.ts';

/**
 * What is around a partition where nothing happens: broker 1, of which every other broker may be in the ISR,
 * and one replica is enough.
 */
export const quietHost: PartitionHost = {
  brokerId: 1,
  lagTimeMaxMs: () => 1000,
  minInSyncReplicas: () => 1,
  eligibleEpoch: () => 1,
  registeredEpoch: () => 1,
  changeIsr() {},
  moved() {},
};
