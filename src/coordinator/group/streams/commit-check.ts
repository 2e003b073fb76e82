import type { ErrorName } from '../../../protocol/errors.ts';
import type { CommitRequest, Committer, OffsetReader } from '../group.ts';
import type { StreamsMember } from './member.ts';
import type { StreamsGroup } from './streams-group.ts';

/**
 * Why a streams group takes no commit from this caller now; null when it does. A member that has not heard of
 * its newest epoch may still commit for tasks that were its own already in the epoch it knows.
 */
export function refusesStreamsCommit(
  group: StreamsGroup,
  { memberId, groupInstanceId, generation }: Committer,
  { transactional, knowsEpochs, topics }: CommitRequest,
): ErrorName | null {
  if (generation < 0 && group.members.size === 0) return null;
  const isAnonymous = generation === -1 && memberId === '' && groupInstanceId === null;
  if (transactional && isAnonymous) return null;
  const member = group.members.get(memberId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (!transactional && !knowsEpochs) return 'UNSUPPORTED_VERSION';
  if (generation === member.memberEpoch) return null;
  if (generation > member.memberEpoch) return 'STALE_MEMBER_EPOCH';
  const mayAll = topics.every(({ name, partitions }) =>
    partitions.every(({ partitionIndex }) => {
      const since = heldSince(group, member, name, partitionIndex);
      return since !== undefined && since <= generation;
    }),
  );
  return mayAll ? null : 'STALE_MEMBER_EPOCH';
}

/** Why a streams group tells this caller no offsets; null when it does. */
export function refusesStreamsFetch(
  group: StreamsGroup,
  { memberId, memberEpoch }: OffsetReader,
): ErrorName | null {
  if (memberId === null && memberEpoch < 0) return null;
  const member = group.members.get(memberId ?? '');
  if (!member) return 'UNKNOWN_MEMBER_ID';
  return memberEpoch === member.memberEpoch ? null : 'STALE_MEMBER_EPOCH';
}

/**
 * The epoch in which the member got the task that reads this partition; undefined when it works on no such
 * task.
 */
function heldSince(
  { topology }: StreamsGroup,
  { assigned, pendingRevocation }: StreamsMember,
  topic: string,
  partition: number,
): number | undefined {
  const subtopologyId = topology?.readers.get(topic)?.subtopologyId;
  if (subtopologyId === undefined) return undefined;
  return (
    assigned.active.get(subtopologyId)?.get(partition) ??
    pendingRevocation.active.get(subtopologyId)?.get(partition)
  );
}
