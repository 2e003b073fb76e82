import { type CoordinatorDecision, Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import { joinError, joined, syncError } from './answers.ts';
import type { ClassicGroup } from './classic-group.ts';
import { type ClassicContext, type GroupDraft, timerName } from './context.ts';
import { generationRecord } from './generation-record.ts';
import { type ClassicMember, NO_ASSIGNMENT } from './member.ts';
import { renewSession } from './sessions.ts';

/** The log refused to take that a group is empty now; it is asked again after this. */
const EMPTY_RETRY_MS = 1000;

/**
 * Something changed that the assignment depends on: begin a rebalance, or see whether the one under way is
 * complete.
 */
export function rebalanceOrCompleteJoin(
  context: ClassicContext,
  group: ClassicGroup,
  draft: GroupDraft,
  reason: string,
): void {
  if (group.state === 'PreparingRebalance') completeJoinIfAllJoined(context, group, draft);
  else prepareRebalance(context, group, draft, reason);
}

export function prepareRebalance(
  context: ClassicContext,
  group: ClassicGroup,
  draft: GroupDraft,
  reason: string,
): void {
  if (group.state === 'CompletingRebalance') refuseSyncs(context, group, draft);
  group.pendingSync.clear();
  context.timer.cancel(timerName.sync(group.groupId));
  group.prepare(context.guardedClock.stamp());
  context.world.log.info('preparing to rebalance group', {
    group: group.groupId,
    generation: group.generation,
    reason,
  });
  if (group.initialDelay) {
    const { initialRebalanceDelayMs } = context.config;
    const remainingMs = Math.max(group.rebalanceTimeoutMs - initialRebalanceDelayMs, 0);
    delayInitialRebalance(context, group, { delayMs: initialRebalanceDelayMs, remainingMs });
  } else if (group.allJoined) {
    completeJoin(context, group, draft);
  } else {
    scheduleJoinEnd(context, group);
  }
}

export function completeJoinIfAllJoined(
  context: ClassicContext,
  group: ClassicGroup,
  draft: GroupDraft,
): void {
  if (group.state !== 'PreparingRebalance') return;
  if (group.initialDelay || !group.allJoined) return;
  completeJoin(context, group, draft);
}

/**
 * The joining ends: who has not come back is out, unless it is a static member, whose session alone decides.
 * With members the next generation begins and their joins are answered; without, the group is Empty.
 */
function completeJoin(context: ClassicContext, group: ClassicGroup, draft: GroupDraft): void {
  context.timer.cancel(timerName.join(group.groupId));
  for (const member of [...group.members.values()]) {
    if (!member.joinWaiter && member.groupInstanceId === null) removeMember(context, group, member, draft);
  }
  if (group.members.size === 0) {
    const empty = { ...generationRecord(group, new Map()), protocol: null, leader: null };
    draft.append({
      type: 'GroupMetadata',
      key: { group: group.groupId },
      value: {
        ...empty,
        generation: group.generation + 1,
        currentStateTimestamp: context.guardedClock.stamp(),
      },
    });
    // Where the log takes the record, it finds nothing to do.
    context.timer.schedule(timerName.join(group.groupId), EMPTY_RETRY_MS, () => retryEmpty(context, group));
    return;
  }
  if (!group.electJoinedLeader()) {
    // Only static members are left, and none came back: their sessions decide.
    scheduleJoinEnd(context, group);
    return;
  }
  group.beginGeneration(context.guardedClock.stamp());
  context.world.log.info('group begins a generation', {
    group: group.groupId,
    generation: group.generation,
    members: group.members.size,
  });
  for (const member of group.members.values()) {
    const waiter = group.awaitJoin(member, null);
    if (waiter) draft.reply(waiter, joined(group, member.memberId));
    renewSession(context, group, member);
    member.isNew = false;
    group.pendingSync.add(member.memberId);
  }
  scheduleSyncEnd(context, group);
}

/** Takes the member out. If a request of it waits, it is told to start over, which it does if it is alive. */
export function removeMember(
  context: ClassicContext,
  group: ClassicGroup,
  member: ClassicMember,
  draft: GroupDraft,
): void {
  context.timer.cancel(timerName.session(group.groupId, member.memberId));
  const joinWaiter = group.awaitJoin(member, null);
  if (joinWaiter) draft.reply(joinWaiter, joinError('', 'UNKNOWN_MEMBER_ID'));
  if (member.syncWaiter) draft.reply(member.syncWaiter, syncError('UNKNOWN_MEMBER_ID'));
  member.syncWaiter = null;
  group.remove(member.memberId);
}

/** The assignment will not come: a new rebalance has begun before it did. */
function refuseSyncs(context: ClassicContext, group: ClassicGroup, draft: GroupDraft): void {
  for (const member of group.members.values()) {
    member.assignment = NO_ASSIGNMENT;
    if (!member.syncWaiter) continue;
    draft.reply(member.syncWaiter, syncError('REBALANCE_IN_PROGRESS'));
    member.syncWaiter = null;
    renewSession(context, group, member);
  }
}

/**
 * Each member that came during the delay is a reason to wait once more, up to the rebalance timeout in all.
 */
function delayInitialRebalance(
  context: ClassicContext,
  { groupId }: ClassicGroup,
  { delayMs, remainingMs }: { readonly delayMs: number; readonly remainingMs: number },
): void {
  context.timer.schedule(timerName.join(groupId), delayMs, () => {
    const draft: GroupDraft = new Draft();
    const group = context.find(groupId);
    if (group?.initialDelay?.memberAdded && remainingMs > 0) {
      group.initialDelay.memberAdded = false;
      delayInitialRebalance(context, group, {
        delayMs: Math.min(context.config.initialRebalanceDelayMs, remainingMs),
        remainingMs: Math.max(remainingMs - delayMs, 0),
      });
    } else if (group?.state === 'PreparingRebalance') {
      completeJoin(context, group, draft);
    }
    return draft.decide(undefined);
  });
}

function scheduleJoinEnd(context: ClassicContext, { groupId, rebalanceTimeoutMs }: ClassicGroup): void {
  context.timer.schedule(timerName.join(groupId), rebalanceTimeoutMs, () => {
    const draft: GroupDraft = new Draft();
    const group = context.find(groupId);
    if (group?.state === 'PreparingRebalance') completeJoin(context, group, draft);
    return draft.decide(undefined);
  });
}

/** Members that were told the generation and never ask for their assignment are out when this ends. */
function scheduleSyncEnd(
  context: ClassicContext,
  { groupId, generation, rebalanceTimeoutMs }: ClassicGroup,
): void {
  context.timer.schedule(timerName.sync(groupId), rebalanceTimeoutMs, () => {
    const draft: GroupDraft = new Draft();
    const group = context.find(groupId);
    if (!group || group.generation !== generation || group.pendingSync.size === 0) {
      return draft.decide(undefined);
    }
    if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return draft.decide(undefined);
    for (const memberId of [...group.pendingSync]) {
      const member = group.members.get(memberId);
      if (member) removeMember(context, group, member, draft);
    }
    prepareRebalance(context, group, draft, 'members did not ask for their assignment');
    return draft.decide(undefined);
  });
}

function retryEmpty(
  context: ClassicContext,
  { groupId }: ClassicGroup,
): CoordinatorDecision<GroupRecord, void> {
  const draft: GroupDraft = new Draft();
  const group = context.find(groupId);
  if (group?.state === 'PreparingRebalance' && group.members.size === 0) completeJoin(context, group, draft);
  return draft.decide(undefined);
}
