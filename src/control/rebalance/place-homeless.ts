import { assert } from '../../base/assert.ts';
import type { Band } from './band.ts';
import type { PlannedReplicas } from './planned-replicas.ts';

/**
 * Gives every replica that cannot stay where it is a broker: those on brokers that do not accept, and those
 * that share a zone while another zone has fewer. What can stay, stays.
 */
export function placeHomeless(assignment: PlannedReplicas, band: Band): void {
  for (const partition of assignment.partitions.keys()) {
    for (const source of [...assignment.replicas(partition)]) {
      if (assignment.accepts(source)) continue;
      const target = roomFor(assignment, partition, band);
      assert(target !== null, 'there are as many brokers as replicas');
      assignment.move(partition, { source, target });
    }
    spreadOverZones(assignment, partition, band);
  }
}

function spreadOverZones(assignment: PlannedReplicas, partition: number, band: Band): void {
  for (;;) {
    const target = roomFor(assignment, partition, band);
    if (target === null) return;
    const least = assignment.inZoneOf(target, partition);
    // The last in the order goes first: the preferred leader should be the last to move.
    const source = assignment
      .replicas(partition)
      .filter((broker) => assignment.inZoneOf(broker, partition) >= least + 2)
      .reduceRight<number | null>(
        (fullest, broker) =>
          fullest === null || assignment.holdings.load(broker) > assignment.holdings.load(fullest)
            ? broker
            : fullest,
        null,
      );
    if (source === null) return;
    assignment.move(partition, { source, target });
  }
}

/**
 * A broker in the zone that has least of the partition; of those one that is not full yet, has least of the
 * topic, has least at all. Null when all brokers have the partition.
 */
function roomFor(assignment: PlannedReplicas, partition: number, band: Band): number | null {
  const { holdings } = assignment;
  const replicas = assignment.replicas(partition);
  let found: { broker: number; rank: readonly number[] } | null = null;
  for (const broker of assignment.accepting) {
    if (replicas.includes(broker)) continue;
    const load = holdings.load(broker);
    const rank = [
      assignment.inZoneOf(broker, partition),
      load < band.hi ? 0 : 1,
      holdings.loadOfTopic(broker, assignment.topic(partition)),
      load,
    ];
    if (found === null || isBefore(rank, found.rank)) found = { broker, rank };
  }
  return found?.broker ?? null;
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const place = one.findIndex((value, index) => value !== other[index]);
  return place >= 0 && (one[place] ?? 0) < (other[place] ?? 0);
}
