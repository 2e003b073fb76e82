import { assert } from '../../base/assert.ts';
import type { PlanBroker, PlanPartition } from './plan.ts';

/**
 * The replicas of all partitions while a plan is being made, with brokers, zones and topics numbered from 0, so that
 * counts are array look-ups. A broker that a partition names and nobody listed is one that does not accept.
 */
export class Assignment {
  readonly partitions: readonly PlanPartition[];
  /** Broker ids by number, ascending. */
  readonly ids: readonly number[];
  /** Numbers of the brokers that accept. */
  readonly accepting: readonly number[];
  readonly zoneOf: readonly number[];
  readonly #accepts: readonly boolean[];
  readonly #topicOf: readonly number[];
  readonly #before: readonly (readonly number[])[];
  readonly #replicas: number[][];
  readonly #held: readonly Set<number>[];
  /** Replicas by topic and broker. */
  readonly #byTopic: Int32Array;

  constructor(brokers: readonly PlanBroker[], partitions: readonly PlanPartition[]) {
    const listed = new Map(brokers.map((broker) => [broker.id, broker]));
    assert(listed.size === brokers.length, 'a broker is listed once');
    const named = partitions.flatMap(({ replicas }) => replicas);
    this.partitions = partitions;
    this.ids = [...new Set([...listed.keys(), ...named])].sort((a, b) => a - b);
    this.#accepts = this.ids.map((id) => listed.get(id)?.accepts === true);
    this.accepting = [...this.ids.keys()].filter((broker) => this.#accepts[broker]);
    const zones = [...new Set(brokers.map(({ zone }) => zone))].sort();
    this.zoneOf = this.ids.map((id) => zones.indexOf(listed.get(id)?.zone ?? ''));
    const topics = new Map<string, number>();
    this.#topicOf = partitions.map(({ topic }) => {
      const number = topics.get(topic) ?? topics.size;
      topics.set(topic, number);
      return number;
    });
    const numbers = new Map(this.ids.map((id, number) => [id, number]));
    this.#before = partitions.map(({ replicas }) => replicas.map((id) => numbers.get(id) ?? -1));
    this.#replicas = this.#before.map((replicas) => [...replicas]);
    this.#held = this.ids.map(() => new Set());
    this.#byTopic = new Int32Array(topics.size * this.ids.length);
    for (const [partition, replicas] of this.#replicas.entries()) {
      assert(new Set(replicas).size === replicas.length, 'a broker has one replica of a partition');
      for (const broker of replicas) this.#count(partition, broker, 1);
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
    return this.#topicOf[partition] ?? -1;
  }

  get topics(): number {
    return this.#byTopic.length / this.ids.length;
  }

  sizeInBytes(partition: number): number {
    return this.partitions[partition]?.sizeInBytes ?? 0;
  }

  accepts(broker: number): boolean {
    return this.#accepts[broker] === true;
  }

  held(broker: number): ReadonlySet<number> {
    return this.#held[broker] ?? new Set();
  }

  load(broker: number): number {
    return this.held(broker).size;
  }

  /** Replicas that a broker has of the topic of a partition. */
  loadOfTopic(partition: number, broker: number): number {
    return this.#byTopic[this.topic(partition) * this.ids.length + broker] ?? 0;
  }

  /** Replicas of the partition in the zone; those that have to leave their broker do not count. */
  inZone(partition: number, zone: number): number {
    let count = 0;
    for (const broker of this.replicas(partition)) {
      if (this.zoneOf[broker] === zone && this.#accepts[broker]) count++;
    }
    return count;
  }

  /** Whether a replica may go from broker to broker without lying worse over the zones than before. */
  fits(partition: number, source: number, target: number): boolean {
    if (this.replicas(partition).includes(target)) return false;
    const [from, to] = [this.zoneOf[source] ?? -1, this.zoneOf[target] ?? -1];
    return from === to || this.inZone(partition, to) < this.inZone(partition, from);
  }

  move(partition: number, { source, target }: { source: number; target: number }): void {
    const replicas = this.#replicas[partition];
    const place = replicas?.indexOf(source) ?? -1;
    assert(replicas && place >= 0, 'only a replica that is there can move');
    assert(!replicas.includes(target), 'a broker has one replica of a partition');
    replicas[place] = target;
    this.#count(partition, source, -1);
    this.#count(partition, target, 1);
  }

  #count(partition: number, broker: number, by: 1 | -1): void {
    const at = this.topic(partition) * this.ids.length + broker;
    this.#byTopic[at] = (this.#byTopic[at] ?? 0) + by;
    if (by === 1) this.#held[broker]?.add(partition);
    else this.#held[broker]?.delete(partition);
  }
}
