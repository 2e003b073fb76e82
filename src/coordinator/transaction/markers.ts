import type { Timer } from '../../base/clock.ts';
import { crashOnProgrammerError, supervise } from '../../base/programmer-error.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { listPartitions, type PartitionSet } from './transaction.ts';

/**
 * A marker that did not arrive is sent again after this, as often as it takes: the transaction is decided.
 */
const RETRY_MS = 100;

/** The end of a producer's transaction, as the partitions are told. */
export interface Marker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly committed: boolean;
  readonly transactionVersion: number;
}

/** The way to the partitions' leaders. Whoever hosts the coordinator gives it. */
export interface MarkerTransport {
  /**
   * The broker that leads the partition now; null when nobody does, `gone` when there is no such partition
   * any more.
   */
  leaderOf(partition: TopicPartition): number | null | 'gone';
  /**
   * Sends one marker to a leader; resolves with what it says of each partition. Rejects when it cannot be
   * reached.
   */
  send(
    brokerId: number,
    marker: Marker,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (TopicPartition & { readonly error: ErrorName | null })[]>;
}

/**
 * Brings the markers of ended transactions to every partition, leaders moving and brokers coming back
 * meanwhile. One delivery for each transactional id: what was under way for it before is dropped.
 */
export class Markers {
  readonly #world: World;
  readonly #transport: MarkerTransport;
  readonly #deliveries = new Map<string, Delivery>();

  constructor(world: World, transport: MarkerTransport) {
    this.#world = world;
    this.#transport = transport;
  }

  /** `done` runs when every partition has the marker, or is gone; not if the delivery is cancelled before. */
  deliver(transactionalId: string, marker: Marker, partitions: PartitionSet, done: () => void): void {
    this.cancel(transactionalId);
    const delivery: Delivery = { marker, missing: listPartitions(partitions), retry: undefined, done };
    this.#deliveries.set(transactionalId, delivery);
    this.#attempt(transactionalId, delivery);
  }

  cancel(transactionalId: string): void {
    this.#deliveries.get(transactionalId)?.retry?.cancel();
    this.#deliveries.delete(transactionalId);
  }

  #attempt(transactionalId: string, delivery: Delivery): void {
    const byLeader = new Map<number, TopicPartition[]>();
    const missing: TopicPartition[] = [];
    for (const partition of delivery.missing) {
      const leader = this.#transport.leaderOf(partition);
      if (leader === 'gone') continue;
      missing.push(partition);
      if (leader === null) continue;
      const others = byLeader.get(leader);
      if (others) others.push(partition);
      else byLeader.set(leader, [partition]);
    }
    delivery.missing = missing;
    const attempted = Promise.all(
      [...byLeader].map(([leader, partitions]) => this.#send(leader, delivery.marker, partitions)),
    ).then((rounds) => {
      if (this.#deliveries.get(transactionalId) !== delivery) return;
      const settled = new Set(rounds.flat().map(({ topic, partition }) => `${partition} ${topic}`));
      delivery.missing = missing.filter(({ topic, partition }) => !settled.has(`${partition} ${topic}`));
      if (delivery.missing.length > 0) {
        delivery.retry = this.#world.clock.after(RETRY_MS, () => this.#attempt(transactionalId, delivery));
        return;
      }
      this.#deliveries.delete(transactionalId);
      delivery.done();
    });
    supervise(this.#world, attempted);
  }

  /** The partitions that need not be told again. Never rejects. */
  async #send(leader: number, marker: Marker, partitions: TopicPartition[]): Promise<TopicPartition[]> {
    try {
      const answers = await this.#transport.send(leader, marker, partitions);
      return answers.filter(({ error }) => error === null || isFinal(error));
    } catch (cause) {
      crashOnProgrammerError(this.#world, cause);
      this.#world.log.warn('transaction markers did not reach a broker, sending again', {
        broker: leader,
        cause,
      });
      return [];
    }
  }
}

/**
 * A newer epoch wrote there, of the producer or of the coordinator: someone else has ended this transaction.
 */
function isFinal(error: ErrorName): boolean {
  return error === 'INVALID_PRODUCER_EPOCH' || error === 'TRANSACTION_COORDINATOR_FENCED';
}

interface Delivery {
  readonly marker: Marker;
  missing: TopicPartition[];
  retry: Timer | undefined;
  readonly done: () => void;
}
