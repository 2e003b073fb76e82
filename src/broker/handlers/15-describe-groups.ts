import { undescribed } from '../../coordinator/group/describe.ts';
import { describeGroups } from '../../protocol/messages/15-describe-groups.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { authorizedOperations, everyRight } from '../metadata-view/authorized-operations.ts';

/**
 * DescribeGroups v0-6: classic groups with their members; what members said about themselves is there while
 * the group is Stable. From v3 with the operations the caller may do, if it asks. A group that does not exist
 * is Dead, from v6 with GROUP_ID_NOT_FOUND (KIP-1043).
 */
export const describeGroupsHandler = handle(
  describeGroups,
  { versions: [0, 6], operations: everyRight('GROUP') },
  async (context: BrokerContext, request, info) => {
    const allowed: string[] = [];
    const refused: string[] = [];
    for (const group of new Set(request.groups)) {
      (info.authorize('DESCRIBE', 'GROUP', group) ? allowed : refused).push(group);
    }
    const described = await context.groups.descriptions.classic(info, allowed);
    return {
      groups: [
        ...refused.map((group) => undescribed(group, 'GROUP_AUTHORIZATION_FAILED')),
        ...described.map((group) =>
          request.includeAuthorizedOperations && group.errorCode === 0
            ? { ...group, authorizedOperations: authorizedOperations(info.allows, 'GROUP', group.groupId) }
            : group,
        ),
      ],
    };
  },
);
