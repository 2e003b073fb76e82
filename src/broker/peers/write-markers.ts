import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import type { Marker } from '../../coordinator/transaction/markers.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { Partition } from '../../replication/partition.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';

/** What of a broker writes markers. */
export interface MarkerParts {
  readonly world: { readonly clock: Pick<World['clock'], 'now'> };
  readonly replicas: Pick<ReplicaManager, 'lookup'>;
  readonly groups: Pick<GroupCoordinator, 'completeTransaction'>;
}

/**
 * Ends a producer's transaction in a partition led here; resolves when every replica in sync has it, with
 * null, or with why not. A marker that is there already is not written again. Offsets that were committed in
 * the transaction count from here on, so their partitions are ended through the group coordinator.
 */
export function writeMarker(
  parts: MarkerParts,
  marker: Marker,
  { topic, partition: index }: TopicPartition,
): Promise<ErrorName | null> {
  if (topic === CONSUMER_OFFSETS) return parts.groups.completeTransaction(index, marker);
  const partition = parts.replicas.lookup(topic, index);
  if (!(partition instanceof Partition)) return Promise.resolve(partition.error);
  if (partition.isLeader && partition.log.producers.hasMarker(marker))
    return new Promise((resolve) => partition.awaitCommitted(resolve));
  const { producerId, producerEpoch, coordinatorEpoch, committed } = marker;
  const records = endTransactionBatch({
    producerId,
    producerEpoch,
    coordinatorEpoch,
    outcome: committed ? 'COMMIT' : 'ABORT',
    timestamp: parts.world.clock.now(),
  });
  return new Promise((resolve) => {
    const result = partition.append({ records, origin: 'coordinator', acks: 'all', acked: resolve });
    if ('error' in result) resolve(result.error);
  });
}
