import { randomUuid } from '../../../../base/random.ts';
import type { ErrorName } from '../../../../protocol/errors.ts';
import type { JoinGroupResponse } from '../../../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../../../protocol/messages/12-heartbeat.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../../protocol/messages/14-sync-group.ts';
import type { Draft } from '../../../decision.ts';
import { joinError, syncError } from '../../classic/answers.ts';
import type { Joining } from '../../classic/joining.ts';
import type { MemberProtocol } from '../../classic/member.ts';
import type { GroupRecord } from '../../records.ts';
import type { ConsumerGroup } from '../consumer-group.ts';
import type { ConsumerContext } from '../context.ts';
import { type MemberEntry, replaceStatic } from '../heartbeat-member.ts';
import { type ConsumerMember, newMember, sameSubscription } from '../member.ts';
import { isAssignmentDue, takeStep } from '../next-step.ts';
import { cancelClassic, limitClassic, renewSession } from '../timers.ts';
import { downgrade, isDowngrade } from './downgrade.ts';
import { assignmentFor, ownedIn, subscriptionIn } from './embedded-protocol.ts';

/**
 * Members of the classic protocol in a consumer group (KIP-848): the coordinator assigns to them as to all
 * others; a heartbeat tells them when to join again, and each join is a step to their target. Their
 * generation is their member epoch.
 */

const CONSUMER = 'consumer';
/** Of JoinGroup (KIP-394). */
const KNOWS_REQUIRED_IDS_SINCE = 4;

/**
 * A JoinGroup: the member joins, or takes its next step. Nobody waits for others. A refusal names no member,
 * as Kafka's does here and not in a classic group, unless it tells the id to join with.
 */
export function joinConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  { client, request, protocols, rebalanceTimeoutMs }: Joining,
  draft: Draft<GroupRecord>,
): JoinGroupResponse {
  const { groupId } = group;
  const { groupInstanceId: instanceId } = request;
  const memberId = request.memberId || randomUuid(context.world.random);
  // Before an id is told, which would be of no use.
  if (!takesClassicMembers(context)) return joinError('', 'INCONSISTENT_GROUP_PROTOCOL');
  const isFull = group.members.size >= context.config.consumer.maxSize && !group.members.has(memberId);
  if (isFull) return joinError('', 'GROUP_MAX_SIZE_REACHED');
  if (!supports(group, request.protocolType, protocols)) return joinError('', 'INCONSISTENT_GROUP_PROTOCOL');
  // Before what the member is subscribed to is read, as in a classic group, which never reads it.
  if (request.memberId === '' && instanceId === null && client.apiVersion >= KNOWS_REQUIRED_IDS_SINCE)
    return joinError(memberId, 'MEMBER_ID_REQUIRED');
  const subscription = subscriptionIn(protocols[0]?.metadata ?? Buffer.alloc(0));
  if (!subscription) return joinError('', 'INCONSISTENT_GROUP_PROTOCOL');
  const update = (member: ConsumerMember): ConsumerMember => ({
    ...member,
    instanceId: instanceId ?? member.instanceId,
    rackId: subscription.rackId ?? member.rackId,
    rebalanceTimeoutMs,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    subscribedTopicRegex: '',
    clientId: client.clientId ?? '',
    // As Java spells an address.
    clientHost: `/${client.clientHost}`,
    classicMetadata: {
      sessionTimeoutMs: request.sessionTimeoutMs,
      supportedProtocols: protocols.map(({ name, metadata }) => ({ name, metadata })),
    },
  });
  const known = instanceId === null ? undefined : group.staticMember(instanceId);
  if (known && request.memberId === '') {
    const staying = [...group.members.values()].filter((member) => member !== known);
    const joined = update({ ...known, memberId });
    if (known.classicMetadata === null && isDowngrade(context, [...staying, joined])) {
      const isSettled = group.state === 'Stable' && !group.needsRefresh && sameSubscription(known, joined);
      const { generation, protocol } = downgrade(
        context,
        group,
        { staying: [...staying, joined], returned: { memberId, before: known }, isSettled },
        draft,
      );
      if (!isSettled) return joinError(memberId, 'REBALANCE_IN_PROGRESS');
      return joinedAs(memberId, { generation, protocol: protocol ?? '' });
    }
  }
  const entry = entryOf(group, { memberId, isUnknown: request.memberId === '', instanceId }, draft);
  if (typeof entry === 'string') return joinError('', entry);
  const owned = ownedIn(subscription, context.image().topics);
  const next = takeStep(
    context,
    group,
    { ...entry, updated: update(entry.member), owned, mayDescribe: null },
    draft,
  );
  if (next === 'FENCED') return joinError('', 'UNKNOWN_MEMBER_ID');
  draft.whenTaken(() => {
    cancelClassic(context, groupId, memberId, 'join');
    limitClassic(context, groupId, next, 'sync');
  });
  return joinedAs(memberId, { generation: next.memberEpoch, protocol: protocols[0]?.name ?? '' });
}

