import { byTopic, type TopicPartition } from '../base/topic-partition.ts';

/**
 * The group that offsets are committed for, as `Consumer.group` gives it: with its member, another generation
 * is fenced.
 */
export interface GroupPosition {
  readonly groupId: string;
  readonly generation?: number;
  readonly memberId?: string;
  readonly instanceId?: string | null;
}

export interface CommittedOffset extends TopicPartition {
  /** Of the next record to read. */
  readonly offset: number;
  readonly leaderEpoch?: number;
  readonly metadata?: string;
}

/** What OffsetCommit and TxnOffsetCommit say alike of the group and of its offsets. */
export function commitFields(group: GroupPosition, offsets: readonly CommittedOffset[]) {
  return {
    groupId: group.groupId,
    generationIdOrMemberEpoch: group.generation ?? -1,
    memberId: group.memberId ?? '',
    groupInstanceId: group.instanceId ?? null,
    topics: [...byTopic(offsets)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch ?? -1,
        committedMetadata: metadata ?? null,
      })),
    })),
  };
}
