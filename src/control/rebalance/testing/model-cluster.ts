import { assert } from '../../../base/assert.ts';
import type { Clock } from '../../../base/clock.ts';
import { partitionKey, type TopicPartition } from '../../../base/topic-partition.ts';
import type {
  OngoingReassignment,
  PartitionDescription,
  PartitionRefusal,
  Throttles,
} from '../cluster-admin.ts';
import type { PlanPartition } from '../planned-cluster.ts';

interface ModelPartition extends TopicPartition {
  replicas: number[];
  isr: number[];
  leader: number;
  sizeInBytes: number;
  adding: number[];
  removing: number[];
  copied: Map<number, number>;
}

interface Published {
  readonly at: number;
  readonly partitions: readonly PartitionDescription[];
}

/** How far the brokers' view of the metadata is behind the controller's, where nothing else is said. */
const PUBLISH_MS = 150;
const STEP_MS = 10;

/**
 * How Apache Kafka moves partitions (KIP-455), without brokers: target and old replicas together until the
 * new ones have copied everything, the controller ahead of what brokers tell, taking back without restoring
 * the order. Copies take time, the throttle is obeyed where it names replica and broker.
 */
export class ModelCluster {
  readonly #clock: Clock;
  readonly #partitions: Map<string, ModelPartition>;
  readonly #bytesPerMs: number;
  readonly #publishMs: number;
  readonly #brokers: Set<number>;
  #settledAt: number;
  #published: Published[] = [];
  /** What was set last and not taken away, by broker and by topic. */
  readonly rates = new Map<number, number>();
  readonly throttled = new Map<string, { leaders: Set<string>; followers: Set<string> }>();
  mostMoving = 0;
  mostMovingBytes = 0;
  bytesCopied = 0;

