import { errorCode } from '../../protocol/errors.ts';
import { heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/**
 * Heartbeat v0-4: keeps a member's session; REBALANCE_IN_PROGRESS tells it to join again. While the group is
 * loaded the answer is good: sessions begin anew afterwards. A member of a consumer group is asked to join
 * again where there is a step that it can take (KIP-848). From v3 static members (KIP-345).
 */
export const heartbeatHandler = handle(
  heartbeat,
  { versions: [0, 4], operations: ['GROUP:READ'] },
  (context: BrokerContext, request, info) =>
    info.authorize('READ', 'GROUP', request.groupId)
      ? context.groups.heartbeat(request)
      : { errorCode: errorCode('GROUP_AUTHORIZATION_FAILED') },
);
