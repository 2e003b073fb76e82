import type { Assignment } from '../consumer/assignment.ts';
import { type EpochMember, sameClient } from '../epoch-member.ts';
import { sameNames } from '../topic-names.ts';

/** A member of a share group. It never changes: another one takes its place. */
export interface ShareMember extends EpochMember {
  /** Sorted, each once. */
  readonly subscribedTopicNames: readonly string[];
  /** Share groups know no expressions: always empty. */
  readonly subscribedTopicRegex: '';
  /** What it may read; others may, too. */
  readonly assigned: Assignment;
}

export function newShareMember(memberId: string): ShareMember {
  return {
    memberId,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    memberEpoch: 0,
    previousMemberEpoch: 0,
    assigned: new Map(),
  };
}

/** Whether a ShareGroupMemberMetadata record would say the same of both. */
export function sameMetadata(one: ShareMember, other: ShareMember): boolean {
  return sameClient(one, other) && sameNames(one, other);
}
