import type { Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import { sameNames } from '../topic-names.ts';
import type { Assignment, TopicPartitions } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { reconcile } from './current-assignment.ts';
import { refreshExpressions } from './expression-refresh.ts';
import { expressionTombstone, groupEpoch, partitionMetadataTombstone } from './group-records.ts';
import type { MemberEntry } from './heartbeat-member.ts';
import { type ConsumerMember, sameAssignment, sameMetadata, sameSubscription } from './member.ts';
import { memberAssignment, memberMetadata } from './member-records.ts';
import { metadataHash } from './metadata-hash.ts';
import { type MatchedTopics, subscribedTopicIds } from './subscriptions.ts';
import { assignTargets, membersWith } from './target-assignment.ts';
import { limitRevocation, renewSession } from './timers.ts';

/** A member says what is new about it, in whichever protocol. */
export interface ConsumerStep extends MemberEntry {
  /** The member with what is new. */
  readonly updated: ConsumerMember;
  /** What it says it has; null when it does not say, because that has not changed. */
  readonly owned: readonly TopicPartitions[] | null;
  /** Topics that an expression may tell it of; null for a member that does not know of expressions. */
  readonly mayDescribe: ((topic: string) => boolean) | null;
}

/**
 * The member after its next step to its target, which may be a new one; `FENCED`: it has to give up
 * everything and join again.
 */
export function takeStep(
  context: ConsumerContext,
  group: ConsumerGroup,
  { member, replaced, updated, owned, mayDescribe }: ConsumerStep,
  draft: Draft<GroupRecord>,
): ConsumerMember | 'FENCED' {
  const { groupId } = group;
  if (!sameMetadata(member, updated)) draft.append(memberMetadata(groupId, updated));
  const subscriptionChanged = !sameSubscription(member, updated);
  const change: Change = {
    group,
    updated,
    replaced,
    needsAssignment: subscriptionChanged && isResolved(group, member, updated),
  };
  if (
    changesExpression(member, updated) &&
    group.expressions.subscribed.get(member.subscribedTopicRegex) === 1
  )
    draft.append(expressionTombstone(groupId, member.subscribedTopicRegex));
  if (mayDescribe) refreshExpressions(context, group, { before: member, after: updated }, mayDescribe);
  const epoch = nextGroupEpoch(context, change, draft);
  const { target, targetEpoch } = nextTarget(context, change, epoch, draft);
  const next = reconcile(updated, {
    target,
    targetEpoch,
    subscribedTopicIds: subscribedTopicIds(updated, context.image().topics, matchedBy(group)),
    subscriptionChanged,
    owned,
    isFree: (topicId, partition) => group.isFree(topicId, partition, updated.memberId),
  });
  if (next === 'FENCED') return next;
  if (!sameAssignment(updated, next)) {
    draft.append(memberAssignment(groupId, next));
    draft.whenTaken(() => limitRevocation(context, groupId, next));
  }
  renewSession(context, groupId, next);
  return next;
}

/** What a step changes in a group. */
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

/** A new expression that nobody has looked at waits: what it matches makes an epoch of its own. */
function isResolved(group: ConsumerGroup, member: ConsumerMember, updated: ConsumerMember): boolean {
  const { subscribedTopicRegex: expression } = updated;
  if (!sameNames(member, updated) || expression === '') return true;
  return group.expressions.resolved.has(expression);
}

function matchedBy({ expressions }: ConsumerGroup): MatchedTopics {
  return (expression) => expressions.topicsOf(expression);
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

/**
 * The member's target: a new one when the group's epoch is new and the last assignment is long enough ago.
 */
function nextTarget(
  context: ConsumerContext,
  { group, updated, replaced }: Change,
  epoch: number,
  draft: Draft<GroupRecord>,
): { readonly target: Assignment; readonly targetEpoch: number } {
  const now = context.world.clock.now();
  if (epoch <= group.assignmentEpoch || !isAssignmentDue(context, group))
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

/** Whether the last targets were made long enough ago. */
export function isAssignmentDue(context: ConsumerContext, group: ConsumerGroup): boolean {
  const since = context.world.clock.now() - group.assignmentTimestamp;
  // A wall clock that went back does not hold assignments up.
  return since >= context.config.consumer.of(group.groupId).assignmentIntervalMs || since < 0;
}
