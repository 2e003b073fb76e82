import type { Uuid } from '../../../base/brand.ts';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../protocol/messages/76-share-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { Draft } from '../../decision.ts';
import type { ClientContext } from '../client-context.ts';
import { type Assignment, samePartitions, topicPartitionsOf } from '../consumer/assignment.ts';
import { metadataHash } from '../consumer/metadata-hash.ts';
import { JOINING } from '../epoch-member.ts';
import * as memberTimers from '../member-timers.ts';
import type { GroupRecord } from '../records.ts';
import { sameNames } from '../topic-names.ts';
import { heartbeatError } from './answers.ts';
import { assignShareTargets, subscribedTopics } from './assign-targets.ts';
import type { ShareContext } from './share-context.ts';
import type { ShareGroup } from './share-group.ts';
import { newShareMember, type ShareMember, sameMetadata } from './share-member.ts';
import { groupEpoch, memberAssignment, memberMetadata } from './share-records.ts';
import { initializeNew } from './state-initialization.ts';

/** One heartbeat of a member that stays: it joins or tells what is new, and is told what it reads. */
export function shareHeartbeat(
  context: ShareContext,
  group: ShareGroup,
  { client, request }: { readonly client: ClientContext; readonly request: ShareGroupHeartbeatRequest },
  draft: Draft<GroupRecord>,
): { readonly response: ShareGroupHeartbeatResponse; readonly committed?: () => void } {
  const { groupId } = group;
  const member = memberOf(context, group, request);
  if ('error' in member) return { response: heartbeatError(member.error, member.message) };
  const names = request.subscribedTopicNames;
  const updated: ShareMember = {
    ...member,
    rackId: request.rackId ?? member.rackId,
    clientId: client.clientId ?? '',
    // As Java spells an address.
    clientHost: `/${client.clientHost}`,
    subscribedTopicNames: names ? [...new Set(names)].sort() : member.subscribedTopicNames,
  };
  if (!group.members.has(member.memberId) || !sameMetadata(member, updated))
    draft.append(memberMetadata(groupId, updated));
  const isChanged = !sameNames(member, updated) || isAssignmentPending(context, group);
  const members = [...new Map(group.members).set(updated.memberId, updated).values()];
  const epoch = nextGroupEpoch(context, group, { members, isChanged }, draft);
  const { target, targetEpoch } = nextTarget(context, group, { members, updated, epoch }, draft);
  const next =
    isChanged || updated.memberEpoch !== targetEpoch
      ? reconciled(updated, { target, targetEpoch, subscribed: subscribedTopics(context, updated) })
      : updated;
  if (
    next.memberEpoch !== updated.memberEpoch ||
    next.previousMemberEpoch !== updated.previousMemberEpoch ||
    !samePartitions(next.assigned, updated.assigned)
  )
    draft.append(memberAssignment(groupId, next));
  renewSession(context, groupId, next.memberId);
  const tellsAll = request.memberEpoch === JOINING || names !== null;
  return {
    response: {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      memberId: next.memberId,
      memberEpoch: next.memberEpoch,
      heartbeatIntervalMs: context.config.share.of(groupId).heartbeatIntervalMs,
      assignment:
        tellsAll || !samePartitions(member.assigned, next.assigned)
          ? { topicPartitions: topicPartitionsOf(next.assigned) }
          : null,
    },
    committed: initializeNew(context, group, { members, epoch }, draft),
  };
}

export function renewSession(context: ShareContext, groupId: string, memberId: string): void {
  const { sessionTimeoutMs } = context.config.share.of(groupId);
  memberTimers.renewSession(context, groupId, { memberId, timeoutMs: sessionTimeoutMs });
}

