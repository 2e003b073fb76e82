import { LATER } from '../../decision.ts';
import { MAX_PENDING_MEMBERS, NEW_MEMBER_JOIN_TIMEOUT_MS } from '../group-config.ts';
import { newMemberId } from '../member-id.ts';
import { joinError, joined } from './answers.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicContext, GroupDraft } from './context.ts';
import type { JoinAnswer, Joining } from './joining.ts';
import { type ClassicMember, NO_ASSIGNMENT, offersSame } from './member.ts';
import { rebalanceOrCompleteJoin } from './rebalance.ts';
import { renewSession, scheduleSessionEnd } from './sessions.ts';
import { returnStaticMember } from './static-return.ts';

/** A client wants to be a member, or is one and joins again. */
export function joinGroup(
  context: ClassicContext,
  group: ClassicGroup,
  joining: Joining,
  draft: GroupDraft,
): JoinAnswer {
  const { request, protocols } = joining;
  if (!hasRoomFor(context, group, request.memberId)) {
    group.remove(request.memberId);
    return joinError('', 'GROUP_MAX_SIZE_REACHED');
  }
  if (!group.supports(request.protocolType, protocols)) {
    return joinError(request.memberId, 'INCONSISTENT_GROUP_PROTOCOL');
  }
  return request.memberId === ''
    ? joinAsNew(context, group, joining, draft)
    : joinAgain(context, group, joining, draft);
}

function joinAsNew(
  context: ClassicContext,
  group: ClassicGroup,
  joining: Joining,
  draft: GroupDraft,
): JoinAnswer {
  const { client, request } = joining;
  const memberId = newMemberId(context.world.random, request.groupInstanceId ?? client.clientId ?? '');
  if (request.groupInstanceId !== null) {
    const known = group.staticMember(request.groupInstanceId);
    if (known) return returnStaticMember(context, group, { known, memberId, joining }, draft);
    return addMember(context, group, memberId, joining, draft);
  }
  if (client.apiVersion < 4) return addMember(context, group, memberId, joining, draft);
  // KIP-394: the client first learns its id, so that one which gives up and asks again is no second member.
  if (group.pendingMembers.size >= MAX_PENDING_MEMBERS) return joinError('', 'GROUP_MAX_SIZE_REACHED');
  group.pendingMembers.add(memberId);
  scheduleSessionEnd(context, group, memberId, request.sessionTimeoutMs);
  return joinError(memberId, 'MEMBER_ID_REQUIRED');
}

function joinAgain(
  context: ClassicContext,
  group: ClassicGroup,
  joining: Joining,
  draft: GroupDraft,
): JoinAnswer {
  const { request, protocols } = joining;
  const { memberId, groupInstanceId } = request;
  if (group.pendingMembers.has(memberId)) {
    // An id that was handed out never belongs to a static member.
    if (groupInstanceId !== null) return joinError(memberId, 'UNKNOWN_MEMBER_ID');
    return addMember(context, group, memberId, joining, draft);
  }
  const refusal = group.refuses(memberId, groupInstanceId);
  if (refusal) return joinError(memberId, refusal);
  const member = group.members.get(memberId);
  if (!member) return joinError(memberId, 'UNKNOWN_MEMBER_ID');
  const unchanged = offersSame(member, protocols);
  switch (group.state) {
    case 'PreparingRebalance':
      return rejoin(context, group, member, joining, draft);
    case 'CompletingRebalance':
      // It may have missed the answer to its join; if nothing changed it gets that again.
      return unchanged ? joined(group, memberId) : rejoin(context, group, member, joining, draft);
    case 'Stable':
      // The leader joins to have partitions assigned anew: it saw a change that no member's metadata shows.
      if (unchanged && group.leader !== memberId) return joined(group, memberId, { withMembers: false });
      return rejoin(context, group, member, joining, draft);
    case 'Empty':
      return joinError(memberId, 'UNKNOWN_MEMBER_ID');
  }
}

function addMember(
  context: ClassicContext,
  group: ClassicGroup,
  memberId: string,
  { client, request, protocols, rebalanceTimeoutMs, reason, waiter }: Joining,
  draft: GroupDraft,
): JoinAnswer {
  const member: ClassicMember = {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: client.clientId ?? '',
    // As Java prints an address without a name; tools show it.
    clientHost: `/${client.clientHost}`,
    rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocols,
    assignment: NO_ASSIGNMENT,
    isNew: true,
    joinWaiter: waiter,
    syncWaiter: null,
  };
  if (group.initialDelay) group.initialDelay.memberAdded = true;
  group.add(member, request.protocolType);
  renewSession(context, group, member, NEW_MEMBER_JOIN_TIMEOUT_MS);
  rebalanceOrCompleteJoin(context, group, draft, `${memberId} is new: ${reason}`);
  return LATER;
}

function rejoin(
  context: ClassicContext,
  group: ClassicGroup,
  member: ClassicMember,
  { request, protocols, rebalanceTimeoutMs, reason, waiter }: Joining,
  draft: GroupDraft,
): JoinAnswer {
  group.update(member, { protocols, rebalanceTimeoutMs, sessionTimeoutMs: request.sessionTimeoutMs });
  const before = group.awaitJoin(member, waiter);
  // Its first request was lost to it, or it would not ask again; nobody reads that answer.
  if (before) draft.reply(before, joinError(member.memberId, 'REBALANCE_IN_PROGRESS'));
  rebalanceOrCompleteJoin(context, group, draft, `${member.memberId} joins again: ${reason}`);
  return LATER;
}

/**
 * While a group rebalances, who has joined counts, not who was a member: the group may have been larger when
 * the limit was, and then the last to come back are out.
 */
function hasRoomFor(context: ClassicContext, group: ClassicGroup, memberId: string): boolean {
  const { maxSize } = context.config;
  switch (group.state) {
    case 'Empty':
      return true;
    case 'PreparingRebalance':
      return group.members.get(memberId)?.joinWaiter != null || group.awaitingJoin < maxSize;
    case 'CompletingRebalance':
    case 'Stable':
      return group.members.has(memberId) || group.members.size < maxSize;
  }
}
