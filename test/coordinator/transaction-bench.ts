import { GuardedClock } from '../../src/base/guarded-clock.ts';
import { silent } from '../../src/base/log.ts';
import { Sfc32 } from '../../src/base/random.ts';
import type { TopicPartition } from '../../src/base/topic-partition.ts';
import type { World } from '../../src/base/world.ts';
import { TransactionCoordinator } from '../../src/coordinator/transaction/coordinator.ts';
import type { Marker, MarkerTransport } from '../../src/coordinator/transaction/markers.ts';
import type { TransactionConfig } from '../../src/coordinator/transaction/transaction-config.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { MemoryLog } from './memory-log.ts';

/** Brokers that lead partitions and store the markers that they get. */
class Brokers implements MarkerTransport {
  readonly received: (Marker & TopicPartition & { readonly brokerId: number })[] = [];
  readonly leaders = new Map<string, number | null | 'gone'>();
  readonly away = new Set<number>();
  /** The errors of the next markers, one for each partition. */
  readonly errors: ErrorName[] = [];

  leaderOf({ topic }: TopicPartition): number | null | 'gone' {
    const leader = this.leaders.get(topic);
    return leader === undefined ? 1 : leader;
  }

  async send(brokerId: number, marker: Marker, partitions: readonly TopicPartition[]) {
    await Promise.resolve();
    if (this.away.has(brokerId)) throw new Error(`broker ${brokerId} is away`);
    return partitions.map((partition) => {
      const error = this.errors.shift() ?? null;
      if (!error) this.received.push({ ...marker, ...partition, brokerId });
      return { ...partition, error };
    });
  }
}

/** One coordinator with one partition of `__transaction_state`, with methods for what producers do to it. */
export class TransactionBench {
  readonly clock = new ManualClock();
  readonly brokers = new Brokers();
  readonly world: World;
  readonly config: Partial<TransactionConfig>;
  log = new MemoryLog();
  coordinator: TransactionCoordinator;
  /** The level of `transaction.version`. */
  transactionVersion = 2;
  #epoch = 0;
  #nextProducerId = 1000;

  constructor(config: Partial<TransactionConfig> = {}) {
    this.world = { clock: this.clock, random: new Sfc32(1), log: silent } as unknown as World;
    this.config = config;
    this.coordinator = this.#make();
  }

  static async elected(config: Partial<TransactionConfig> = {}): Promise<TransactionBench> {
    const bench = new TransactionBench(config);
    await bench.elect();
    return bench;
  }

  async elect(): Promise<void> {
    this.coordinator.runtime.onElection(0, this.#epoch++, this.log);
    await this.clock.advance(0);
  }

  async failOver(): Promise<void> {
    this.coordinator.runtime.stop();
    this.log = this.log.successor();
    this.coordinator = this.#make();
    await this.elect();
  }

  async init(expected: { producerId: number; producerEpoch: number } | null = null, timeoutMs = 60_000) {
    return this.coordinator.initProducerId('tx', timeoutMs, expected);
  }

  /** A producer that may begin a transaction. */
  async producer(): Promise<Producer> {
    const answer = await this.init();
    if ('error' in answer) throw new Error(answer.error);
    return new Producer(this, answer);
  }

  async state(): Promise<string> {
    await settle();
    return (await this.coordinator.describe('tx')).transactionState;
  }

  #make(): TransactionCoordinator {
    return new TransactionCoordinator(this.world, {
      nextProducerId: async () => this.#nextProducerId++,
      transport: this.brokers,
      guardedClock: new GuardedClock(this.clock),
      transactionVersion: () => this.transactionVersion,
      config: this.config,
    });
  }
}

export class Producer {
  readonly #bench: TransactionBench;
  producerId: number;
  producerEpoch: number;

  constructor(bench: TransactionBench, ids: { producerId: number; producerEpoch: number }) {
    this.#bench = bench;
    this.producerId = ids.producerId;
    this.producerEpoch = ids.producerEpoch;
  }

  add(...partitions: (readonly [topic: string, partition: number])[]): Promise<ErrorName | null> {
    return this.#bench.coordinator.addPartitions('tx', {
      producerId: this.producerId,
      producerEpoch: this.producerEpoch,
      partitions: partitions.map(([topic, partition]) => ({ topic, partition })),
      transactionVersion: 0,
    });
  }

  /** Version 1 leaves the producer's epoch as it is; version 2 increments it. */
  async end(committed: boolean, version: 1 | 2 = 1) {
    const { producerId, producerEpoch } = this;
    return this.#bench.coordinator.endTransaction('tx', {
      producerId,
      producerEpoch,
      committed,
      transactionVersion: version === 2 ? 2 : 0,
    });
  }
}
