import { randomUuid } from '../../../base/random.ts';
import type { ConsumerGroupHeartbeatRequest } from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { Draft } from '../../decision.ts';
import { JOINING, LEAVING_FOR_A_WHILE } from '../epoch-member.ts';
import type { GroupRecord } from '../records.ts';
import { assignmentOf, isWithin } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { type ConsumerMember, newMember } from './member.ts';
import { memberAssignment, memberMetadata, memberTarget, memberTombstones } from './member-records.ts';

/** The member that a heartbeat comes from, before what the heartbeat changes. */
export interface MemberEntry {
  readonly member: ConsumerMember;
  /** The static member whose place it takes under another id. */
  readonly replaced: ConsumerMember | undefined;
}

/** Finds the member, makes it when it joins, or says why the heartbeat may not speak for it. */
export function memberOf(
  context: ConsumerContext,
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  draft: Draft<GroupRecord>,
): MemberEntry | Refusal {
  // Version 0 leaves the choice of an id to the coordinator.
  const memberId = request.memberId || randomUuid(context.world.random);
  const { maxSize } = context.config.consumer;
  if (group.members.size >= maxSize && !group.members.has(memberId))
    return refused(
      'GROUP_MAX_SIZE_REACHED',
      `The consumer group has reached its maximum capacity of ${maxSize} members.`,
    );
  const isJoining = request.memberEpoch === JOINING;
  if (request.instanceId !== null)
    return isJoining
      ? joinStatic(context, group, { memberId, instanceId: request.instanceId }, draft)
      : knownStatic(group, request, request.instanceId);
  const member = group.members.get(memberId) ?? (isJoining ? newMember(memberId) : undefined);
  if (!member)
    return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${group.groupId}.`);
  if (isJoining)
    context.world.log.info('member joins consumer group', { group: group.groupId, member: memberId });
  return checkEpoch(member, request) ?? { member, replaced: undefined };
}

/** The static member of this instance id, if it is this one. */
export function staticMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string,
): ConsumerMember | Refusal {
  const member = group.staticMember(instanceId);
  if (!member) return refused('UNKNOWN_MEMBER_ID', `Instance id ${instanceId} is unknown.`);
  if (member.memberId !== memberId)
    return refused(
      'FENCED_INSTANCE_ID',
      `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`,
    );
  return member;
}

function knownStatic(
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  instanceId: string,
): MemberEntry | Refusal {
  const member = staticMember(group, request.memberId, instanceId);
  if ('error' in member) return member;
  return checkEpoch(member, request) ?? { member, replaced: undefined };
}

function joinStatic(
  context: ConsumerContext,
  group: ConsumerGroup,
  { memberId, instanceId }: { readonly memberId: string; readonly instanceId: string },
  draft: Draft<GroupRecord>,
): MemberEntry | Refusal {
  const { groupId } = group;
  const known = group.staticMember(instanceId);
  context.world.log.info('static member joins consumer group', {
    group: groupId,
    member: memberId,
    instance: instanceId,
  });
  if (!known) return { member: group.members.get(memberId) ?? newMember(memberId), replaced: undefined };
  // Its place is free only once it has said that it is gone for a while, which the classic protocol cannot
  // say.
  if (known.memberEpoch !== LEAVING_FOR_A_WHILE && known.classicMetadata === null)
    return refused(
      'UNRELEASED_INSTANCE_ID',
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by ${known.memberId} member.`,
    );
  return replaceStatic(group, known, memberId, draft);
}

/** A static member comes back under another id, with all that was its own. */
export function replaceStatic(
  group: ConsumerGroup,
  known: ConsumerMember,
  memberId: string,
  draft: Draft<GroupRecord>,
): MemberEntry {
  const { groupId } = group;
  const member = { ...known, memberId, memberEpoch: JOINING, previousMemberEpoch: JOINING };
  for (const record of memberTombstones(groupId, known.memberId)) draft.append(record);
  draft.append(memberMetadata(groupId, member));
  draft.append(memberTarget(groupId, memberId, group.targetOf(known.memberId)));
  draft.append(memberAssignment(groupId, member));
  return { member, replaced: known.memberId === memberId ? undefined : known };
}

/**
 * A member that has not heard of its newest epoch may come with the one before, if it owns nothing that is
 * not its.
 */
function checkEpoch(
  member: ConsumerMember,
  { memberEpoch, topicPartitions }: ConsumerGroupHeartbeatRequest,
): Refusal | null {
  if (memberEpoch === JOINING || memberEpoch === member.memberEpoch) return null;
  const fenced = (than: string) =>
    refused(
      'FENCED_MEMBER_EPOCH',
      `The consumer group member has a ${than} member epoch (${memberEpoch}) than the one known by the group coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
    );
  if (memberEpoch > member.memberEpoch) return fenced('greater');
  const isLate = memberEpoch === member.previousMemberEpoch && topicPartitions !== null;
  return isLate && isWithin(assignmentOf(topicPartitions), member.assigned) ? null : fenced('smaller');
}
