import { assert } from '../../base/assert.ts';
import type { Assignment } from './assignment.ts';
import { type Band, evenBand } from './band.ts';
import { level, type Way } from './level.ts';

/**
 * Which replica of each partition comes first and so is its preferred leader. Another order costs no copying, so
 * leaders become even after the replicas have their places.
 */
export class Leaderships {
  readonly #assignment: Assignment;
  readonly #leader: number[] = [];
  readonly #led: readonly Set<number>[];
  readonly #byTopic: Int32Array;

  constructor(assignment: Assignment) {
    this.#assignment = assignment;
    this.#led = assignment.ids.map(() => new Set());
    this.#byTopic = new Int32Array(assignment.topics * assignment.ids.length);
    const bereft: number[] = [];
    for (const partition of assignment.partitions.keys()) {
      const [first] = assignment.before(partition);
      if (first !== undefined && assignment.replicas(partition).includes(first)) this.#lead(partition, first);
      else bereft.push(partition);
    }
    for (const partition of bereft) {
      const [least] = [...assignment.replicas(partition)].sort((a, b) => this.#load(a) - this.#load(b));
      if (least !== undefined) this.#lead(partition, least);
    }
  }

  /** The replicas of a partition, the preferred leader first. */
  order(partition: number): number[] {
    const replicas = this.#assignment.replicas(partition);
    const leader = this.#leader[partition];
    return replicas.length === 0 || leader === undefined
      ? []
      : [leader, ...replicas.filter((broker) => broker !== leader)];
  }

  level(): void {
    const brokers = this.#assignment.accepting;
    const band = evenBand(this.#assignment.partitions.length, brokers.length);
    level(
      {
        brokers,
        load: (broker) => this.#load(broker),
        items: (broker) => this.#ledBy(broker),
        fits: (partition, source, target) =>
          this.#leader[partition] === source && this.#assignment.replicas(partition).includes(target),
        move: (partition, { target }) => this.#lead(partition, target),
        compare: (one, other, way) => this.#compare(one, other, way),
      },
      band,
    );
    this.#exchange(band);
  }

  /** Partitions that change anyway first; then the topic whose leaders are most uneven between the two. */
  #compare(one: number, other: number, way: Way): number {
    return (
      this.#stays(one) - this.#stays(other) ||
      this.#unevenness(other, way) - this.#unevenness(one, way) ||
      one - other
    );
  }

  #stays(partition: number): number {
    const replicas = this.#assignment.replicas(partition);
    const changes = this.#assignment.before(partition).some((broker) => !replicas.includes(broker));
    return changes ? 0 : 1;
  }

  /**
   * Where no order makes leaders even (partitions with one replica lead where they lie), a partition changes places
   * with one that does not lead: the replicas stay as even as they are.
   */
  #exchange(band: Band): void {
    const brokers = this.#assignment.accepting;
    for (;;) {
      const sources = [...brokers].sort((a, b) => this.#load(b) - this.#load(a));
      const targets = [...sources].reverse();
      const exchanged = sources.some((source) =>
        targets.some((target) => {
          const [high, low] = [this.#load(source), this.#load(target)];
          return high - low >= 2 && (high > band.hi || low < band.lo) && this.#swap({ source, target });
        }),
      );
      if (!exchanged) return;
    }
  }

  #swap({ source, target }: Way): boolean {
    const assignment = this.#assignment;
    const smallest = (partitions: Iterable<number>, fits: (partition: number) => boolean) =>
      [...partitions]
        .filter(fits)
        .sort((a, b) => assignment.sizeInBytes(a) - assignment.sizeInBytes(b) || a - b)[0];
    const leading = smallest(this.#ledBy(source), (one) => assignment.fits(one, source, target));
    const following = smallest(
      assignment.held(target),
      (one) => this.#leader[one] !== target && assignment.fits(one, target, source),
    );
    if (leading === undefined || following === undefined) return false;
    assignment.move(leading, { source, target });
    assignment.move(following, { source: target, target: source });
    this.#lead(leading, target);
    return true;
  }

  #load(broker: number): number {
    return this.#ledBy(broker).size;
  }

  #ledBy(broker: number): ReadonlySet<number> {
    return this.#led[broker] ?? new Set();
  }

  #unevenness(partition: number, { source, target }: Way): number {
    const row = this.#assignment.topic(partition) * this.#assignment.ids.length;
    return (this.#byTopic[row + source] ?? 0) - (this.#byTopic[row + target] ?? 0);
  }

  #lead(partition: number, broker: number): void {
    assert(this.#assignment.replicas(partition).includes(broker), 'a leader is a replica');
    const row = this.#assignment.topic(partition) * this.#assignment.ids.length;
    const last = this.#leader[partition];
    if (last !== undefined) {
      this.#led[last]?.delete(partition);
      this.#byTopic[row + last] = (this.#byTopic[row + last] ?? 0) - 1;
    }
    this.#leader[partition] = broker;
    this.#led[broker]?.add(partition);
    this.#byTopic[row + broker] = (this.#byTopic[row + broker] ?? 0) + 1;
  }
}
