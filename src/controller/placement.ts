import type { BrokerId } from '../base/brand.ts';
import { below, type Random } from '../base/random.ts';

export interface UsableBroker {
  readonly id: BrokerId;
  readonly rack: string | null;
  readonly fenced: boolean;
}

export type Placement =
  | { readonly replicas: readonly (readonly BrokerId[])[] }
  | { readonly error: 'INVALID_REPLICATION_FACTOR'; readonly message: string };

/**
 * Where the replicas of new partitions go, striped as Kafka does it: the replicas of a partition lie in as
 * many racks as there are; within a rack they go round its brokers; each next partition begins one rack and
 * one broker further, so that leaders and replicas are even. A broker that is fenced is taken only when its
 * rack has no other left, and never first: the first replica is to lead.
 */
export function placeReplicas(
  brokers: readonly UsableBroker[],
  wanted: { readonly partitions: number; readonly replicationFactor: number },
  random: Random,
): Placement {
  const { partitions, replicationFactor } = wanted;
  if (replicationFactor <= 0)
    return refused(
      `Invalid replication factor ${replicationFactor}: the replication factor must be positive.`,
    );
  if (!brokers.some((broker) => !broker.fenced)) return refused('All brokers are currently fenced.');
  if (replicationFactor > brokers.length)
    return refused(
      `The target replication factor of ${replicationFactor} cannot be reached because only ${brokers.length} broker(s) are registered or some brokers have all their log directories cordoned.`,
    );
  const stripes = new Stripes(brokers, random);
  return { replicas: Array.from({ length: partitions }, () => stripes.next(replicationFactor)) };
}

function refused(message: string): Placement {
  return { error: 'INVALID_REPLICATION_FACTOR', message };
}

/** The racks in their order and how far the striping has come. */
class Stripes {
  #racks: Rack[];
  readonly #random: Random;
  readonly #unfenced: number;
  #firstRack: number;
  /** How many partitions were placed since the order was last shuffled. */
  #placed = 0;

  constructor(brokers: readonly UsableBroker[], random: Random) {
    this.#random = random;
    this.#unfenced = brokers.filter((broker) => !broker.fenced).length;
    // Brokers without a rack share one, which comes first.
    const names = [...new Set(brokers.map((broker) => broker.rack ?? ''))].sort();
    this.#racks = names.map(
      (name) =>
        new Rack(
          brokers.filter((broker) => (broker.rack ?? '') === name),
          random,
        ),
    );
    this.#firstRack = below(random, this.#racks.length);
  }

  next(replicationFactor: number): BrokerId[] {
    // After one round the same assignments would come again; a new order spreads the pairs of brokers.
    if (this.#placed === this.#unfenced && this.#unfenced > 1) this.#shuffle();
    for (const rack of this.#racks) rack.beginPartition();
    const order = [...this.#racks.slice(this.#firstRack), ...this.#racks.slice(0, this.#firstRack)];
    const leading = order.findIndex((rack) => rack.hasUnfenced);
    const replicas: BrokerId[] = [];
    const take = (broker: BrokerId | undefined): void => {
      if (broker !== undefined) replicas.push(broker);
    };
    take(order[leading]?.nextUnfenced());
    for (let round = 0; replicas.length < replicationFactor; round++) {
      for (const [index, rack] of order.entries()) {
        // The rack of the leader has given its broker of the first round already.
        if (round === 0 && index === leading) continue;
        if (replicas.length < replicationFactor) take(rack.next());
      }
    }
    this.#placed += 1;
    this.#firstRack = (this.#firstRack + 1) % this.#racks.length;
    return replicas;
  }

  #shuffle(): void {
    this.#racks = shuffled(this.#racks, this.#random);
    for (const rack of this.#racks) rack.shuffle();
    this.#placed = 0;
  }
}

/** The brokers of one rack; each partition begins one broker further than the one before. */
class Rack {
  #unfenced: BrokerId[];
  #fenced: BrokerId[];
  readonly #random: Random;
  #start: number;
  #taken = 0;

  constructor(brokers: readonly UsableBroker[], random: Random) {
    const ids = (fenced: boolean): BrokerId[] =>
      brokers
        .filter((broker) => broker.fenced === fenced)
        .map((broker) => broker.id)
        .sort((a, b) => a - b);
    this.#random = random;
    this.#unfenced = ids(false);
    this.#fenced = ids(true);
    this.#start = below(random, brokers.length);
  }

  get hasUnfenced(): boolean {
    return this.#unfenced.length > 0;
  }

  beginPartition(): void {
    this.#taken = 0;
    this.#start += 1;
  }

  nextUnfenced(): BrokerId | undefined {
    return this.#taken < this.#unfenced.length ? this.next() : undefined;
  }

  /** Undefined when the partition has a replica on each of its brokers. */
  next(): BrokerId | undefined {
    const index = this.#taken++;
    const { length } = this.#unfenced;
    if (index < length) return this.#unfenced[(this.#start + index) % length];
    if (index - length >= this.#fenced.length) return undefined;
    return this.#fenced[(this.#start + index - length) % this.#fenced.length];
  }

  shuffle(): void {
    this.#unfenced = shuffled(this.#unfenced, this.#random);
    this.#fenced = shuffled(this.#fenced, this.#random);
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, key: random.uint32() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
