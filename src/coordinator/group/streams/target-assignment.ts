import type { GroupRecord } from '../records.ts';
import { assignSticky } from './assignors/sticky.ts';
import { assignmentEpoch } from './group-records.ts';
import type { StreamsMember } from './member.ts';
import { memberTarget } from './member-records.ts';
import type { StreamsGroup } from './streams-group.ts';
import { NO_TASKS, sameAssignments, type TaskAssignment } from './tasks.ts';
import type { ConfiguredTopology } from './topology/configured-topology.ts';

/**
 * The targets of a group for its next epoch: of those that changed, the records; and all of them, by member.
 * Nobody gets a task while topics are missing or do not go together.
 */
export function assignTargets(
  group: StreamsGroup,
  options: {
    /** The members of the group once this decision's records are replayed. */
    readonly members: readonly StreamsMember[];
    readonly topology: ConfiguredTopology;
    readonly standbyReplicas: number;
    readonly epoch: number;
    /** Milliseconds since 1970. */
    readonly now: number;
  },
): { readonly records: GroupRecord[]; readonly targets: ReadonlyMap<string, TaskAssignment> } {
  const { members, topology, standbyReplicas, epoch, now } = options;
  const targets =
    topology.problem === null
      ? assignSticky(
          members.map(({ memberId, processId }) => ({
            memberId,
            processId,
            assignment: group.targetOf(memberId),
          })),
          [...topology.subtopologies.values()].map(({ subtopologyId, taskCount, stateChangelogTopics }) => ({
            subtopologyId,
            taskCount,
            isStateful: stateChangelogTopics.length > 0,
          })),
          standbyReplicas,
        )
      : new Map<string, TaskAssignment>();
  const records = members.flatMap(({ memberId }) => {
    const target = targets.get(memberId) ?? NO_TASKS;
    if (group.hasTarget(memberId) && sameAssignments(target, group.targetOf(memberId))) return [];
    return [memberTarget(group.groupId, memberId, target)];
  });
  records.push(assignmentEpoch(group.groupId, epoch, now));
  return { records, targets };
}
