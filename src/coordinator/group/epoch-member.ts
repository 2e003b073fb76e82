/** `memberEpoch` of a member that joins, leaves, or (as a static member) leaves for a while. */
export const JOINING = 0;
export const LEAVING = -1;
export const LEAVING_FOR_A_WHILE = -2;

/** A member of a group in which the coordinator assigns: a consumer, streams or share group. */
export interface EpochMember {
  readonly memberId: string;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
}

/** A member that has what it was assigned alone, and gives it back before others get it. */
export interface OwningMember extends EpochMember {
  /** Set for a static member: who it is across restarts. */
  readonly instanceId: string | null;
  readonly rebalanceTimeoutMs: number;
  /** How far it is on its way to its target; `STABLE`: there. */
  readonly state: string;
}

/** Whether it has all of its target of this epoch, and nothing else. */
export function isReconciled({ state, memberEpoch }: OwningMember, assignmentEpoch: number): boolean {
  return state === 'STABLE' && memberEpoch === assignmentEpoch;
}

/** Whether both say the same of the client that the member is. */
export function sameClient(one: EpochMember, other: EpochMember): boolean {
  return (
    one.rackId === other.rackId && one.clientId === other.clientId && one.clientHost === other.clientHost
  );
}

/** The same of a client that may be a static member, and of how long it has for giving back. */
export function sameOwner(one: OwningMember, other: OwningMember): boolean {
  return (
    sameClient(one, other) &&
    one.instanceId === other.instanceId &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs
  );
}

/** Whether both stand at the same place on the way to their targets, whatever they have. */
export function sameProgress(one: OwningMember, other: OwningMember): boolean {
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state
  );
}
