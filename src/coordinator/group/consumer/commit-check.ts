import type { ErrorName } from '../../../protocol/errors.ts';
import type { CommitRequest, Committer, OffsetReader } from '../group.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './member.ts';

/**
 * Why a consumer group takes no commit from this caller now; null when it does. A member that has not heard
 * of its newest epoch may still commit for partitions that were its own already in the epoch it knows
 * (KIP-1251).
 */
export function refusesConsumerCommit(
  group: ConsumerGroup,
  { memberId, groupInstanceId, generation }: Committer,
  { transactional, knowsEpochs, topics }: CommitRequest,
): ErrorName | null {
  if (generation < 0 && group.members.size === 0) return null;
  const isAnonymous = generation === -1 && memberId === '' && groupInstanceId === null;
  if (transactional && isAnonymous) return null;
  const member = group.members.get(memberId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (!transactional && !knowsEpochs && member.classicMetadata === null) return 'UNSUPPORTED_VERSION';
  if (generation === member.memberEpoch) return null;
  const stale = member.classicMetadata === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION';
  if (generation > member.memberEpoch) return stale;
  const mayAll = topics.every(({ topicId, partitions }) =>
    partitions.every(({ partitionIndex }) => {
      const since = heldSince(member, topicId, partitionIndex);
      return since !== undefined && since <= generation;
    }),
  );
  return mayAll ? null : stale;
}

/** Why a consumer group tells this caller no offsets; null when it does. */
export function refusesConsumerFetch(
  group: ConsumerGroup,
  { memberId, memberEpoch }: OffsetReader,
): ErrorName | null {
  if (memberId === null && memberEpoch < 0) return null;
  const member = group.members.get(memberId ?? '');
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (memberEpoch === member.memberEpoch) return null;
  return member.classicMetadata === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION';
}

function heldSince(member: ConsumerMember, topicId: string, partition: number): number | undefined {
  return (
    member.assigned.get(topicId)?.get(partition) ?? member.pendingRevocation.get(topicId)?.get(partition)
  );
}
