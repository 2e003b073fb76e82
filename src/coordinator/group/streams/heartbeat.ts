import { errorCode } from '../../../protocol/errors.ts';
import type { StreamsGroupHeartbeatRequest } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import type { Refusal } from '../../../protocol/refusal.ts';
import type { Draft } from '../../decision.ts';
import type { ClientContext } from '../client-context.ts';
import { JOINING } from '../epoch-member.ts';
import type { GroupRecord } from '../records.ts';
import { type HeartbeatResult, type HeartbeatStatus, heartbeatError, status } from './answers.ts';
import type { StreamsContext } from './context.ts';
import { endpointPartitions } from './endpoints.ts';
import { topologyOf } from './group-topology.ts';
import { memberOf, withNews } from './heartbeat-member.ts';
import { type StreamsMember, sameMetadata } from './member.ts';
import { memberMetadata } from './member-records.ts';
import { ownedTasks, takeStep } from './next-step.ts';
import type { StreamsGroup } from './streams-group.ts';
import { sameAssignments, taskIdsOf } from './tasks.ts';
import type { ConfiguredTopology } from './topology/configured-topology.ts';

/** One heartbeat of a member: it joins or tells what is new, and takes the next step to its target. */
export function heartbeat(
  context: StreamsContext,
  group: StreamsGroup,
  how: { readonly client: ClientContext; readonly request: StreamsGroupHeartbeatRequest },
  draft: Draft<GroupRecord>,
): HeartbeatResult | Refusal {
  const { request } = how;
  const { groupId } = group;
  const member = memberOf(context, group, request);
  if ('error' in member) return member;
  if (request.memberEpoch === JOINING)
    context.world.log.info('member joins streams group', { group: groupId, member: member.memberId });
  const updated = withNews(member, how);
  const memberChanged = !sameMetadata(member, updated);
  if (memberChanged) draft.append(memberMetadata(groupId, updated));
  const topology = topologyOf(group, request.topology, draft);
  if ('error' in topology) return topology;
  const step = takeStep(context, group, { updated, memberChanged, topology, request }, draft);
  if ('error' in step) return step;
  const { next, configured, delayed } = step;
  if (request.shutdownApplication) group.requestShutdown(member.memberId);
  const isNew = request.memberEpoch === JOINING || !sameAssignments(member.assigned, next.assigned);
  if (isNew && next.userEndpoint !== null) group.endpointEpoch += 1;
  // One that says it has others may not have got the answer that told it; Kafka's coordinator leaves it with
  // those.
  const owned = ownedTasks(request);
  const told = isNew || (owned !== null && !sameAssignments(owned, next.assigned));
  return {
    response: {
      errorCode: errorCode('NONE'),
      memberId: next.memberId,
      memberEpoch: next.memberEpoch,
      heartbeatIntervalMs: context.config.streams.of(groupId).heartbeatIntervalMs,
      taskOffsetIntervalMs: 0,
      status: statuses(group, next, { epoch: topology.epoch, delayed, configured }),
      ...(told && {
        activeTasks: taskIdsOf(next.assigned.active),
        standbyTasks: taskIdsOf(next.assigned.standby),
        warmupTasks: taskIdsOf(next.assigned.warmup),
      }),
      ...(group.endpointEpoch !== request.endpointInformationEpoch && {
        partitionsByUserEndpoint: endpointPartitions(
          [...others(group, next), next],
          configured,
          context.image().topics,
        ),
      }),
      // A group that this heartbeat makes has forgotten the number by the next one.
      endpointInformationEpoch: context.groups.streams(groupId) ? group.endpointEpoch : 0,
    },
    missing: configured.missing,
  };
}

/** A heartbeat that leaves. The next heartbeat of another member makes targets without this one. */
export function left({ memberId, memberEpoch }: StreamsGroupHeartbeatRequest): HeartbeatResult {
  return { response: { ...heartbeatError('NONE', null), memberId, memberEpoch }, missing: [] };
}

function statuses(
  group: StreamsGroup,
  member: StreamsMember,
  of: {
    readonly epoch: number;
    readonly delayed: string | null;
    readonly configured: ConfiguredTopology;
  },
): HeartbeatStatus[] {
  const all: HeartbeatStatus[] = [];
  if (member.topologyEpoch < of.epoch)
    all.push(
      status(
        'STALE_TOPOLOGY',
        `The member's topology epoch ${member.topologyEpoch} is behind the group's topology epoch ${of.epoch}.`,
      ),
    );
  if (of.delayed !== null) all.push(status('ASSIGNMENT_DELAYED', of.delayed));
  const { problem } = of.configured;
  if (problem) all.push(status(problem.status, problem.detail));
  const requester = group.shutdownRequestedBy;
  if (requester !== null)
    all.push(
      status(
        'SHUTDOWN_APPLICATION',
        `Streams group member ${requester} encountered a fatal error and requested a shutdown for the entire application.`,
      ),
    );
  return all;
}

function* others(group: StreamsGroup, { memberId }: StreamsMember): IterableIterator<StreamsMember> {
  for (const member of group.members.values()) if (member.memberId !== memberId) yield member;
}