  constructor(
    clock: Clock,
    partitions: readonly PlanPartition[],
    options: { bytesPerMs: number; publishMs?: number | undefined },
  ) {
    this.#clock = clock;
    this.#bytesPerMs = options.bytesPerMs;
    this.#publishMs = options.publishMs ?? PUBLISH_MS;
    this.#settledAt = clock.monotonic();
    this.#brokers = new Set(partitions.flatMap(({ replicas }) => replicas));
    this.#partitions = new Map(
      partitions.map(({ topic, index, replicas, leader, sizeInBytes }) => {
        const one = {
          topic,
          partition: index,
          replicas: [...replicas],
          isr: [...replicas],
          leader,
          sizeInBytes,
        };
        return [partitionKey(one), { ...one, adding: [], removing: [], copied: new Map<number, number>() }];
      }),
    );
    this.#publish();
  }

  addBroker(id: number): void {
    this.#brokers.add(id);
  }

  /** Its copying stops, and it can be told nothing. */
  stopBroker(id: number): void {
    this.settle();
    this.#brokers.delete(id);
  }

  deleteTopic(topic: string): void {
    this.settle();
    for (const [key, one] of this.#partitions) if (one.topic === topic) this.#partitions.delete(key);
    this.#publish();
  }

  /** As the controller sees them now. */
  partitions(): PartitionDescription[] {
    this.settle();
    return [...this.#partitions.values()].map(describe);
  }

  /** As a broker tells it, a moment late. */
  published(): readonly PartitionDescription[] {
    this.settle();
    const until = this.#clock.monotonic() - this.#publishMs;
    const last = this.#published.findLastIndex(({ at }) => at <= until);
    this.#published = this.#published.slice(Math.max(0, last));
    return this.#published[0]?.partitions ?? [];
  }

  ongoing(): OngoingReassignment[] {
    this.settle();
    return this.#moving().map(({ topic, partition, replicas, adding, removing }) => ({
      topic,
      partition,
      replicas: [...replicas],
      adding: [...adding],
      removing: [...removing],
    }));
  }

  sizeOn(broker: number, partition: TopicPartition): number | null {
    this.settle();
    const one = this.#partitions.get(partitionKey(partition));
    if (!one?.replicas.includes(broker)) return null;
    return one.adding.includes(broker) ? (one.copied.get(broker) ?? 0) : one.sizeInBytes;
  }

  isAlive(broker: number): boolean {
    return this.#brokers.has(broker);
  }

  alter(partition: TopicPartition, target: readonly number[] | null): PartitionRefusal | null {
    this.settle();
    const one = this.#partitions.get(partitionKey(partition));
    if (!one) return { ...partition, error: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'gone' };
    const isMoving = one.adding.length + one.removing.length > 0;
    const original = one.replicas.filter((id) => !one.adding.includes(id));
    if (target === null) {
      if (!isMoving) return { ...partition, error: 'NO_REASSIGNMENT_IN_PROGRESS', message: 'none' };
      this.#arrive(one, original);
    } else {
      if (target.some((id) => !this.#brokers.has(id) && !original.includes(id)))
        return { ...partition, error: 'INVALID_REPLICA_ASSIGNMENT', message: 'a broker is not there' };
      one.adding = target.filter((id) => !original.includes(id));
      one.removing = original.filter((id) => !target.includes(id));
      one.replicas = [...target, ...one.removing];
      one.isr = one.isr.filter((id) => original.includes(id));
      one.copied = new Map(one.adding.map((id) => [id, one.copied.get(id) ?? 0]));
      if (one.adding.length === 0) this.#arrive(one, [...target]);
      this.mostMoving = Math.max(this.mostMoving, this.#moving().length);
      const bytes = this.#moving().reduce((sum, each) => sum + each.adding.length * each.sizeInBytes, 0);
      this.mostMovingBytes = Math.max(this.mostMovingBytes, bytes);
    }
    this.#publish();
    return null;
  }

  throttle({ brokers, topics, bytesPerSecond }: Throttles): number[] {
    this.settle();
    for (const id of brokers.filter((broker) => this.#brokers.has(broker))) {
      if (bytesPerSecond === null) this.rates.delete(id);
      else this.rates.set(id, bytesPerSecond);
    }
    for (const { topic, leaderReplicas, followerReplicas } of topics) {
      if (bytesPerSecond === null) this.throttled.delete(topic);
      else
        this.throttled.set(topic, {
          leaders: new Set(leaderReplicas),
          followers: new Set(followerReplicas),
        });
    }
    return brokers.filter((broker) => !this.#brokers.has(broker));
  }

  elect(partition: TopicPartition): PartitionRefusal | null {
    this.settle();
    const one = this.#partitions.get(partitionKey(partition));
    const [preferred] = one?.replicas ?? [];
    if (!one || preferred === undefined)
      return { ...partition, error: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'gone' };
    if (!one.isr.includes(preferred) || !this.#brokers.has(preferred))
      return { ...partition, error: 'PREFERRED_LEADER_NOT_AVAILABLE', message: 'not in the ISR' };
    one.leader = preferred;
    this.#publish();
    return null;
  }

  /** Lets the copying catch up with the clock. */
  settle(): void {
    const now = this.#clock.monotonic();
    while (this.#settledAt < now && this.#moving().length > 0) {
      const ms = Math.min(STEP_MS, now - this.#settledAt);
      this.#settledAt += ms;
      this.#copy(ms);
    }
    this.#settledAt = now;
  }

  #copy(ms: number): void {
    for (const broker of this.#brokers) {
      const copying = this.#moving().filter((one) => one.adding.some((id) => id === broker));
      const unfinished = copying.filter((one) => (one.copied.get(broker) ?? 0) < one.sizeInBytes);
      let [open, slow] = [this.#bytesPerMs * ms, ((this.rates.get(broker) ?? 0) * ms) / 1000];
      for (const one of unfinished) {
        const isSlow =
          this.rates.has(broker) &&
          this.throttled.get(one.topic)?.followers.has(`${one.partition}:${broker}`);
        const left = one.sizeInBytes - (one.copied.get(broker) ?? 0);
        const bytes = Math.min(left, open, isSlow ? slow : open);
        open -= bytes;
        if (isSlow) slow -= bytes;
        this.bytesCopied += bytes;
        one.copied.set(broker, (one.copied.get(broker) ?? 0) + bytes);
      }
    }
    for (const one of this.#moving()) {
      if (one.adding.some((id) => (one.copied.get(id) ?? 0) < one.sizeInBytes - 0.001)) continue;
      const target = one.replicas.filter((id) => !one.removing.includes(id));
      one.isr = [...one.isr, ...one.adding];
      this.#arrive(one, target);
      this.#publish();
    }
  }

  #arrive(one: ModelPartition, replicas: number[]): void {
    one.isr = one.isr.filter((id) => replicas.includes(id));
    assert(one.isr.length > 0, 'a partition always has a replica in sync');
    one.replicas = replicas;
    one.adding = [];
    one.removing = [];
    one.copied = new Map();
    if (!one.isr.includes(one.leader)) one.leader = replicas.find((id) => one.isr.includes(id)) ?? -1;
  }

  #moving(): ModelPartition[] {
    return [...this.#partitions.values()].filter((one) => one.adding.length + one.removing.length > 0);
  }

  #publish(): void {
    const at = this.#clock.monotonic();
    this.#published.push({ at, partitions: [...this.#partitions.values()].map(describe) });
  }
}

function describe({ topic, partition, replicas, isr, leader }: ModelPartition): PartitionDescription {
  return { topic, partition, replicas: [...replicas], isr: [...isr], leader };
}
