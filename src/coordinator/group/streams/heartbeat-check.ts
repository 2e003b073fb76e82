import type { StreamsGroupHeartbeatRequest } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import { JOINING, LEAVING_FOR_A_WHILE } from '../epoch-member.ts';
import { checkTopology } from './topology/topology-check.ts';

/**
 * What is wrong with a heartbeat whatever the group, or what Kafka does not offer yet; null when nothing is.
 */
export function checkHeartbeat(request: StreamsGroupHeartbeatRequest): Refusal | null {
  return notOffered(request) ?? malformed(request) ?? checkTopology(request.topology);
}

function notOffered(request: StreamsGroupHeartbeatRequest): Refusal | null {
  if (request.instanceId !== null) return invalid('Static membership is not yet supported.');
  if (request.taskOffsets !== null) return invalid('TaskOffsets are not supported yet.');
  if (request.taskEndOffsets !== null) return invalid('TaskEndOffsets are not supported yet.');
  if (request.warmupTasks !== null && request.warmupTasks.length > 0)
    return invalid('WarmupTasks are not supported yet.');
  if (request.topology?.subtopologies.some(({ sourceTopicRegex }) => sourceTopicRegex.length > 0))
    return invalid('Regular expressions for source topics are not supported yet.');
  return null;
}

function malformed(request: StreamsGroupHeartbeatRequest): Refusal | null {
  const { memberEpoch, activeTasks, standbyTasks, warmupTasks, topology } = request;
  if (request.memberId.trim() === '') return invalid("MemberId can't be empty.");
  if (request.groupId.trim() === '') return invalid("GroupId can't be empty.");
  if (request.rackId?.trim() === '') return invalid("RackId can't be empty.");
  const tasks = [activeTasks, standbyTasks, warmupTasks];
  if (memberEpoch === JOINING) {
    if (request.rebalanceTimeoutMs === -1)
      return invalid('RebalanceTimeoutMs must be provided in first request.');
    for (const [i, name] of ['ActiveTasks', 'StandbyTasks', 'WarmupTasks'].entries())
      if (tasks[i]?.length !== 0) return invalid(`${name} must be empty when (re-)joining.`);
    if (topology === null) return invalid('Topology must be non-null when (re-)joining.');
    return null;
  }
  // Nobody has an instance id.
  if (memberEpoch === LEAVING_FOR_A_WHILE) return invalid("InstanceId can't be null.");
  if (memberEpoch < LEAVING_FOR_A_WHILE)
    return invalid(`MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`);
  if (tasks.some((list) => list !== null) && tasks.some((list) => list === null))
    return invalid('If one task-type is non-null, all must be non-null.');
  return topology === null ? null : invalid('Topology can only be provided when (re-)joining.');
}

function invalid(message: string): Refusal {
  return refused('INVALID_REQUEST', message);
}
