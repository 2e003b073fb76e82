import * as memberTimers from '../member-timers.ts';
import type { ConsumerContext } from './context.ts';
import type { ConsumerMember } from './member.ts';

/** The member showed that it lives. */
export function renewSession(context: ConsumerContext, groupId: string, member: ConsumerMember): void {
  const { memberId, classicMetadata } = member;
  const timeoutMs = classicMetadata?.sessionTimeoutMs ?? context.config.consumer.of(groupId).sessionTimeoutMs;
  memberTimers.renewSession(context, groupId, { memberId, timeoutMs });
}

/**
 * A member that is asked to give partitions back has its rebalance timeout for it; one of the classic
 * protocol has it for joining again.
 */
export function limitRevocation(context: ConsumerContext, groupId: string, member: ConsumerMember): void {
  const isAsked = member.state === 'UNREVOKED_PARTITIONS' && member.classicMetadata === null;
  memberTimers.limitRevocation(context, groupId, member, isAsked);
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
  const name = classicTimer[what](groupId, memberId);
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
  context.timer.cancel(classicTimer[what](groupId, memberId));
}

/** The member is gone. */
export function cancelTimers(context: ConsumerContext, groupId: string, memberId: string): void {
  memberTimers.cancelTimers(context, groupId, memberId);
  for (const name of Object.values(classicTimer)) context.timer.cancel(name(groupId, memberId));
}

/** Ids may hold any character but not a NUL. */
const classicTimer = {
  join: (groupId: string, memberId: string) => `classic join\0${groupId}\0${memberId}`,
  sync: (groupId: string, memberId: string) => `classic sync\0${groupId}\0${memberId}`,
};
