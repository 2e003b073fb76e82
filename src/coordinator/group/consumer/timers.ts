import type { ConsumerContext } from './context.ts';
import type { ConsumerMember } from './member.ts';

/** The member showed that it lives. */
export function renewSession(context: ConsumerContext, groupId: string, memberId: string): void {
  const { sessionTimeoutMs } = context.config.consumer.of(groupId);
  context.timer.schedule(sessionName(groupId, memberId), sessionTimeoutMs, () =>
    context.sessionEnded(groupId, memberId),
  );
}

/** A member that is asked to give partitions back has its rebalance timeout for it. */
export function limitRevocation(context: ConsumerContext, groupId: string, member: ConsumerMember): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const name = revocationName(groupId, memberId);
  if (member.state !== 'UNREVOKED_PARTITIONS') {
    context.timer.cancel(name);
    return;
  }
  context.timer.schedule(name, Math.max(0, rebalanceTimeoutMs), () =>
    context.revocationEnded(groupId, memberId, memberEpoch),
  );
}

export function cancelTimers(context: ConsumerContext, groupId: string, memberId: string): void {
  context.timer.cancel(sessionName(groupId, memberId));
  context.timer.cancel(revocationName(groupId, memberId));
}

/** Ids may hold any character but not a NUL. */
function sessionName(groupId: string, memberId: string): string {
  return `consumer session\0${groupId}\0${memberId}`;
}

function revocationName(groupId: string, memberId: string): string {
  return `revocation\0${groupId}\0${memberId}`;
}
