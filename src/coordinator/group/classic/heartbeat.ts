import type { ErrorName } from '../../../protocol/errors.ts';
import type { HeartbeatRequest } from '../../../protocol/messages/12-heartbeat.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicContext } from './context.ts';
import { renewSession } from './sessions.ts';

/**
 * Keeps the member's session. Answers null when all is well, REBALANCE_IN_PROGRESS to ask it to join again.
 */
export function heartbeat(
  context: ClassicContext,
  group: ClassicGroup,
  request: HeartbeatRequest,
): ErrorName | null {
  const refusal = group.refuses(request.memberId, request.groupInstanceId);
  if (refusal) return refusal;
  if (request.generationId !== group.generation) return 'ILLEGAL_GENERATION';
  const member = group.members.get(request.memberId);
  if (!member || group.state === 'Empty') return 'UNKNOWN_MEMBER_ID';
  renewSession(context, group, member);
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
}
