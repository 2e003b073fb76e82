import type { StreamsGroupHeartbeatRequest } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import { groupTopology } from './group-records.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { ConfiguredTopology } from './topology/configured-topology.ts';
import { sameTopology, Topology } from './topology/topology.ts';

/**
 * The group's topology: the one that its first member brings. One with the same epoch or a later one must be
 * the same; Kafka cannot change it either.
 */
export function topologyOf(
  group: StreamsGroup,
  requested: StreamsGroupHeartbeatRequest['topology'],
  draft: Draft<GroupRecord>,
): Topology | Refusal {
  const known = group.topology;
  if (requested === null)
    return known ?? refused('STREAMS_INVALID_TOPOLOGY', `Group ${group.groupId} has no topology.`);
  const topology = new Topology(requested);
  if (!known) {
    draft.append(groupTopology(group.groupId, requested));
    return topology;
  }
  if (known.epoch > topology.epoch || sameTopology(known, topology)) return known;
  return refused('INVALID_REQUEST', 'Topology updates are not supported yet.');
}

/** Whether a member says that it has tasks which there are not; null when not. */
export function refusesTasks(
  { subtopologies, problem }: ConfiguredTopology,
  { activeTasks, standbyTasks, warmupTasks }: StreamsGroupHeartbeatRequest,
): Refusal | null {
  if (problem !== null) return null;
  for (const { subtopologyId, partitions } of [
    activeTasks ?? [],
    standbyTasks ?? [],
    warmupTasks ?? [],
  ].flat()) {
    const subtopology = subtopologies.get(subtopologyId);
    if (!subtopology)
      return refused('INVALID_REQUEST', `Subtopology ${subtopologyId} does not exist in the topology.`);
    const { taskCount } = subtopology;
    for (const partition of partitions)
      if (partition < 0 || partition >= taskCount)
        return refused(
          'INVALID_REQUEST',
          `Task ${partition} for subtopology ${subtopologyId} is invalid. Number of tasks for this subtopology: ${taskCount}`,
        );
  }
  return null;
}
