import type { Assignment } from '../consumer/assignment.ts';

/** `memberEpoch` of a member that joins, or leaves. */
export const JOINING = 0;
export const LEAVING = -1;

/** A member of a share group. It never changes: another one takes its place. */
export interface ShareMember {
  readonly memberId: string;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Sorted, each once. */
  readonly subscribedTopicNames: readonly string[];
  /** Share groups know no expressions: always empty. */
  readonly subscribedTopicRegex: '';
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
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

export function sameSubscription(one: ShareMember, other: ShareMember): boolean {
  const names = one.subscribedTopicNames;
  return (
    names.length === other.subscribedTopicNames.length &&
    names.every((name, i) => name === other.subscribedTopicNames[i])
  );
}

/** Whether a ShareGroupMemberMetadata record would say the same of both. */
export function sameMetadata(one: ShareMember, other: ShareMember): boolean {
  return (
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    sameSubscription(one, other)
  );
}
