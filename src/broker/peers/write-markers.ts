import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import type { Marker } from '../../coordinator/transaction/markers.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { type LeaderAppend, Partition } from '../../replication/partition.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import type { RequestWay } from '../../server/handler.ts';

/** What of a broker writes markers. */
export interface MarkerParts {
  readonly world: { readonly clock: Pick<World['clock'], 'now'> };
  readonly replicas: Pick<ReplicaManager, 'lookup'>;
  readonly groups: Pick<GroupCoordinator, 'completeTransaction'>;
}

/**
 * Ends a producer's transaction in a partition led here; resolves when every replica in sync has it, with
 * null, or with why not. A marker that is there already is not written again. Offsets that were committed in
 * the transaction count from here on, so their partitions are ended through the group coordinator. `way`: of
 * the request that asks for it, whose sender may leave; the marker stays then, and only the wait for it ends.
 */
export function writeMarker(
  parts: MarkerParts,
  marker: Marker,
  { topic, partition: index }: TopicPartition,
  way?: Pick<RequestWay, 'afterWrite'>,
): Promise<ErrorName | null> {
  if (topic === CONSUMER_OFFSETS) return parts.groups.completeTransaction(index, marker);
  const partition = parts.replicas.lookup(topic, index);
  if (!(partition instanceof Partition)) return Promise.resolve(partition.error);
  return new Promise((resolve) => {
    let isOver = false;
    const acked = (error: ErrorName | null) => {
      isOver = true;
      resolve(error);
    };
    appendMarker(partition, marker, { now: parts.world.clock.now(), acked, hasLeft: () => isOver });
    if (isOver) return;
    way?.afterWrite(() => {
      if (isOver) return;
      acked('REQUEST_TIMED_OUT');
      partition.waiterLeft();
    });
  });
}

function appendMarker(
  partition: Partition,
  marker: Marker,
  { now, acked, hasLeft }: { readonly now: number } & Required<Pick<LeaderAppend, 'acked' | 'hasLeft'>>,
): void {
  if (partition.isLeader && partition.log.producers.hasMarker(marker)) {
    partition.awaitCommitted(acked, hasLeft);
    return;
  }
  const { producerId, producerEpoch, coordinatorEpoch, committed } = marker;
  const records = endTransactionBatch({
    producerId,
    producerEpoch,
    coordinatorEpoch,
    outcome: committed ? 'COMMIT' : 'ABORT',
    timestamp: now,
  });
  const result = partition.append({ records, origin: 'coordinator', acks: 'all', acked, hasLeft });
  if ('error' in result) acked(result.error);
}
