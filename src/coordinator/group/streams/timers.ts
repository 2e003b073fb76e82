import * as memberTimers from '../member-timers.ts';
import type { StreamsContext } from './context.ts';
import type { StreamsMember } from './member.ts';

/** The member showed that it lives. */
export function renewSession(context: StreamsContext, groupId: string, memberId: string): void {
  const { sessionTimeoutMs } = context.config.streams.of(groupId);
  memberTimers.renewSession(context, groupId, { memberId, timeoutMs: sessionTimeoutMs });
}

/** A member that is asked to give tasks back has its rebalance timeout for it. */
export function limitRevocation(context: StreamsContext, groupId: string, member: StreamsMember): void {
  memberTimers.limitRevocation(context, groupId, member, member.state === 'UNREVOKED_TASKS');
}
