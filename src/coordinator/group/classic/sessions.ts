import type { ClassicGroup } from './classic-group.ts';
import { type ClassicContext, timerName } from './context.ts';
import type { ClassicMember } from './member.ts';

/**
 * The member showed that it lives. `timeoutMs` is its session timeout, unless it cannot send heartbeats yet.
 */
export function renewSession(
  context: ClassicContext,
  group: ClassicGroup,
  member: ClassicMember,
  timeoutMs = member.sessionTimeoutMs,
): void {
  scheduleSessionEnd(context, group, member.memberId, timeoutMs);
}

/** Begins the session of an id that was handed out and has not joined yet. */
export function scheduleSessionEnd(
  context: ClassicContext,
  { groupId }: ClassicGroup,
  memberId: string,
  timeoutMs: number,
): void {
  context.timer.schedule(timerName.session(groupId, memberId), timeoutMs, () =>
    context.sessionEnded(groupId, memberId),
  );
}
