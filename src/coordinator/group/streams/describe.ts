import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { StreamsGroupDescribeResponse } from '../../../protocol/messages/89-streams-group-describe.ts';
import type { StreamsMember } from './member.ts';
import type { StreamsGroup } from './streams-group.ts';
import { type HeldAssignment, type TaskAssignment, taskIdsOf } from './tasks.ts';
import type { ConfiguredTopology } from './topology/configured-topology.ts';
import type { Topology } from './topology/topology.ts';

export type DescribedStreamsGroup = StreamsGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedStreamsGroup['members'][number];
type DescribedTopology = NonNullable<DescribedStreamsGroup['topology']>;

/**
 * A streams group as tools see it. Where all topics are as they must be, the topology has their numbers of
 * partitions.
 */
export function describeStreamsGroup(
  group: StreamsGroup,
  configured: ConfiguredTopology | null,
): DescribedStreamsGroup {
  return {
    errorCode: 0,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    topology:
      configured?.problem === null
        ? { epoch: configured.epoch, subtopologies: [...configured.subtopologies.values()] }
        : asBrought(group.topology),
    members: [...group.members.values()].map((member) =>
      describeMember(member, group.targetOf(member.memberId)),
    ),
  };
}

export function undescribedStreamsGroup(
  groupId: string,
  error: ErrorName,
  message: string | null = null,
): DescribedStreamsGroup {
  return {
    errorCode: errorCode(error),
    errorMessage: message,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    members: [],
  };
}

function asBrought(topology: Topology | null): DescribedTopology | null {
  if (!topology) return null;
  return {
    epoch: topology.epoch,
    subtopologies: topology.subtopologies.map((subtopology) => ({
      subtopologyId: subtopology.subtopologyId,
      sourceTopics: [...subtopology.sourceTopics].sort(),
      repartitionSinkTopics: [...subtopology.repartitionSinkTopics].sort(),
      stateChangelogTopics: [...subtopology.stateChangelogTopics].sort(byName),
      repartitionSourceTopics: [...subtopology.repartitionSourceTopics].sort(byName),
    })),
  };
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function describeMember(member: StreamsMember, target: TaskAssignment): DescribedMember {
  return {
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    topologyEpoch: member.topologyEpoch,
    processId: member.processId,
    userEndpoint: member.userEndpoint,
    clientTags: member.clientTags,
    taskOffsets: [],
    taskEndOffsets: [],
    assignment: listed(member.assigned),
    targetAssignment: listed(target),
    isClassic: false,
  };
}

function listed({ active, standby, warmup }: TaskAssignment | HeldAssignment): DescribedMember['assignment'] {
  return {
    activeTasks: taskIdsOf(active),
    standbyTasks: taskIdsOf(standby),
    warmupTasks: taskIdsOf(warmup),
  };
}
