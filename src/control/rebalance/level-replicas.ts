import type { Assignment } from './assignment.ts';
import type { Band } from './band.ts';
import { level, type Way } from './level.ts';

/** Makes the number of replicas per broker even. */
export function levelReplicas(assignment: Assignment, band: Band): void {
  level(
    {
      brokers: assignment.accepting,
      load: (broker) => assignment.load(broker),
      items: (broker) => assignment.held(broker),
      fits: (partition, source, target) => assignment.fits(partition, source, target),
      move: (partition, way) => assignment.move(partition, way),
      compare: (one, other, way) => compareReplicas(assignment, one, other, way),
    },
    band,
  );
}

/**
 * First what costs no copying (it moves anyway), then the topic that is most uneven between the two brokers, so that
 * each topic gives its share; within a topic the smallest partition.
 */
function compareReplicas(assignment: Assignment, one: number, other: number, way: Way): number {
  return (
    copies(assignment, one, way) - copies(assignment, other, way) ||
    unevenness(assignment, other, way) - unevenness(assignment, one, way) ||
    assignment.sizeInBytes(one) - assignment.sizeInBytes(other) ||
    one - other
  );
}

/** How many copies more the plan makes by this step. */
function copies(assignment: Assignment, partition: number, { source, target }: Way): number {
  const before = assignment.before(partition);
  return (before.includes(source) ? 1 : 0) - (before.includes(target) ? 1 : 0);
}

function unevenness(assignment: Assignment, partition: number, { source, target }: Way): number {
  return assignment.loadOfTopic(partition, source) - assignment.loadOfTopic(partition, target);
}
