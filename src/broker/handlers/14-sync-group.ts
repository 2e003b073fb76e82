import { syncError } from '../../coordinator/group/classic/answers.ts';
import { syncGroup } from '../../protocol/messages/14-sync-group.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

const PROTOCOL_SINCE = 5;

/**
 * SyncGroup v0-5: a member asks for its assignment, the leader brings everyone's. The answer waits for the
 * leader, but not in a consumer group, where the coordinator assigns (KIP-848). From v3 static members
 * (KIP-345). From v5 protocol type and name are mandatory and must be the group's (KIP-559).
 */
export const syncGroupHandler = handle(
  syncGroup,
  { versions: [0, 5], operations: ['GROUP:READ'] },
  (context: BrokerContext, request, info) => {
    const { groupId, protocolType, protocolName } = request;
    if (info.apiVersion >= PROTOCOL_SINCE && (protocolType === null || protocolName === null)) {
      return syncError('INCONSISTENT_GROUP_PROTOCOL');
    }
    if (!info.authorize('READ', 'GROUP', groupId)) return syncError('GROUP_AUTHORIZATION_FAILED');
    return context.groups.syncGroup(request);
  },
);
