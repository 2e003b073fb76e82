import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { Draft } from '../../decision.ts';
import type { MemberContext } from '../client-context.ts';
import type { GroupRecord } from '../records.ts';
import { heartbeatError } from './answers.ts';
import { type Assignment, samePartitions, topicPartitionsOf } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { reconcile } from './current-assignment.ts';
import { refreshExpressions } from './expression-refresh.ts';
import { expressionTombstone, groupEpoch, partitionMetadataTombstone } from './group-records.ts';
import { memberOf } from './heartbeat-member.ts';
import { type ConsumerMember, sameAssignment, sameMetadata, sameNames, sameSubscription } from './member.ts';
import { memberAssignment, memberMetadata } from './member-records.ts';
import { metadataHash } from './metadata-hash.ts';
import { type MatchedTopics, subscribedTopicIds } from './subscriptions.ts';
import { assignTargets, membersWith } from './target-assignment.ts';
import { limitRevocation, renewSession } from './timers.ts';

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
  const { member, replaced } = entry;
  const subscribed = subscribe(member, how);
  if (!sameMetadata(member, subscribed)) draft.append(memberMetadata(groupId, subscribed));
  const subscriptionChanged = !sameSubscription(member, subscribed);
  const change: Change = {
    group,
    updated: subscribed,
    replaced,
    needsAssignment: subscriptionChanged && isResolved(group, member, subscribed),
  };
  if (
    changesExpression(member, subscribed) &&
    group.expressions.subscribed.get(member.subscribedTopicRegex) === 1
  )
    draft.append(expressionTombstone(groupId, member.subscribedTopicRegex));
  refreshExpressions(context, group, { before: member, after: subscribed }, how.client.mayDescribe);
  const epoch = nextGroupEpoch(context, change, draft);
  const { target, targetEpoch } = nextTarget(context, change, epoch, draft);
  const next = reconcile(subscribed, {
    target,
    targetEpoch,
    subscribedTopicIds: subscribedTopicIds(subscribed, context.image().topics, matchedBy(group)),
    subscriptionChanged,
    owned: request.topicPartitions,
    isFree: (topicId, partition) => group.isFree(topicId, partition, subscribed.memberId),
  });
  if (next === 'FENCED')
    return heartbeatError(
      'FENCED_MEMBER_EPOCH',
      'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.',
    );
  if (!sameAssignment(subscribed, next)) {
    draft.append(memberAssignment(groupId, next));
    limitRevocation(context, groupId, next);
  }
  renewSession(context, groupId, next.memberId);
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
      tellsAll || !samePartitions(member.assigned, next.assigned)
        ? { topicPartitions: topicPartitionsOf(next.assigned) }
        : null,
  };
}

/** What a heartbeat changes in a group. */
interface Change {
  readonly group: ConsumerGroup;
  readonly updated: ConsumerMember;
  /** The member whose place the updated one takes, under another id. */
  readonly replaced: ConsumerMember | undefined;
  /** Its subscription is another, and what it is subscribed to is known. */
  readonly needsAssignment: boolean;
}

function changesExpression(member: ConsumerMember, updated: ConsumerMember): boolean {
  return member.subscribedTopicRegex !== updated.subscribedTopicRegex;
}

/** A new expression that nobody has looked at waits for its own epoch; a group that is new has one at once, as in Kafka. */
function isResolved(group: ConsumerGroup, member: ConsumerMember, updated: ConsumerMember): boolean {
  const { subscribedTopicRegex: expression } = updated;
  if (group.isNew || !sameNames(member, updated) || expression === '') return true;
  return group.expressions.resolved.has(expression);
}

function matchedBy({ expressions }: ConsumerGroup): MatchedTopics {
  return (expression) => expressions.topicsOf(expression);
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

/** A subscription or a topic changed: then the group has another epoch, which needs other targets. */
function nextGroupEpoch(
  context: ConsumerContext,
  { group, updated, replaced, needsAssignment }: Change,
  draft: Draft<GroupRecord>,
): number {
  if (!needsAssignment && !group.needsRefresh) return group.groupEpoch;
  const hash = metadataHash(membersWith(group, updated, replaced), context.image(), matchedBy(group));
  const bumps = needsAssignment || hash !== group.metadataHash;
  const epoch = group.groupEpoch + (bumps ? 1 : 0);
  if (bumps) draft.append(groupEpoch(group.groupId, { epoch, metadataHash: hash }));
  if (group.hasPartitionMetadata) draft.append(partitionMetadataTombstone(group.groupId));
  group.refreshed(epoch);
  return epoch;
}

/** The member's target: a new one when the group's epoch is new and the last assignment is long enough ago. */
function nextTarget(
  context: ConsumerContext,
  { group, updated, replaced }: Change,
  epoch: number,
  draft: Draft<GroupRecord>,
): { readonly target: Assignment; readonly targetEpoch: number } {
  const now = context.world.clock.now();
  const { assignmentIntervalMs } = context.config.consumer.of(group.groupId);
  const since = now - group.assignmentTimestamp;
  // A wall clock that went back does not hold assignments up.
  const isDue = since >= assignmentIntervalMs || since < 0;
  if (epoch <= group.assignmentEpoch || !isDue)
    return {
      target: group.targetOf((replaced ?? updated).memberId),
      targetEpoch: group.assignmentEpoch,
    };
  const { records, target } = assignTargets(group, {
    updated,
    replaced,
    topics: context.image().topics,
    matched: matchedBy(group),
    assignorNames: context.config.consumer.assignors,
    epoch,
    now,
  });
  for (const record of records) draft.append(record);
  return { target, targetEpoch: epoch };
}
