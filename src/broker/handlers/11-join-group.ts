import { joinError } from '../../coordinator/group/classic/answers.ts';
import { type JoinGroupResponse, joinGroup } from '../../protocol/messages/11-join-group.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** Before this version the protocol's name cannot be null (KIP-559). */
const NULLABLE_PROTOCOL_SINCE = 7;

/**
 * JoinGroup v0-9: becomes or stays a member of a classic group. The answer waits until every member has
 * joined, or the rebalance timeout ends. A member of the classic protocol may also join a consumer group
 * (KIP-848's online upgrade): that answer does not wait for the others.
 *
 * v0 has no rebalance timeout (the session timeout stands for both). From v4 a new dynamic member is first
 * given its id with MEMBER_ID_REQUIRED (KIP-394). From v5 static members (KIP-345). From v9 a static leader
 * that returns is told to skip the assignment (KIP-814).
 */
export const joinGroupHandler = handle(
  joinGroup,
  { versions: [0, 9], operations: ['GROUP:READ'] },
  async (context: BrokerContext, request, info): Promise<JoinGroupResponse> => {
    const answer = info.authorize('READ', 'GROUP', request.groupId)
      ? await context.groups.joinGroup(info, request)
      : joinError('', 'GROUP_AUTHORIZATION_FAILED');
    if (info.apiVersion >= NULLABLE_PROTOCOL_SINCE) return answer;
    return { ...answer, protocolName: answer.protocolName ?? '' };
  },
);
