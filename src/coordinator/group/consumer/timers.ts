import type { ConsumerContext } from './context.ts';
import type { ConsumerMember } from './member.ts';

/** The member showed that it lives. */
export function renewSession(context: ConsumerContext, groupId: string, member: ConsumerMember): void {
  const { memberId, classicMetadata } = member;
  const timeoutMs = classicMetadata?.sessionTimeoutMs ?? context.config.consumer.of(groupId).sessionTimeoutMs;
  context.timer.schedule(timerName.session(groupId, memberId), timeoutMs, () =>
    context.sessionEnded(groupId, memberId),
  );
}

/**
 * A member that is asked to give partitions back has its rebalance timeout for it; one of the classic
 * protocol has it for joining again.
 */
export function limitRevocation(context: ConsumerContext, groupId: string, member: ConsumerMember): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const name = timerName.revocation(groupId, memberId);
  if (member.state !== 'UNREVOKED_PARTITIONS' || member.classicMetadata !== null) {
    context.timer.cancel(name);
    return;
  }
  context.timer.schedule(name, Math.max(0, rebalanceTimeoutMs), () =>
    context.revocationEnded(groupId, memberId, memberEpoch),
  );
}

/**
 * A member of the classic protocol is asked to join again, or to fetch its assignment, and has its rebalance
 * timeout for it.
 */
export function limitClassic(
  context: ConsumerContext,
  groupId: string,
  { memberId, rebalanceTimeoutMs }: ConsumerMember,
  what: 'join' | 'sync',
): void {
  const name = timerName[what](groupId, memberId);
  // The time runs from when it was asked first.
  if (what === 'join' && context.timer.has(name)) return;
  context.timer.schedule(name, Math.max(0, rebalanceTimeoutMs), () =>
    context.classicMemberIsLate(groupId, memberId, what),
  );
}

export function cancelClassic(
  context: ConsumerContext,
  groupId: string,
  memberId: string,
  what: 'join' | 'sync',
): void {
  context.timer.cancel(timerName[what](groupId, memberId));
}

export function cancelTimers(context: ConsumerContext, groupId: string, memberId: string): void {
  for (const name of Object.values(timerName)) context.timer.cancel(name(groupId, memberId));
}

/** Ids may hold any character but not a NUL. */
const timerName = {
  session: (groupId: string, memberId: string) => `consumer session\0${groupId}\0${memberId}`,
  revocation: (groupId: string, memberId: string) => `revocation\0${groupId}\0${memberId}`,
  join: (groupId: string, memberId: string) => `classic join\0${groupId}\0${memberId}`,
  sync: (groupId: string, memberId: string) => `classic sync\0${groupId}\0${memberId}`,
};
