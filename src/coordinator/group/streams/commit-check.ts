import type { ErrorName } from '../../../protocol/errors.ts';
import { refusesEpochCommit, refusesEpochFetch } from '../epoch-commit.ts';
import type { CommitRequest, Committer, OffsetReader } from '../group.ts';
import type { StreamsMember } from './member.ts';
import type { Topology } from './topology/topology.ts';

type Members = ReadonlyMap<string, StreamsMember>;

/**
 * Why a streams group with these members takes no commit from this caller now; null when it does. A member
 * has the partitions that the tasks it works on read.
 */
export function refusesStreamsCommit(
  { members, topology }: { readonly members: Members; readonly topology: Topology | null },
  committer: Committer,
  commit: CommitRequest,
): ErrorName | null {
  return refusesEpochCommit({ members, isClassic }, committer, commit, (member, { name }, partition) => {
    const subtopologyId = topology?.readers.get(name)?.subtopologyId;
    if (subtopologyId === undefined) return undefined;
    const { assigned, pendingRevocation } = member;
    return (
      assigned.active.get(subtopologyId)?.get(partition) ??
      pendingRevocation.active.get(subtopologyId)?.get(partition)
    );
  });
}

/** Why a streams group with these members tells this caller no offsets; null when it does. */
export function refusesStreamsFetch(members: Members, reader: OffsetReader): ErrorName | null {
  return refusesEpochFetch({ members, isClassic }, reader);
}

/** The streams protocol has no classic members. */
function isClassic(): boolean {
  return false;
}
