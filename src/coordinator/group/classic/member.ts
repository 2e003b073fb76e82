import type { JoinGroupResponse } from '../../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../../protocol/messages/14-sync-group.ts';
import type { Waiter } from '../../waiter.ts';

/**
 * A way to assign that a member offers, with what it wants to tell the leader then (for consumers: its
 * topics).
 */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface ClassicMember {
  readonly memberId: string;
  /** Set for a static member (KIP-345): who it is across restarts. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  /** In the order the member prefers them. */
  protocols: readonly MemberProtocol[];
  assignment: Buffer;
  /** It has not been told a generation yet, so it cannot send heartbeats. */
  isNew: boolean;
  joinWaiter: Waiter<JoinGroupResponse> | null;
  syncWaiter: Waiter<SyncGroupResponse> | null;
}

export const NO_ASSIGNMENT = Buffer.alloc(0);

/** What the member says under a protocol; empty when it does not offer it. */
export function metadataFor(member: ClassicMember, protocol: string | null): Buffer {
  return member.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_ASSIGNMENT;
}

/** Whether the member offers exactly these again, in this order. */
export function offersSame(member: ClassicMember, protocols: readonly MemberProtocol[]): boolean {
  if (protocols.length !== member.protocols.length) return false;
  return protocols.every(({ name, metadata }, i) => {
    const known = member.protocols[i];
    return known !== undefined && known.name === name && known.metadata.equals(metadata);
  });
}
