import { Draft, LATER } from '../../decision.ts';
import { joinError, joined, syncError } from './answers.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicContext, GroupDraft } from './context.ts';
import { generationRecord } from './generation-record.ts';
import type { JoinAnswer, Joining } from './joining.ts';
import type { ClassicMember } from './member.ts';
import { completeJoinIfAllJoined, prepareRebalance } from './rebalance.ts';
import { renewSession } from './sessions.ts';

/**
 * A static member (KIP-345) came back without its member id: it restarted. It takes its place under a new id,
 * and who still acts under the old one is fenced. A stable group goes on with the assignment it has, if the
 * chosen protocol stays the same.
 */
export function returnStaticMember(
  context: ClassicContext,
  group: ClassicGroup,
  {
    known,
    memberId,
    joining,
  }: { readonly known: ClassicMember; readonly memberId: string; readonly joining: Joining },
  draft: GroupDraft,
): JoinAnswer {
  const leaderBefore = group.leader;
  fence(group, known, draft);
  const member = group.rename(known, memberId);
  group.update(member, {
    protocols: joining.protocols,
    rebalanceTimeoutMs: joining.rebalanceTimeoutMs,
    sessionTimeoutMs: joining.request.sessionTimeoutMs,
  });
  renewSession(context, group, member);
  if (group.state === 'Stable' && group.selectProtocol() === group.protocol) {
    return keepAssignment(context, group, { member, leaderBefore, joining }, draft);
  }
  group.awaitJoin(member, joining.waiter);
  const reason = `static member ${joining.request.groupInstanceId} returned: ${joining.reason}`;
  if (group.state === 'PreparingRebalance') completeJoinIfAllJoined(context, group, draft);
  else prepareRebalance(context, group, draft, reason);
  return LATER;
}

function fence(group: ClassicGroup, member: ClassicMember, draft: GroupDraft): void {
  const joinWaiter = group.awaitJoin(member, null);
  if (joinWaiter) draft.reply(joinWaiter, joinError(member.memberId, 'FENCED_INSTANCE_ID'));
  if (member.syncWaiter) draft.reply(member.syncWaiter, syncError('FENCED_INSTANCE_ID'));
  member.syncWaiter = null;
}

function keepAssignment(
  context: ClassicContext,
  group: ClassicGroup,
  {
    member: { memberId },
    leaderBefore,
    joining,
  }: { readonly member: ClassicMember; readonly leaderBefore: string | null; readonly joining: Joining },
  draft: GroupDraft,
): JoinAnswer {
  const assignments = new Map([...group.members].map(([id, member]) => [id, member.assignment]));
  draft.append({
    type: 'GroupMetadata',
    key: { group: group.groupId },
    value: generationRecord(group, assignments),
  });
  const isLeader = group.leader === memberId;
  // From version 9 the leader is told that it leads and must not assign. Before, it is told the old leader's
  // id: a client that thinks it leads would assign anew, and nobody waits for that.
  const told =
    joining.client.apiVersion >= 9
      ? joined(group, memberId, { skipAssignment: isLeader })
      : joined(group, memberId, { leader: leaderBefore, withMembers: false });
  draft.refused = () => {
    const instead: GroupDraft = new Draft();
    prepareRebalance(context, group, instead, 'the log refused the new id of a static member');
    return instead.decide<never>(LATER);
  };
  draft.reply(joining.waiter, told);
  return LATER;
}
