import { ownCopy } from '../../../base/own-copy.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../../protocol/messages/14-sync-group.ts';
import { answer, type CoordinatorDecision, Draft, LATER } from '../../decision.ts';
import type { Waiter } from '../../waiter.ts';
import type { GroupRecord } from '../records.ts';
import { syncError, synced } from './answers.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicContext, type GroupDraft, timerName } from './context.ts';
import { generationRecord } from './generation-record.ts';
import { type ClassicMember, NO_ASSIGNMENT } from './member.ts';
import { prepareRebalance } from './rebalance.ts';
import { renewSession } from './sessions.ts';

type SyncDecision = CoordinatorDecision<GroupRecord, SyncGroupResponse>;

/**
 * A member asks for its assignment; the leader brings all of them. Until it does, the others wait. What it
 * brings completes the generation: one record, and when that is committed everyone is answered.
 */
export function syncGroup(
  context: ClassicContext,
  group: ClassicGroup,
  request: SyncGroupRequest,
  waiter: Waiter<SyncGroupResponse>,
): SyncDecision {
  const refusal = refuses(group, request);
  if (refusal) return answer(syncError(refusal));
  const member = group.members.get(request.memberId);
  if (!member || group.state === 'Empty') return answer(syncError('UNKNOWN_MEMBER_ID'));
  if (group.state === 'PreparingRebalance') return answer(syncError('REBALANCE_IN_PROGRESS'));
  group.pendingSync.delete(member.memberId);
  if (group.pendingSync.size === 0) context.timer.cancel(timerName.sync(group.groupId));
  if (group.state === 'Stable') return answer(synced(group, member.assignment));
  const draft: GroupDraft = new Draft();
  // The same member asks twice when its first request was lost to it; nobody reads that answer.
  if (member.syncWaiter) draft.reply(member.syncWaiter, syncError('REBALANCE_IN_PROGRESS'));
  member.syncWaiter = waiter;
  if (group.leader !== member.memberId) return draft.decide<SyncGroupResponse>(LATER);
  return completeGeneration(context, group, assignmentsIn(request), draft);
}

function completeGeneration(
  context: ClassicContext,
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Buffer>,
  draft: GroupDraft,
): SyncDecision {
  draft.append({
    type: 'GroupMetadata',
    key: { group: group.groupId },
    value: { ...generationRecord(group, assignments), currentStateTimestamp: context.guardedClock.stamp() },
  });
  for (const member of group.members.values()) {
    const waiter = takeSyncWaiter(member);
    if (!waiter) continue;
    draft.reply(waiter, synced(group, assignments.get(member.memberId) ?? NO_ASSIGNMENT));
    // A session that ended while the member waited was passed over, so it has to begin again.
    renewSession(context, group, member);
  }
  draft.refused = () => {
    const instead: GroupDraft = new Draft();
    prepareRebalance(context, group, instead, 'the log refused the assignment');
    return instead.decide<never>(LATER);
  };
  return draft.decide<SyncGroupResponse>(LATER);
}

function takeSyncWaiter(member: ClassicMember): Waiter<SyncGroupResponse> | null {
  const waiter = member.syncWaiter;
  member.syncWaiter = null;
  return waiter;
}

/** Copies: what arrived is a slice of a whole request, and the assignment lives as long as the generation. */
function assignmentsIn(request: SyncGroupRequest): Map<string, Buffer> {
  return new Map(request.assignments.map(({ memberId, assignment }) => [memberId, ownCopy(assignment)]));
}

function refuses(group: ClassicGroup, request: SyncGroupRequest): ErrorName | null {
  const refusal = group.refuses(request.memberId, request.groupInstanceId);
  if (refusal) return refusal;
  if (request.generationId !== group.generation) return 'ILLEGAL_GENERATION';
  const differs = (asked: string | null, known: string | null) =>
    asked !== null && known !== null && asked !== known;
  if (differs(request.protocolType, group.protocolType)) return 'INCONSISTENT_GROUP_PROTOCOL';
  if (differs(request.protocolName, group.protocol)) return 'INCONSISTENT_GROUP_PROTOCOL';
  return null;
}
