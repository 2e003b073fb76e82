import type { ErrorName } from '../../../protocol/errors.ts';
import type { CommitRequest, Committer } from '../group.ts';
import type { ClassicGroupState } from './group-state.ts';

/** A classic group as far as commits depend on it. */
interface CommittedGroup {
  readonly state: ClassicGroupState;
  readonly generation: number;
  /** Why it takes no request of this member; null when it does. */
  refuses(memberId: string, groupInstanceId: string | null): ErrorName | null;
}

/** Why a classic group takes no commit from this caller now; null when it does. */
export function refusesClassicCommit(
  group: CommittedGroup,
  { memberId, groupInstanceId, generation }: Committer,
  { transactional }: CommitRequest,
): ErrorName | null {
  if (generation < 0 && group.state === 'Empty') return null;
  if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
    const refusal = group.refuses(memberId, groupInstanceId);
    if (refusal) return refusal;
    if (generation !== group.generation) return 'ILLEGAL_GENERATION';
  } else if (!transactional && group.state !== 'Empty') {
    return 'UNKNOWN_MEMBER_ID';
  }
  // The member is right, only too early: the generation's assignment is not made yet. It will commit again.
  if (!transactional && group.state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS';
  return null;
}
