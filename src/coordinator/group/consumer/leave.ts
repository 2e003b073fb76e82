import { errorCode } from '../../../protocol/errors.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../protocol/messages/13-leave-group.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { Draft } from '../../decision.ts';
import { LEAVING_FOR_A_WHILE } from '../epoch-member.ts';
import type { GroupRecord } from '../records.ts';
import { heartbeatError } from './answers.ts';
import { NO_PARTITIONS } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerContext } from './context.ts';
import { fenceMembers } from './fence.ts';
import { staticMember } from './heartbeat-member.ts';
import type { ConsumerMember } from './member.ts';
import { memberAssignment } from './member-records.ts';

/**
 * A heartbeat that leaves: for good, or (as a static member) for a while, in which nobody gets its
 * partitions.
 */
export function leave(
  context: ConsumerContext,
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  draft: Draft<GroupRecord>,
): ConsumerGroupHeartbeatResponse {
  const { memberId, memberEpoch, instanceId } = request;
  const { groupId } = group;
  const left = { ...heartbeatError('NONE', null), memberId, memberEpoch };
  if (instanceId === null) {
    const member = group.members.get(memberId);
    if (!member)
      return heartbeatError('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${groupId}.`);
    context.world.log.info('member leaves consumer group', { group: groupId, member: memberId });
    fenceMembers(context, group, [member], draft);
    return left;
  }
  const member = staticMember(group, memberId, instanceId);
  if ('error' in member) return heartbeatError(member.error, member.message);
  if (memberEpoch === LEAVING_FOR_A_WHILE) draft.append(memberAssignment(groupId, gone(member)));
  else fenceMembers(context, group, [member], draft);
  return left;
}

/**
 * A LeaveGroup request about members of a consumer group, by which an administrator removes them; each with
 * its own answer. A static member may be named by its instance id alone (KIP-345), then the member id is
 * empty.
 */
export function removeMembers(
  context: ConsumerContext,
  group: ConsumerGroup,
  leaving: LeaveGroupRequest['members'],
  draft: Draft<GroupRecord>,
): LeaveGroupResponse {
  const fenced = new Map<string, ConsumerMember>();
  const members = leaving.map(({ memberId, groupInstanceId, reason }) => {
    const found = memberToRemove(group, memberId, groupInstanceId);
    if (typeof found === 'string') return { memberId, groupInstanceId, errorCode: errorCode(found) };
    context.world.log.info('member is removed from consumer group', {
      group: group.groupId,
      member: found.memberId,
      reason,
    });
    fenced.set(found.memberId, found);
    return { memberId, groupInstanceId, errorCode: 0 };
  });
  fenceMembers(context, group, [...fenced.values()], draft);
  return { errorCode: 0, members };
}

function memberToRemove(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
): ConsumerMember | 'UNKNOWN_MEMBER_ID' | 'FENCED_INSTANCE_ID' {
  if (instanceId === null) return group.members.get(memberId) ?? 'UNKNOWN_MEMBER_ID';
  const member = group.staticMember(instanceId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  return memberId === '' || member.memberId === memberId ? member : 'FENCED_INSTANCE_ID';
}

/**
 * The static member while it is away: it keeps its partitions, under an epoch that nobody can commit with.
 */
function gone(member: ConsumerMember): ConsumerMember {
  const assigned = new Map(
    [...member.assigned].map(([topicId, partitions]) => [
      topicId,
      new Map([...partitions.keys()].map((partition) => [partition, 0])),
    ]),
  );
  return { ...member, memberEpoch: LEAVING_FOR_A_WHILE, assigned, pendingRevocation: NO_PARTITIONS };
}
