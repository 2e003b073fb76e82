import type { Band } from './band.ts';
import { level, type Way } from './level.ts';
import type { PlannedReplicas } from './planned-replicas.ts';

/** Makes the number of replicas per broker even. */
export function levelReplicas(assignment: PlannedReplicas, band: Band): void {
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
      preferred: [isFree, inZone],
    },
    band,
  );
}

/** How many copies more the plan makes by this step. */
function copies(assignment: PlannedReplicas, partition: number, { source, target }: Way): number {
  const before = assignment.before(partition);
  return (before.includes(source) ? 1 : 0) - (before.includes(target) ? 1 : 0);
}
