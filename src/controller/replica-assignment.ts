import type { BrokerId, Uuid } from '../base/brand.ts';
import type { Random } from '../base/random.ts';
import { UNASSIGNED_DIRECTORY } from '../metadata/directory-id.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import { partitionRecord, RECOVERED } from '../metadata/topics.ts';
import type { CreatableTopic } from '../protocol/messages/19-create-topics.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { isActive } from './partitions-control.ts';
import { placeReplicas } from './placement.ts';

/** Brokers by partition, in preferred order. */
export interface ReplicaAssignment {
  readonly replicas: readonly (readonly BrokerId[])[];
}

/** As the request says. */
export function manualAssignment(image: ClusterImage, topic: CreatableTopic): ReplicaAssignment | Refusal {
  if (topic.replicationFactor !== -1)
    return {
      error: 'INVALID_REQUEST',
      message: 'A manual partition assignment was specified, but replication factor was not set to -1.',
    };
  if (topic.numPartitions !== -1)
    return {
      error: 'INVALID_REQUEST',
      message: 'A manual partition assignment was specified, but numPartitions was not set to -1.',
    };
  const byPartition = new Map<number, readonly BrokerId[]>();
  const replicationFactor = topic.assignments[0]?.brokerIds.length;
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byPartition.has(partitionIndex))
      return {
        error: 'INVALID_REPLICA_ASSIGNMENT',
        message: `Found multiple manual partition assignments for partition ${partitionIndex}`,
      };
    const refusal = checkManualReplicas(image, partitionIndex, brokerIds, replicationFactor);
    if (refusal) return refusal;
    byPartition.set(partitionIndex, brokerIds);
  }
  const replicas: (readonly BrokerId[])[] = [];
  for (let i = 0; i < byPartition.size; i++) {
    const ids = byPartition.get(i);
    if (!ids)
      return {
        error: 'INVALID_REPLICA_ASSIGNMENT',
        message: 'partitions should be a consecutive 0-based integer sequence',
      };
    replicas.push(ids);
  }
  return { replicas };
}

/** Where the replicas of a new partition may lie: one of them must be able to lead it now. */
export function checkManualReplicas(
  image: ClusterImage,
  partition: number,
  ids: readonly BrokerId[],
  replicationFactor: number | undefined,
): Refusal | null {
  const refusal = checkReplicas(image, ids, replicationFactor);
  if (refusal) return refusal;
  if (ids.some((id) => isActive(image.brokers.byId(id)))) return null;
  return {
    error: 'INVALID_REPLICA_ASSIGNMENT',
    message: `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in controlled shutdown.`,
  };
}

/** Where replicas may lie; a reassignment may name brokers that are down, and waits for them. */
export function checkReplicas(
  image: ClusterImage,
  ids: readonly BrokerId[],
  replicationFactor?: number,
): Refusal | null {
  const refused = (message: string): Refusal => ({ error: 'INVALID_REPLICA_ASSIGNMENT', message });
  if (ids.length === 0) return refused('The manual partition assignment includes an empty replica list.');
  for (const [i, id] of ids.entries()) {
    if (!image.brokers.byId(id))
      return refused(
        `The manual partition assignment includes broker ${id}, but no such broker is registered.`,
      );
    if (ids.indexOf(id) !== i)
      return refused(`The manual partition assignment includes the broker ${id} more than once.`);
  }
  if (replicationFactor !== undefined && ids.length !== replicationFactor)
    return refused(
      `The manual partition assignment includes a partition with ${ids.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    );
  return null;
}

/** As the brokers' racks and what they have ask for. */
export function place(
  image: ClusterImage,
  wanted: { readonly partitions: number; readonly replicationFactor: number },
  random: Random,
): ReplicaAssignment | Refusal {
  const refused = (why: string): Refusal => ({
    error: 'INVALID_REPLICATION_FACTOR',
    message: `Unable to replicate the partition ${wanted.replicationFactor} time(s): ${why}`,
  });
  const placed = placeReplicas(image.brokers.all(), wanted, random);
  if ('error' in placed) return refused(placed.message);
  if (!placed.replicas.every((ids) => ids.some((id) => isActive(image.brokers.byId(id)))))
    return refused('All brokers are currently fenced or in controlled shutdown.');
  return placed;
}

/** Led by the first replica that is alive; those that are not join the ISR when they have caught up. */
export function newPartition(
  image: ClusterImage,
  topicId: Uuid,
  partitionId: number,
  replicas: readonly BrokerId[],
): EncodableMetadataRecord {
  const isr = replicas.filter((id) => isActive(image.brokers.byId(id)));
  return partitionRecord(topicId, partitionId, {
    replicas,
    isr,
    directories: replicas.map((id) => defaultDirectory(image, id)),
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: isr[0] ?? -1,
    leaderRecoveryState: RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
  });
}

/** A broker of one folder has no choice, so it is known where the replica will lie (KIP-858). */
export function defaultDirectory(image: ClusterImage, id: BrokerId): Uuid {
  const logDirs = image.brokers.byId(id)?.logDirs ?? [];
  return logDirs.length === 1 ? (logDirs[0] ?? UNASSIGNED_DIRECTORY) : UNASSIGNED_DIRECTORY;
}
