import { assert } from '../../base/assert.ts';
import { evenBand } from './band.ts';
import { Holdings } from './holdings.ts';
import { type Levelled, level, type Way } from './level.ts';
import type { PlannedReplicas } from './planned-replicas.ts';

/**
 * Which replica of each partition comes first and so is its preferred leader. Another order costs no copying,
 * so leaders become even after the replicas have their places.
 */
export class Leaderships {
  readonly #assignment: PlannedReplicas;
  readonly #leader: number[] = [];
  readonly #holdings: Holdings;
  /** Which partition comes back when one goes this way, or that none can; until something moves. */
  readonly #returns = new Map<string, number | null>();

  constructor(assignment: PlannedReplicas) {
    this.#assignment = assignment;
    this.#holdings = new Holdings(assignment.ids.length, assignment.topicOf);
    const bereft: number[] = [];
    for (const partition of assignment.partitions.keys()) {
      const [first] = assignment.before(partition);
      if (first !== undefined && assignment.replicas(partition).includes(first)) this.#lead(partition, first);
      else bereft.push(partition);
    }
    const byLoad = (a: number, b: number) => this.#holdings.load(a) - this.#holdings.load(b);
    for (const partition of bereft) {
      const [least] = [...assignment.replicas(partition)].sort(byLoad);
      if (least !== undefined) this.#lead(partition, least);
    }
  }

  /** The replicas of a partition, the preferred leader first. */
  order(partition: number): number[] {
    const leader = this.#leader[partition];
    if (leader === undefined) return [];
    return [leader, ...this.#assignment.replicas(partition).filter((broker) => broker !== leader)];
  }

  /** Makes preferred leaders even: by order where that does it, else by replicas that change places. */
  level(): void {
    const brokers = this.#assignment.accepting;
    const band = evenBand(this.#assignment.partitions.length, brokers.length);
    const byOrder: Levelled = {
      brokers,
      holdings: this.#holdings,
      fits: (partition, { target }) => this.#assignment.replicas(partition).includes(target),
      move: (partition, { target }) => this.#lead(partition, target),
      preferred: [(partition) => this.#stays(partition) === 0],
    };
    level(byOrder, band);
    // Partitions with one replica lead where they lie, so order alone is not always enough.
    level(
      {
        ...byOrder,
        fits: (partition, way) => byOrder.fits(partition, way) || this.#canChangePlaces(partition, way),
        move: (partition, way) => {
          if (!byOrder.fits(partition, way)) this.#changePlaces(partition, way);
          else this.#lead(partition, way.target);
        },
        preferred: [byOrder.fits],
      },
      band,
    );
  }

  /** 0 when the partition's replicas change anyway, so that another leader is no trouble of its own. */
  #stays(partition: number): 0 | 1 {
    const replicas = this.#assignment.replicas(partition);
    return this.#assignment.before(partition).some((broker) => !replicas.includes(broker)) ? 0 : 1;
  }

  #canChangePlaces(partition: number, way: Way): boolean {
    return this.#assignment.fits(partition, way) && (this.#mayGoAlone(way) || this.#returning(way) !== null);
  }

  /**
   * The partition goes with its leadership, and one that does not lead comes back for it: replicas stay even.
   */
  #changePlaces(partition: number, way: Way): void {
    const returning = this.#mayGoAlone(way) ? null : this.#returning(way);
    this.#assignment.move(partition, way);
    this.#lead(partition, way.target);
    if (returning !== null) this.#assignment.move(returning, { source: way.target, target: way.source });
    this.#returns.clear();
  }

  /** The two brokers only exchange their numbers of replicas, or come closer. */
  #mayGoAlone({ source, target }: Way): boolean {
    return this.#assignment.holdings.load(source) > this.#assignment.holdings.load(target);
  }

  #returning({ source, target }: Way): number | null {
    const key = `${source}-${target}`;
    const known = this.#returns.get(key);
    if (known !== undefined) return known;
    let smallest: number | null = null;
    for (const one of this.#assignment.holdings.partitions(target)) {
      if (this.#leader[one] === target) continue;
      if (!this.#assignment.fits(one, { source: target, target: source })) continue;
      const isSmaller =
        smallest === null || this.#assignment.sizeInBytes(one) < this.#assignment.sizeInBytes(smallest);
      if (isSmaller) smallest = one;
    }
    this.#returns.set(key, smallest);
    return smallest;
  }

  #lead(partition: number, broker: number): void {
    assert(this.#assignment.replicas(partition).includes(broker), 'a leader is a replica');
    const last = this.#leader[partition];
    if (last !== undefined) this.#holdings.remove(last, partition);
    this.#leader[partition] = broker;
    this.#holdings.add(broker, partition);
    this.#returns.clear();
  }
}
