import type { Uuid } from '../../../../base/brand.ts';
import type { Assignment } from '../assignment.ts';
import type { AssignableMember, PartitionCount } from './assignable-member.ts';
import { Loads } from './loads.ts';

/**
 * Gives all members as many partitions as possible the same number, and moves as few as that allows: a member
 * keeps what it had, then the partitions that nobody has go to those that have least, then who has most gives
 * to who has least among the subscribers of the same topic. Where all subscribe to the same topics, numbers
 * differ by one at most.
 */
export function assignUniformly(
  members: readonly AssignableMember[],
  partitionCount: PartitionCount,
): ReadonlyMap<string, Assignment> {
  const loads = new Loads(members);
  const topicIds = [...new Set(members.flatMap((member) => [...member.topicIds]))].sort();
  const unassigned: { topicId: Uuid; partition: number }[] = [];
  for (const topicId of topicIds) {
    const partitions = partitionCount(topicId);
    const taken = new Set<number>();
    for (const { memberId, assignment, topicIds: subscribed } of loads.members) {
      if (!subscribed.has(topicId)) continue;
      // The highest numbers first: of what a member has too much, it gives away those.
      for (const partition of [...(assignment.get(topicId) ?? [])].sort((one, other) => other - one)) {
        if (partition >= partitions || taken.has(partition)) continue;
        taken.add(partition);
        loads.give(memberId, topicId, partition);
      }
    }
    for (let partition = 0; partition < partitions; partition++)
      if (!taken.has(partition)) unassigned.push({ topicId, partition });
  }
  for (const { topicId, partition } of unassigned) {
    const least = loads.least(topicId);
    if (least !== undefined) loads.give(least, topicId, partition);
  }
  loads.balance();
  return loads.assignments();
}
