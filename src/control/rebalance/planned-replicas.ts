import { assert } from '../../base/assert.ts';
import { Holdings } from './holdings.ts';
import type { Way } from './level.ts';
import type { PlanBroker, PlanPartition } from './planned-cluster.ts';

/**
 * The replicas of all partitions while a plan is being made, with brokers, zones and topics numbered from 0,
 * so that counts are look-ups. A broker that a partition names and nobody listed is one that does not accept.
 */
export class PlannedReplicas {
  readonly partitions: readonly PlanPartition[];
  /** Broker ids by number, ascending. */
  readonly ids: readonly number[];
  /** Numbers of the brokers that accept. */
  readonly accepting: readonly number[];
  readonly zoneOf: readonly number[];
  readonly topicOf: readonly number[];
  /** The replicas on each broker, small ones first and then what came; changed only by `move`. */
  readonly holdings: Holdings;
  readonly #accepts: readonly boolean[];
  readonly #before: readonly (readonly number[])[];
  readonly #replicas: number[][];

  constructor(brokers: readonly PlanBroker[], partitions: readonly PlanPartition[]) {
    const listed = new Map(brokers.map((broker) => [broker.id, broker]));
    assert(listed.size === brokers.length, 'a broker is listed once');
    const named = partitions.flatMap(({ replicas }) => replicas);
    this.partitions = partitions;
    this.ids = [...new Set([...listed.keys(), ...named])].sort((a, b) => a - b);
    this.#accepts = this.ids.map((id) => listed.get(id)?.accepts === true);
    this.accepting = [...this.ids.keys()].filter((broker) => this.#accepts[broker]);
    const zones = numbered(brokers.map(({ zone }) => zone));
    this.zoneOf = this.ids.map((id) => zones.get(listed.get(id)?.zone ?? '') ?? -1);
    const topics = numbered(partitions.map(({ topic }) => topic));
    this.topicOf = partitions.map(({ topic }) => topics.get(topic) ?? -1);
    const numbers = new Map(this.ids.map((id, number) => [id, number]));
    this.#before = partitions.map(({ replicas }) => replicas.map((id) => numbers.get(id) ?? -1));
    this.#replicas = this.#before.map((replicas) => [...replicas]);
    this.holdings = new Holdings(this.ids.length, this.topicOf);
    for (const partition of smallestFirst(partitions)) {
      const replicas = this.before(partition);
      assert(new Set(replicas).size === replicas.length, 'a broker has one replica of a partition');
      for (const broker of replicas) this.holdings.add(broker, partition);
    }
  }

  /** Numbers of the brokers that have the partition; a replica that moves keeps its place in the order. */
  replicas(partition: number): readonly number[] {
    return this.#replicas[partition] ?? [];
  }

  before(partition: number): readonly number[] {
    return this.#before[partition] ?? [];
  }

  topic(partition: number): number {
    return this.topicOf[partition] ?? -1;
  }

  sizeInBytes(partition: number): number {
    return this.partitions[partition]?.sizeInBytes ?? 0;
  }

  accepts(broker: number): boolean {
    return this.#accepts[broker] === true;
  }

  /**
   * Replicas of the partition in the zone of a broker; those that have to leave their broker do not count.
   */
  inZoneOf(broker: number, partition: number): number {
    const zone = this.zoneOf[broker];
    let count = 0;
    for (const replica of this.replicas(partition)) {
      if (this.zoneOf[replica] === zone && this.#accepts[replica]) count++;
    }
    return count;
  }

  /** Whether a replica may go this way without lying worse over the zones than before. */
  fits(partition: number, { source, target }: Way): boolean {
    if (this.replicas(partition).includes(target)) return false;
    return (
      this.zoneOf[source] === this.zoneOf[target] ||
      this.inZoneOf(target, partition) < this.inZoneOf(source, partition)
    );
  }

  move(partition: number, { source, target }: Way): void {
    const replicas = this.#replicas[partition];
    const place = replicas?.indexOf(source) ?? -1;
    assert(replicas && place >= 0, 'only a replica that is there can move');
    assert(!replicas.includes(target), 'a broker has one replica of a partition');
    replicas[place] = target;
    this.holdings.remove(source, partition);
    this.holdings.add(target, partition);
  }
}

function smallestFirst(partitions: readonly PlanPartition[]): number[] {
  const size = (partition: number) => partitions[partition]?.sizeInBytes ?? 0;
  return [...partitions.keys()].sort((a, b) => size(a) - size(b) || a - b);
}

/** Each name's number, in the order of the names. */
function numbered(names: readonly string[]): Map<string, number> {
  return new Map([...new Set(names)].sort().map((name, number) => [name, number]));
}
