import type { ClassicGroup } from './classic-group.ts';
import type { ClassicContext, GroupDraft } from './context.ts';
import { completeJoinIfAllJoined, rebalanceOrCompleteJoin, removeMember } from './rebalance.ts';

/** Nothing was heard of the member for its session timeout. */
export function endSession(
  context: ClassicContext,
  group: ClassicGroup,
  memberId: string,
  draft: GroupDraft,
): void {
  if (group.pendingMembers.has(memberId)) {
    group.remove(memberId);
    completeJoinIfAllJoined(context, group, draft);
    return;
  }
  const member = group.members.get(memberId);
  if (!member) return;
  // Who waits for an answer of ours cannot send heartbeats. A new member may be gone: nothing else would show
  // it.
  if (!member.isNew && (member.joinWaiter || member.syncWaiter)) return;
  context.world.log.info('group member failed, its session ended', {
    group: group.groupId,
    member: memberId,
  });
  removeMember(context, group, member, draft);
  rebalanceOrCompleteJoin(context, group, draft, `the session of ${memberId} ended`);
}