/** By `group.consumer.migration.policy`: `disabled` keeps out members that came before it was set, too. */
function takesClassicMembers({ config }: ConsumerContext): boolean {
  const { upgrade, downgrade } = config.consumer.migration;
  return upgrade || downgrade;
}

/** Nobody leads: the coordinator has assigned. */
function joinedAs(
  memberId: string,
  { generation, protocol }: { readonly generation: number; readonly protocol: string },
): JoinGroupResponse {
  return {
    errorCode: 0,
    generationId: generation,
    protocolType: CONSUMER,
    protocolName: protocol,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

/** A SyncGroup: the member gets what it has by now. */
export function syncConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  request: SyncGroupRequest,
): SyncGroupResponse {
  const member = classicMember(group, request);
  if (typeof member === 'string') return syncError(member);
  const { protocolType, protocolName } = request;
  const [protocol] = member.classicMetadata?.supportedProtocols ?? [];
  if (protocolType !== null && protocolType !== CONSUMER) return syncError('INCONSISTENT_GROUP_PROTOCOL');
  if (protocolName !== null && protocolName !== protocol?.name)
    return syncError('INCONSISTENT_GROUP_PROTOCOL');
  // One that has to give partitions back does that first.
  if (hasNewerTargets(context, group, member) && member.state !== 'UNREVOKED_PARTITIONS') {
    limitClassic(context, group.groupId, member, 'join');
    return syncError('REBALANCE_IN_PROGRESS');
  }
  cancelClassic(context, group.groupId, member.memberId, 'sync');
  renewSession(context, group.groupId, member);
  return {
    errorCode: 0,
    protocolType,
    protocolName,
    assignment: assignmentFor(protocol?.metadata ?? Buffer.alloc(0), member.assigned, context.image().topics),
  };
}

/**
 * A Heartbeat: REBALANCE_IN_PROGRESS asks the member to join again, because there is a step that it can take.
 */
export function heartbeatInConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  request: HeartbeatRequest,
): ErrorName | null {
  const member = classicMember(group, request);
  if (typeof member === 'string') return member;
  renewSession(context, group.groupId, member);
  const hasStep =
    hasNewerTargets(context, group, member) ||
    member.state === 'UNREVOKED_PARTITIONS' ||
    (member.state === 'UNRELEASED_PARTITIONS' && !waitsForOthers(group, member));
  if (!hasStep) return null;
  limitClassic(context, group.groupId, member, 'join');
  return 'REBALANCE_IN_PROGRESS';
}

function entryOf(
  group: ConsumerGroup,
  who: { readonly memberId: string; readonly isUnknown: boolean; readonly instanceId: string | null },
  draft: Draft<GroupRecord>,
): MemberEntry | ErrorName {
  const { memberId, isUnknown, instanceId } = who;
  const known = instanceId === null ? undefined : group.staticMember(instanceId);
  if (instanceId !== null && !isUnknown) {
    if (!known) return 'UNKNOWN_MEMBER_ID';
    return known.memberId === memberId ? { member: known, replaced: undefined } : 'FENCED_INSTANCE_ID';
  }
  if (known) return replaceStatic(group, known, memberId, draft);
  return { member: group.members.get(memberId) ?? newMember(memberId), replaced: undefined };
}

/** The member that speaks, with its newest generation; otherwise why it may not. */
function classicMember(
  group: ConsumerGroup,
  request: {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly generationId: number;
  },
): ConsumerMember | ErrorName {
  const { memberId, groupInstanceId, generationId } = request;
  const member = groupInstanceId === null ? group.members.get(memberId) : group.staticMember(groupInstanceId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (member.memberId !== memberId) return 'FENCED_INSTANCE_ID';
  if (member.classicMetadata === null) return 'UNKNOWN_MEMBER_ID';
  return member.memberEpoch === generationId ? member : 'ILLEGAL_GENERATION';
}

/** Whether the member has a protocol in common with all others that speak the classic one. */
function supports(group: ConsumerGroup, protocolType: string, protocols: readonly MemberProtocol[]): boolean {
  if (protocolType !== CONSUMER) return false;
  const others = [...group.members.values()].flatMap(({ classicMetadata }) => classicMetadata ?? []);
  return protocols.some(({ name }) =>
    others.every(({ supportedProtocols }) => supportedProtocols.some((offered) => offered.name === name)),
  );
}

/**
 * Whether there are targets that the member has not come to, or its next JoinGroup makes some: before the
 * assignment interval is over it would make none.
 */
function hasNewerTargets(
  context: ConsumerContext,
  group: ConsumerGroup,
  { memberEpoch }: ConsumerMember,
): boolean {
  if (memberEpoch < group.assignmentEpoch) return true;
  return memberEpoch < group.groupEpoch && isAssignmentDue(context, group);
}

/** Whether others have still to give back something of its target. */
function waitsForOthers(group: ConsumerGroup, { memberId, assigned }: ConsumerMember): boolean {
  for (const [topicId, partitions] of group.targetOf(memberId))
    for (const partition of partitions)
      if (!assigned.get(topicId)?.has(partition) && !group.isFree(topicId, partition, memberId)) return true;
  return false;
}
