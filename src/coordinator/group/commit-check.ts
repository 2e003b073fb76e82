import type { ErrorName } from '../../protocol/errors.ts';
import type { ClassicGroup } from './classic/classic-group.ts';

/** Whom an offset commit says it comes from. */
export interface Committer {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** -1: not a member, but an administrator or a consumer that assigns itself. */
  readonly generation: number;
}

/** Why the group takes no commit from this caller now; null when it does. */
export function refusesCommit(
  group: ClassicGroup | undefined,
  committer: Committer,
  options: { readonly transactional: boolean; readonly unknownGroup: ErrorName },
): ErrorName | null {
  const { memberId, groupInstanceId, generation } = committer;
  if (!group) return generation < 0 ? null : options.unknownGroup;
  if (generation < 0 && group.state === 'Empty') return null;
  if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
    const refusal = group.refuses(memberId, groupInstanceId);
    if (refusal) return refusal;
    if (generation !== group.generation) return 'ILLEGAL_GENERATION';
  } else if (!options.transactional && group.state !== 'Empty') {
    return 'UNKNOWN_MEMBER_ID';
  }
  // The member is right, only too early: the generation's assignment is not made yet. It will commit again.
  if (!options.transactional && group.state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS';
  return null;
}
