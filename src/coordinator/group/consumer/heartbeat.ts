import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { Draft } from '../../decision.ts';
import type { MemberContext } from '../client-context.ts';
import type { GroupRecord } from '../records.ts';
import { heartbeatError } from './answers.ts';
import { samePartitions, topicPartitionsOf } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { memberOf } from './heartbeat-member.ts';
import type { ConsumerMember } from './member.ts';
import { takeStep } from './next-step.ts';

/** One heartbeat of a member: it joins or tells what is new, and takes the next step to its target. */
export function heartbeat(
  context: ConsumerContext,
  group: ConsumerGroup,
  how: { readonly client: MemberContext; readonly request: ConsumerGroupHeartbeatRequest },
  draft: Draft<GroupRecord>,
): ConsumerGroupHeartbeatResponse {
  const { request } = how;
  const { groupId } = group;
  const entry = memberOf(context, group, request, draft);
  if ('error' in entry) return heartbeatError(entry.error, entry.message);
  const next = takeStep(
    context,
    group,
    {
      ...entry,
      updated: subscribe(entry.member, how),
      owned: request.topicPartitions,
      mayDescribe: how.client.mayDescribe,
    },
    draft,
  );
  if (next === 'FENCED')
    return heartbeatError(
      'FENCED_MEMBER_EPOCH',
      'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.',
    );
  const tellsAll =
    request.rebalanceTimeoutMs !== -1 &&
    (request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null) &&
    request.topicPartitions !== null;
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    errorMessage: null,
    memberId: next.memberId,
    memberEpoch: next.memberEpoch,
    heartbeatIntervalMs: context.config.consumer.of(groupId).heartbeatIntervalMs,
    assignment:
      tellsAll || !samePartitions(entry.member.assigned, next.assigned)
        ? { topicPartitions: topicPartitionsOf(next.assigned) }
        : null,
  };
}

/** The member with what the request says that is not null, which is what changed. */
function subscribe(
  member: ConsumerMember,
  { client, request }: { readonly client: MemberContext; readonly request: ConsumerGroupHeartbeatRequest },
): ConsumerMember {
  const { subscribedTopicNames: names, rebalanceTimeoutMs } = request;
  return {
    ...member,
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
    subscribedTopicNames: names ? [...new Set(names)].sort() : member.subscribedTopicNames,
    subscribedTopicRegex: request.subscribedTopicRegex ?? member.subscribedTopicRegex,
    clientId: client.clientId ?? '',
    // As Java spells an address.
    clientHost: `/${client.clientHost}`,
    classicMetadata: null,
  };
}
