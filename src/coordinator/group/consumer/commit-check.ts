import type { ErrorName } from '../../../protocol/errors.ts';
import { refusesEpochCommit, refusesEpochFetch } from '../epoch-commit.ts';
import type { CommitRequest, Committer, OffsetReader } from '../group.ts';
import type { ConsumerMember } from './member.ts';

type Members = ReadonlyMap<string, ConsumerMember>;

/** Why a consumer group with these members takes no commit from this caller now; null when it does. */
export function refusesConsumerCommit(
  members: Members,
  committer: Committer,
  commit: CommitRequest,
): ErrorName | null {
  return refusesEpochCommit({ members, isClassic }, committer, commit, (member, { topicId }, partition) => {
    const { assigned, pendingRevocation } = member;
    return assigned.get(topicId)?.get(partition) ?? pendingRevocation.get(topicId)?.get(partition);
  });
}

/** Why a consumer group with these members tells this caller no offsets; null when it does. */
export function refusesConsumerFetch(members: Members, reader: OffsetReader): ErrorName | null {
  return refusesEpochFetch({ members, isClassic }, reader);
}

function isClassic({ classicMetadata }: ConsumerMember): boolean {
  return classicMetadata !== null;
}
