import type { Uuid } from '../../../../base/brand.ts';
import type { Assignment } from '../assignment.ts';
import type { AssignableMember, PartitionCount } from './assignable-member.ts';

/**
 * Gives each member a range of each topic's partitions, the same member the same place in every topic, so
 * that topics with as many partitions are joined by the same member. Static members come first, by their
 * instance ids.
 */
export function assignRanges(
  members: readonly AssignableMember[],
  partitionCount: PartitionCount,
): ReadonlyMap<string, Assignment> {
  const sorted = [...members].sort(inOrder);
  const assignments = new Map(sorted.map(({ memberId }) => [memberId, new Map<Uuid, ReadonlySet<number>>()]));
  const subscribers = new Map<Uuid, string[]>();
  for (const { memberId, topicIds } of sorted) {
    for (const topicId of topicIds) {
      const known = subscribers.get(topicId);
      if (known) known.push(memberId);
      else subscribers.set(topicId, [memberId]);
    }
  }
  for (const [topicId, memberIds] of subscribers) {
    const partitions = partitionCount(topicId);
    const each = Math.floor(partitions / memberIds.length);
    let extra = partitions % memberIds.length;
    let start = 0;
    for (const memberId of memberIds) {
      const end = start + each + (extra-- > 0 ? 1 : 0);
      if (end > start) assignments.get(memberId)?.set(topicId, range(start, end));
      start = end;
    }
  }
  return assignments;
}

function range(start: number, end: number): ReadonlySet<number> {
  return new Set(Array.from({ length: end - start }, (_, i) => start + i));
}

function inOrder(one: AssignableMember, other: AssignableMember): number {
  const [a, b] = [one.instanceId, other.instanceId];
  if (a !== null && b !== null) return a < b ? -1 : 1;
  if (a !== null) return -1;
  if (b !== null) return 1;
  return one.memberId < other.memberId ? -1 : 1;
}
