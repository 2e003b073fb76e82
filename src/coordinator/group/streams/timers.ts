import type { StreamsContext } from './context.ts';
import type { StreamsMember } from './member.ts';

/** The member showed that it lives. */
export function renewSession(context: StreamsContext, groupId: string, memberId: string): void {
  const { sessionTimeoutMs } = context.config.streams.of(groupId);
  context.timer.schedule(timerName.session(groupId, memberId), sessionTimeoutMs, () =>
    context.sessionEnded(groupId, memberId),
  );
}

/** A member that is asked to give tasks back has its rebalance timeout for it. */
export function limitRevocation(context: StreamsContext, groupId: string, member: StreamsMember): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const name = timerName.revocation(groupId, memberId);
  if (member.state !== 'UNREVOKED_TASKS') {
    context.timer.cancel(name);
    return;
  }
  context.timer.schedule(name, Math.max(0, rebalanceTimeoutMs), () =>
    context.revocationEnded(groupId, memberId, memberEpoch),
  );
}

export function cancelTimers(context: StreamsContext, groupId: string, memberId: string): void {
  context.timer.cancel(timerName.session(groupId, memberId));
  context.timer.cancel(timerName.revocation(groupId, memberId));
}

/** The first targets of a group wait until more members have joined; the time runs from the first of them. */
export function delayFirstAssignment(context: StreamsContext, groupId: string): void {
  const { initialRebalanceDelayMs } = context.config.streams.of(groupId);
  if (initialRebalanceDelayMs === 0 || isFirstAssignmentDelayed(context, groupId)) return;
  context.timer.schedule(initialDelay(groupId), initialRebalanceDelayMs, () =>
    context.initialDelayEnded(groupId),
  );
}

export function isFirstAssignmentDelayed(context: StreamsContext, groupId: string): boolean {
  return context.timer.has(initialDelay(groupId));
}

/** The group is gone. */
export function cancelInitialDelay(context: StreamsContext, groupId: string): void {
  context.timer.cancel(initialDelay(groupId));
}

/** Ids may hold any character but not a NUL. */
const timerName = {
  session: (groupId: string, memberId: string) => `streams session\0${groupId}\0${memberId}`,
  revocation: (groupId: string, memberId: string) => `tasks' revocation\0${groupId}\0${memberId}`,
};

function initialDelay(groupId: string): string {
  return `streams initial delay\0${groupId}`;
}
