import { ZERO_UUID } from '../../base/brand.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import type { Offsets } from './offsets.ts';

export type FetchedGroup = NonNullable<OffsetFetchResponse['groups']>[number];
type FetchedTopic = FetchedGroup['topics'][number];
type FetchedPartition = NonNullable<FetchedTopic['partitions']>[number];
export type FetchGroup = OffsetFetchRequest['groups'][number];

/**
 * The offsets a group has committed, for the partitions asked for or (topics null) for all it has. A group or
 * partition without one is no error: its offset is -1.
 */
export function fetchOffsets(
  offsets: Offsets,
  { groupId, topics }: Pick<FetchGroup, 'groupId' | 'topics'>,
  requireStable: boolean,
): FetchedGroup {
  const partitionOf = (topic: string, partition: number): FetchedPartition => {
    // KIP-447: a transaction under way may move this offset; whoever needs the final one asks again.
    if (requireStable && offsets.isPending(groupId, topic, partition)) {
      return noOffset(partition, 'UNSTABLE_OFFSET_COMMIT');
    }
    const committed = offsets.committed(groupId, topic, partition);
    if (!committed) return noOffset(partition, 'NONE');
    return {
      partitionIndex: partition,
      committedOffset: committed.offset,
      committedLeaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      errorCode: 0,
    };
  };
  const asked = topics ?? allTopics(offsets, groupId);
  return {
    groupId,
    topics: asked.map(({ name, topicId, partitionIndexes }) => ({
      name,
      topicId,
      partitions: partitionIndexes.map((partition) => partitionOf(name, partition)),
    })),
    errorCode: 0,
  };
}

export function fetchError(groupId: string, error: ErrorName): FetchedGroup {
  return { groupId, topics: [], errorCode: errorCode(error) };
}

export function noOffset(partition: number, error: ErrorName): FetchedPartition {
  return {
    partitionIndex: partition,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: errorCode(error),
  };
}

function allTopics(offsets: Offsets, groupId: string): NonNullable<FetchGroup['topics']> {
  return [...offsets.committedByTopic(groupId)].map(([name, partitions]) => ({
    name,
    topicId: ZERO_UUID,
    partitionIndexes: [...partitions.keys()],
  }));
}
