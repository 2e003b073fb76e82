import type { ErrorName } from '../../protocol/errors.ts';
import type { EpochMember } from './epoch-member.ts';
import type { CommitRequest, Committer, OffsetReader } from './group.ts';

/** How one kind of groups looks at its members. */
interface MemberView<Member> {
  readonly members: ReadonlyMap<string, Member>;
  /** Whether the member speaks the classic protocol, and so of generations. */
  isClassic(member: Member): boolean;
}

type CommittedTopic = CommitRequest['topics'][number];

/**
 * Why a group takes no commit from this caller now; null when it does. A member that has not heard of its
 * newest epoch may still commit for partitions that were its own already in the epoch it knows (KIP-1251):
 * `heldSince` gives the epoch in which it got a partition, undefined when it has not got it.
 */
export function refusesEpochCommit<Member extends EpochMember>(
  { members, isClassic }: MemberView<Member>,
  { memberId, groupInstanceId, generation }: Committer,
  { transactional, knowsEpochs, topics }: CommitRequest,
  heldSince: (member: Member, topic: CommittedTopic, partition: number) => number | undefined,
): ErrorName | null {
  if (generation < 0 && members.size === 0) return null;
  const isAnonymous = generation === -1 && memberId === '' && groupInstanceId === null;
  if (transactional && isAnonymous) return null;
  const member = members.get(memberId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (!transactional && !knowsEpochs && !isClassic(member)) return 'UNSUPPORTED_VERSION';
  if (generation === member.memberEpoch) return null;
  const stale = isClassic(member) ? 'ILLEGAL_GENERATION' : 'STALE_MEMBER_EPOCH';
  if (generation > member.memberEpoch) return stale;
  const mayAll = topics.every((topic) =>
    topic.partitions.every(({ partitionIndex }) => {
      const since = heldSince(member, topic, partitionIndex);
      return since !== undefined && since <= generation;
    }),
  );
  return mayAll ? null : stale;
}

/** Why a group tells this caller no offsets; null when it does. */
export function refusesEpochFetch<Member extends EpochMember>(
  { members, isClassic }: MemberView<Member>,
  { memberId, memberEpoch }: OffsetReader,
): ErrorName | null {
  if (memberId === null && memberEpoch < 0) return null;
  const member = members.get(memberId ?? '');
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (memberEpoch === member.memberEpoch) return null;
  return isClassic(member) ? 'ILLEGAL_GENERATION' : 'STALE_MEMBER_EPOCH';
}
