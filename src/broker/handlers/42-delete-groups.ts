import { errorCode } from '../../protocol/errors.ts';
import { deleteGroups } from '../../protocol/messages/42-delete-groups.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** DeleteGroups v0-2: empty groups and what they have committed; a group with members is NON_EMPTY_GROUP. */
export const deleteGroupsHandler = handle(
  deleteGroups,
  { versions: [0, 2], operations: ['GROUP:DELETE'] },
  async (context: BrokerContext, request, info) => {
    const allowed: string[] = [];
    const refused: string[] = [];
    for (const group of new Set(request.groupsNames)) {
      (info.authorize('DELETE', 'GROUP', group) ? allowed : refused).push(group);
    }
    return {
      throttleTimeMs: 0,
      results: [
        ...(await context.groups.deleteGroups(allowed)),
        ...refused.map((groupId) => ({ groupId, errorCode: errorCode('GROUP_AUTHORIZATION_FAILED') })),
      ],
    };
  },
);
