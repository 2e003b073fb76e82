import { errorCode } from '../../protocol/errors.ts';
import { type LeaveGroupResponse, leaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** From this version one request takes out several members, each with its own answer (KIP-345). */
const MEMBERS_SINCE = 3;

/**
 * LeaveGroup v0-5. From v3 several members leave at once, static ones by their instance id; before, one, and
 * its error is that of the whole. v5 carries a reason, which is logged (KIP-800).
 */
export const leaveGroupHandler = handle(
  leaveGroup,
  { versions: [0, 5], operations: ['GROUP:READ'] },
  async (context: BrokerContext, request, info): Promise<LeaveGroupResponse> => {
    if (!info.authorize('READ', 'GROUP', request.groupId)) {
      return { errorCode: errorCode('GROUP_AUTHORIZATION_FAILED'), members: [] };
    }
    if (info.apiVersion >= MEMBERS_SINCE) return context.groups.leaveGroup(request.groupId, request.members);
    const one = { memberId: request.memberId, groupInstanceId: null, reason: null };
    const { errorCode: whole, members = [] } = await context.groups.leaveGroup(request.groupId, [one]);
    return { errorCode: whole !== 0 ? whole : (members[0]?.errorCode ?? 0) };
  },
);
