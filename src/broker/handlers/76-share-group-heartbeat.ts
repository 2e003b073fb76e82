import { heartbeatError } from '../../coordinator/group/share/answers.ts';
import { shareGroupHeartbeat } from '../../protocol/messages/76-share-group-heartbeat.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { subscriptionProblem } from '../coordinators/subscribed-topics.ts';
import { hasShareGroups, isMemberId } from '../sharing/share-protocol.ts';

/**
 * ShareGroupHeartbeat v1: a member of a share group joins, subscribes, is told which partitions it reads, and
 * leaves (KIP-932). It is told of partitions as soon as the share coordinator keeps the group's state of
 * them, which is the heartbeat after the one that subscribes first.
 */
export const shareGroupHeartbeatHandler = handle(
  shareGroupHeartbeat,
  { versions: [1, 1], operations: ['GROUP:READ', 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info) => {
    if (!hasShareGroups(context)) return heartbeatError('UNSUPPORTED_VERSION', null);
    if (!info.authorize('READ', 'GROUP', request.groupId))
      return heartbeatError('GROUP_AUTHORIZATION_FAILED', null);
    if (!isMemberId(request.memberId))
      return heartbeatError('INVALID_REQUEST', 'Invalid member id in the request.');
    const tooMany = subscriptionProblem(request.subscribedTopicNames);
    if (tooMany !== null) return heartbeatError('INVALID_REQUEST', tooMany);
    for (const topic of new Set(request.subscribedTopicNames))
      if (!info.authorize('DESCRIBE', 'TOPIC', topic))
        return heartbeatError('TOPIC_AUTHORIZATION_FAILED', null);
    const { apiVersion, clientId, clientHost } = info;
    return context.groups.shareHeartbeat({ apiVersion, clientId, clientHost }, request);
  },
);
