import { errorCode } from '../../../protocol/errors.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../protocol/messages/13-leave-group.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicContext, type GroupDraft, timerName } from './context.ts';
import { rebalanceOrCompleteJoin, removeMember } from './rebalance.ts';

type MemberIdentity = LeaveGroupRequest['members'][number];

/**
 * Members leave, each with its own answer. An administrator removes a static member by its instance id alone
 * (KIP-345), then the member id is empty.
 */
export function leaveGroup(
  context: ClassicContext,
  group: ClassicGroup,
  leaving: readonly MemberIdentity[],
  draft: GroupDraft,
): LeaveGroupResponse {
  const members = leaving.map(({ memberId, groupInstanceId, reason }) => {
    const error = leave(context, group, { memberId, groupInstanceId }, draft);
    if (!error) {
      context.world.log.info('member leaves group', { group: group.groupId, member: memberId, reason });
    }
    return { memberId, groupInstanceId, errorCode: errorCode(error ?? 'NONE') };
  });
  if (members.some((member) => member.errorCode === 0) && group.state !== 'Empty') {
    rebalanceOrCompleteJoin(context, group, draft, 'members left');
  }
  return { errorCode: 0, members };
}

function leave(
  context: ClassicContext,
  group: ClassicGroup,
  { memberId, groupInstanceId }: Omit<MemberIdentity, 'reason'>,
  draft: GroupDraft,
): 'UNKNOWN_MEMBER_ID' | 'FENCED_INSTANCE_ID' | null {
  if (group.pendingMembers.has(memberId)) {
    group.remove(memberId);
    context.timer.cancel(timerName.session(group.groupId, memberId));
    return null;
  }
  const byInstance = groupInstanceId === null ? undefined : group.staticMember(groupInstanceId);
  if (memberId === '') {
    if (!byInstance) return 'UNKNOWN_MEMBER_ID';
    removeMember(context, group, byInstance, draft);
    return null;
  }
  if (groupInstanceId !== null) {
    if (!byInstance) return 'UNKNOWN_MEMBER_ID';
    if (byInstance.memberId !== memberId) return 'FENCED_INSTANCE_ID';
  }
  const member = group.members.get(memberId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  removeMember(context, group, member, draft);
  return null;
}
