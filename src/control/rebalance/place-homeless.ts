import { assert } from '../../base/assert.ts';
import type { Assignment } from './assignment.ts';
import type { Band } from './band.ts';

/**
 * Gives every replica that cannot stay where it is a broker: those on brokers that do not accept, and those that share
 * a zone while another zone has fewer. What can stay, stays.
 */
export function placeHomeless(assignment: Assignment, band: Band): void {
  for (const partition of assignment.partitions.keys()) {
    for (const source of [...assignment.replicas(partition)]) {
      if (assignment.accepts(source)) continue;
      assignment.move(partition, { source, target: roomFor(assignment, partition, band) });
    }
    spreadOverZones(assignment, partition, band);
  }
}

function spreadOverZones(assignment: Assignment, partition: number, band: Band): void {
  for (;;) {
    const target = roomFor(assignment, partition, band, false);
    if (target === null) return;
    const low = assignment.inZone(partition, assignment.zoneOf[target] ?? -1);
    // The last in the order goes first: the preferred leader should be the last to move.
    const crowded = assignment
      .replicas(partition)
      .map((broker) => ({ broker, count: assignment.inZone(partition, assignment.zoneOf[broker] ?? -1) }))
      .filter(({ count }) => count >= low + 2)
      .reduceRight<{ broker: number; count: number } | null>(
        (most, one) =>
          most === null ||
          one.count > most.count ||
          (one.count === most.count && assignment.load(one.broker) > assignment.load(most.broker))
            ? one
            : most,
        null,
      );
    if (crowded === null) return;
    assignment.move(partition, { source: crowded.broker, target });
  }
}

function roomFor(assignment: Assignment, partition: number, band: Band): number;
function roomFor(assignment: Assignment, partition: number, band: Band, needed: false): number | null;
/**
 * A broker in the zone that has least of the partition; of those one that is not full yet, has least of the topic, has
 * least at all. Null when all brokers have the partition.
 */
function roomFor(assignment: Assignment, partition: number, band: Band, needed = true): number | null {
  const replicas = assignment.replicas(partition);
  let found: { broker: number; rank: readonly number[] } | null = null;
  for (const broker of assignment.accepting) {
    if (replicas.includes(broker)) continue;
    const load = assignment.load(broker);
    const rank = [
      assignment.inZone(partition, assignment.zoneOf[broker] ?? -1),
      load < band.hi ? 0 : 1,
      assignment.loadOfTopic(partition, broker),
      load,
    ];
    if (found === null || before(rank, found.rank)) found = { broker, rank };
  }
  assert(found !== null || !needed, 'there are as many brokers as replicas');
  return found?.broker ?? null;
}

function before(one: readonly number[], other: readonly number[]): boolean {
  const place = one.findIndex((value, index) => value !== other[index]);
  return place >= 0 && (one[place] ?? 0) < (other[place] ?? 0);
}
