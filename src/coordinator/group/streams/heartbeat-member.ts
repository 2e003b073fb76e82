import type { StreamsGroupHeartbeatRequest } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { ClientContext } from '../client-context.ts';
import { JOINING } from '../epoch-member.ts';
import type { StreamsContext } from './context.ts';
import { newMember, type StreamsMember } from './member.ts';
import type { StreamsGroup } from './streams-group.ts';
import { isWithin, tasksOf } from './tasks.ts';

/** Finds the member, makes it when it joins, or says why the heartbeat may not speak for it. */
export function memberOf(
  { config }: StreamsContext,
  group: StreamsGroup,
  request: StreamsGroupHeartbeatRequest,
): StreamsMember | Refusal {
  const { memberId, memberEpoch } = request;
  const { maxSize } = config.streams;
  const known = group.members.get(memberId);
  if (memberEpoch === JOINING) {
    if (!known && group.members.size >= maxSize)
      return refused(
        'GROUP_MAX_SIZE_REACHED',
        `The streams group has reached its maximum capacity of ${maxSize} members.`,
      );
    return known ?? newMember(memberId);
  }
  if (!known)
    return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${group.groupId}.`);
  return refusesEpoch(known, request) ?? known;
}

/** The member with what the request says that is not null, which is what changed. */
export function withNews(
  member: StreamsMember,
  { client, request }: { readonly client: ClientContext; readonly request: StreamsGroupHeartbeatRequest },
): StreamsMember {
  const { rebalanceTimeoutMs, clientTags } = request;
  return {
    ...member,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topologyEpoch: request.topology?.epoch ?? member.topologyEpoch,
    processId: request.processId ?? member.processId,
    userEndpoint: request.userEndpoint ?? member.userEndpoint,
    clientTags: clientTags ? sortedTags(clientTags) : member.clientTags,
    clientId: client.clientId ?? '',
    // As Java spells an address.
    clientHost: `/${client.clientHost}`,
  };
}

function sortedTags(tags: StreamsMember['clientTags']): StreamsMember['clientTags'] {
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  return [...values].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => ({ key, value }));
}

/**
 * A member that has not heard of its newest epoch may come with the one before, if it owns nothing that is
 * not its.
 */
function refusesEpoch(
  member: StreamsMember,
  { memberEpoch, activeTasks, standbyTasks, warmupTasks }: StreamsGroupHeartbeatRequest,
): Refusal | null {
  if (memberEpoch === member.memberEpoch) return null;
  const fenced = (than: string) =>
    refused(
      'FENCED_MEMBER_EPOCH',
      `The streams group member has a ${than} member epoch (${memberEpoch}) than the one known by the group coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
    );
  if (memberEpoch > member.memberEpoch) return fenced('greater');
  const isLate =
    memberEpoch === member.previousMemberEpoch &&
    activeTasks !== null &&
    standbyTasks !== null &&
    warmupTasks !== null &&
    isWithin(tasksOf(activeTasks), member.assigned.active) &&
    isWithin(tasksOf(standbyTasks), member.assigned.standby) &&
    isWithin(tasksOf(warmupTasks), member.assigned.warmup);
  return isLate ? null : fenced('smaller');
}
