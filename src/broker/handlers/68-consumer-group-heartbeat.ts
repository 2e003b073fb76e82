import { heartbeatError } from '../../coordinator/group/consumer/answers.ts';
import { consumerGroupHeartbeat } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasConsumerProtocol } from '../coordinators/consumer-protocol.ts';
import { subscriptionProblem } from '../coordinators/subscribed-topics.ts';

/**
 * ConsumerGroupHeartbeat v0-1: a member of a consumer group joins, tells what is new, gets its partitions and
 * leaves (KIP-848). The caller must be allowed to read the group and to describe every topic that it names.
 * While group.version is 0, or `group.coordinator.rebalance.protocols` has no `consumer`, it is
 * UNSUPPORTED_VERSION.
 *
 * From v1 the member chooses its own id, and may subscribe by a regular expression in RE2's syntax: it gets
 * the topics that it may describe with its next heartbeat, and those that are made later within ten seconds
 * and a heartbeat.
 *
 * A classic group of consumers that such a member joins becomes a consumer group, in which its members go on
 * with JoinGroup, SyncGroup and Heartbeat (`coordinator/group/consumer/migration/`), where
 * `group.consumer.migration.policy` allows it.
 */
export const consumerGroupHeartbeatHandler = handle(
  consumerGroupHeartbeat,
  { versions: [0, 1], operations: ['GROUP:READ', 'TOPIC:DESCRIBE'] },
  async (context: BrokerContext, request, info) => {
    if (!hasConsumerProtocol(context)) return heartbeatError('UNSUPPORTED_VERSION', null);
    if (!info.authorize('READ', 'GROUP', request.groupId))
      return heartbeatError('GROUP_AUTHORIZATION_FAILED', null);
    const tooMany = subscriptionProblem(request.subscribedTopicNames);
    if (tooMany !== null) return heartbeatError('INVALID_REQUEST', tooMany);
    const topics = new Set(request.subscribedTopicNames);
    for (const topic of topics)
      if (!info.authorize('DESCRIBE', 'TOPIC', topic))
        return heartbeatError('TOPIC_AUTHORIZATION_FAILED', null);
    const { apiVersion, clientId, clientHost } = info;
    const mayDescribe = (topic: string): boolean => info.allows('DESCRIBE', 'TOPIC', topic);
    return context.groups.consumerHeartbeat({ apiVersion, clientId, clientHost, mayDescribe }, request);
  },
);