/** The member that a heartbeat comes from, before what the heartbeat changes. */
function memberOf(
  { config }: ShareContext,
  group: ShareGroup,
  { memberId, memberEpoch }: ShareGroupHeartbeatRequest,
): ShareMember | Refusal {
  const { maxSize } = config.share;
  const known = group.members.get(memberId);
  if (!known && group.members.size >= maxSize)
    return refused(
      'GROUP_MAX_SIZE_REACHED',
      `The share group has reached its maximum capacity of ${maxSize} members.`,
    );
  // A member that was told to join again does so under the same id.
  if (memberEpoch === JOINING) return known ?? newShareMember(memberId);
  if (!known)
    return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${group.groupId}.`);
  const fenced = (than: string, also: string) =>
    refused(
      'FENCED_MEMBER_EPOCH',
      `The share group member has a ${than} member epoch (${memberEpoch}) than the one known by the group coordinator (${known.memberEpoch})${also}. The member must abandon all its partitions and rejoin.`,
    );
  if (memberEpoch > known.memberEpoch) return fenced('greater', '');
  // The answer with the newest epoch may have been lost.
  if (memberEpoch < known.memberEpoch && memberEpoch !== known.previousMemberEpoch)
    return fenced(
      'smaller',
      `, and it does not match the previous member epoch (${known.previousMemberEpoch})`,
    );
  return known;
}

/**
 * Whether there are partitions that the share coordinator keeps by now, and that nobody was given or will be
 * by the next targets, which are due when the group's epoch is newer than the last ones. Of a topic that is
 * gone nobody is given any.
 */
function isAssignmentPending({ image }: ShareContext, group: ShareGroup): boolean {
  if (group.members.size === 0 || group.assignmentEpoch < group.groupEpoch) return false;
  const assigned = new Map<Uuid, Set<number>>();
  for (const memberId of group.members.keys())
    for (const [topicId, partitions] of group.targetOf(memberId)) {
      const all = assigned.get(topicId) ?? new Set();
      assigned.set(topicId, all);
      for (const partition of partitions) all.add(partition);
    }
  for (const [topicId, { name, partitions }] of group.statePartitions.initialized) {
    if (!group.isSubscribedTo(name)) continue;
    const count = image().topics.byId(topicId)?.partitions.length ?? 0;
    const all = assigned.get(topicId);
    for (const partition of partitions) if (partition < count && !all?.has(partition)) return true;
  }
  return false;
}

/** A subscription or a topic changed: then the group has another epoch, which needs other targets. */
function nextGroupEpoch(
  context: ShareContext,
  group: ShareGroup,
  { members, isChanged }: { readonly members: readonly ShareMember[]; readonly isChanged: boolean },
  draft: Draft<GroupRecord>,
): number {
  if (!isChanged && !group.needsRefresh) return group.groupEpoch;
  const hash = metadataHash(members, context.image(), () => []);
  const bumps = isChanged || hash !== group.metadataHash;
  const epoch = group.groupEpoch + (bumps ? 1 : 0);
  if (bumps) draft.append(groupEpoch(group.groupId, { epoch, metadataHash: hash }));
  group.refreshed(epoch);
  return epoch;
}

/**
 * The member's target: a new one when the group's epoch is new and the last assignment is long enough ago.
 */
function nextTarget(
  context: ShareContext,
  group: ShareGroup,
  change: {
    readonly members: readonly ShareMember[];
    readonly updated: ShareMember;
    readonly epoch: number;
  },
  draft: Draft<GroupRecord>,
): { readonly target: Assignment; readonly targetEpoch: number } {
  const { members, updated, epoch } = change;
  const now = context.world.clock.now();
  const since = now - group.assignmentTimestamp;
  // A wall clock that went back does not hold assignments up.
  const isDue = since >= context.config.share.of(group.groupId).assignmentIntervalMs || since < 0;
  if (epoch <= group.assignmentEpoch || !isDue)
    return { target: group.targetOf(updated.memberId), targetEpoch: group.assignmentEpoch };
  const targets = assignShareTargets(context, group, { members, epoch, now }, draft);
  return { target: targets.get(updated.memberId) ?? new Map(), targetEpoch: epoch };
}

/** The member with its target, as far as it is subscribed to that. */
function reconciled(
  member: ShareMember,
  options: {
    readonly target: Assignment;
    readonly targetEpoch: number;
    readonly subscribed: ReadonlySet<Uuid>;
  },
): ShareMember {
  const { target, targetEpoch, subscribed } = options;
  const assigned = new Map([...target].filter(([topicId]) => subscribed.has(topicId)));
  const isNew = member.memberEpoch !== targetEpoch;
  return {
    ...member,
    memberEpoch: targetEpoch,
    previousMemberEpoch: isNew ? member.memberEpoch : member.previousMemberEpoch,
    assigned,
  };
}
