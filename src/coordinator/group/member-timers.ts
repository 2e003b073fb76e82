import type { CoordinatorTimer } from '../coordinator-timer.ts';
import type { CoordinatorDecision } from '../decision.ts';
import type { OwningMember } from './epoch-member.ts';
import type { GroupRecord } from './records.ts';

/** What a kind of group needs for the sessions of its members. */
export interface SessionContext {
  readonly timer: CoordinatorTimer<GroupRecord>;
  /** What happens when nothing was heard of a member for its session timeout. */
  sessionEnded(groupId: string, memberId: string): CoordinatorDecision<GroupRecord, void>;
}

/** The same, and for members that have what they were assigned alone. */
export interface RevocationContext extends SessionContext {
  /** What happens when a member was too long in this epoch without giving back what it was asked for. */
  revocationEnded(
    groupId: string,
    memberId: string,
    memberEpoch: number,
  ): CoordinatorDecision<GroupRecord, void>;
}

/** The member showed that it lives: its session lasts so long from now. */
export function renewSession(
  context: SessionContext,
  groupId: string,
  { memberId, timeoutMs }: { readonly memberId: string; readonly timeoutMs: number },
): void {
  context.timer.schedule(timerName.session(groupId, memberId), timeoutMs, () =>
    context.sessionEnded(groupId, memberId),
  );
}

/**
 * A member that is asked to give partitions or tasks back (`isAsked`) has its rebalance timeout for it, from
 * now.
 */
export function limitRevocation(
  context: RevocationContext,
  groupId: string,
  { memberId, memberEpoch, rebalanceTimeoutMs }: OwningMember,
  isAsked: boolean,
): void {
  const name = timerName.revocation(groupId, memberId);
  if (!isAsked) context.timer.cancel(name);
  else
    context.timer.schedule(name, Math.max(0, rebalanceTimeoutMs), () =>
      context.revocationEnded(groupId, memberId, memberEpoch),
    );
}

/** The member is gone. */
export function cancelTimers({ timer }: SessionContext, groupId: string, memberId: string): void {
  for (const name of Object.values(timerName)) timer.cancel(name(groupId, memberId));
}

/** Ids may hold any character but not a NUL. Members of classic groups have other timers. */
const timerName = {
  session: (groupId: string, memberId: string) => `member session\0${groupId}\0${memberId}`,
  revocation: (groupId: string, memberId: string) => `revocation\0${groupId}\0${memberId}`,
};
