import type { Assignment } from './assignment.ts';
import type { Band } from './band.ts';
import { level, type Way } from './level.ts';

/** Makes the number of replicas per broker even. */
export function levelReplicas(assignment: Assignment, band: Band): void {
  const { holdings } = assignment;
  const isFree = (partition: number, way: Way) => copies(assignment, partition, way) <= 0;
  // Between zones only partitions can go that are not in all of them, so topics would give unequal shares.
  const inZone = (_: number, { source, target }: Way) =>
    assignment.zoneOf[source] === assignment.zoneOf[target] &&
    holdings.load(source) > band.hi &&
    holdings.load(target) < band.lo;
  level(
    {
      brokers: assignment.accepting,
      holdings,
      fits: (partition, way) => assignment.fits(partition, way),
      move: (partition, way) => assignment.move(partition, way),
      cheaper: (one, other, way) => compareReplicas(assignment, one, other, way) < 0,
      preferred: [isFree, inZone],
    },
    band,
  );
}

/** Within a topic first what moves anyway, then the smallest partition. */
function compareReplicas(assignment: Assignment, one: number, other: number, way: Way): number {
  return (
    copies(assignment, one, way) - copies(assignment, other, way) ||
    assignment.sizeInBytes(one) - assignment.sizeInBytes(other) ||
    one - other
  );
}

/** How many copies more the plan makes by this step. */
function copies(assignment: Assignment, partition: number, { source, target }: Way): number {
  const before = assignment.before(partition);
  return (before.includes(source) ? 1 : 0) - (before.includes(target) ? 1 : 0);
}
