import { sleep } from '../../base/clock.ts';
import type { GuardedClock } from '../../base/guarded-clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import { TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { answer } from '../decision.ts';
import { CoordinatorRuntime, clientError } from '../runtime.ts';
import type { AddRequest } from './add-partitions.ts';
import {
  type DescribedTransaction,
  type ListedTransaction,
  type TransactionFilter,
  undescribedTransaction,
} from './describe.ts';
import type { EndRequest } from './end-transaction.ts';
import type { ProducerIdAndEpoch } from './init-producer-id.ts';
import { type Marker, Markers, type MarkerTransport } from './markers.ts';
import { decodeTransactionRecord, encodeTransactionRecord, type TransactionRecord } from './records.ts';
import type { Transaction } from './transaction.ts';
import { DEFAULT_TRANSACTION_CONFIG, type TransactionConfig } from './transaction-config.ts';
import { NEEDS_PRODUCER_ID, type ProducerAnswer, TransactionShard } from './transaction-shard.ts';

/** The log refused that a transaction is complete; it is asked again after this. */
const COMPLETE_RETRY_MS = 100;

/**
 * The transaction coordinator of this broker: one method per request. Errors are values; nothing rejects for
 * what a client sent.
 */
export class TransactionCoordinator {
  readonly #world: World;
  readonly #config: TransactionConfig;
  readonly #nextProducerId: () => Promise<number | { readonly error: ErrorName }>;
  readonly #markers: Markers;
  /**
   * Its part that is the same for every coordinator: which partitions of `__transaction_state` are led here.
   */
  readonly runtime: CoordinatorRuntime<TransactionShard, TransactionRecord>;

  constructor(
    world: World,
    options: {
      /** A producer id that nobody has had. */
      readonly nextProducerId: () => Promise<number | { readonly error: ErrorName }>;
      readonly transport: MarkerTransport;
      /** By which unused transactional ids expire. */
      readonly guardedClock: GuardedClock;
      /** The level of `transaction.version` in the cluster now. */
      readonly transactionVersion: () => number;
      readonly config?: Partial<TransactionConfig>;
    },
  ) {
    const config = { ...DEFAULT_TRANSACTION_CONFIG, ...options.config };
    const { guardedClock, transactionVersion } = options;
    this.#world = world;
    this.#config = config;
    this.#nextProducerId = options.nextProducerId;
    this.#markers = new Markers(world, options.transport);
    this.runtime = new CoordinatorRuntime<TransactionShard, TransactionRecord>(
      world,
      {
        name: 'transaction',
        createShard: (partition, timer) =>
          new TransactionShard(world, { config, guardedClock, transactionVersion }, timer, {
            decided: (transaction) => this.#deliver(partition, transaction),
            dropped: (transactionalId) => this.#markers.cancel(transactionalId),
          }),
        encode: encodeTransactionRecord,
        decode: (key, value) => decodeTransactionRecord({ key, value }),
      },
      { topic: TRANSACTION_STATE, commitTimeoutMs: config.commitTimeoutMs },
    );
  }

  /** `expected`: what the producer has, when it bumps its own epoch. */
  async initProducerId(
    transactionalId: string,
    timeoutMs: number,
    expected: ProducerIdAndEpoch | null,
  ): Promise<ProducerAnswer> {
    const refusal = this.#refuses(transactionalId);
    if (refusal) return { error: refusal };
    if (timeoutMs <= 0 || timeoutMs > this.#config.maxTimeoutMs)
      return { error: 'INVALID_TRANSACTION_TIMEOUT' };
    return this.#withProducerId(transactionalId, (shard, freshProducerId) =>
      shard.initProducerId(transactionalId, { timeoutMs, expected, freshProducerId }),
    );
  }

  async addPartitions(transactionalId: string, request: Omit<AddRequest, 'now'>): Promise<ErrorName | null> {
    const refusal = this.#refuses(transactionalId);
    if (refusal) return refusal;
    return this.runtime.runFor<ErrorName | null>(
      transactionalId,
      (shard) => shard.addPartitions(transactionalId, request),
      clientError,
    );
  }

  /** Whether each partition is in the producer's open transaction; null for those that are. */
  async verifyPartitions(
    transactionalId: string,
    request: Pick<AddRequest, 'producerId' | 'producerEpoch' | 'partitions'>,
  ): Promise<(ErrorName | null)[]> {
    const { partitions } = request;
    const refusal = this.#refuses(transactionalId);
    if (refusal) return partitions.map(() => refusal);
    return this.runtime.runFor<(ErrorName | null)[]>(
      transactionalId,
      (shard) =>
        answer(partitions.map((partition) => shard.verifyPartition(transactionalId, request, partition))),
      (error) => partitions.map(() => clientError(error)),
    );
  }

  /**
   * Resolves when the outcome is committed, with what the producer goes on with; the partitions are told
   * after that.
   */
  async endTransaction(
    transactionalId: string,
    request: Omit<EndRequest, 'now' | 'freshProducerId'>,
  ): Promise<ProducerAnswer> {
    const refusal = this.#refuses(transactionalId);
    if (refusal) return { error: refusal };
    return this.#withProducerId(transactionalId, (shard, freshProducerId) =>
      shard.endTransaction(transactionalId, { ...request, freshProducerId }),
    );
  }

  async describe(transactionalId: string): Promise<DescribedTransaction> {
    const refusal = this.#refuses(transactionalId);
    if (refusal) return undescribedTransaction(transactionalId, refusal);
    return this.runtime.runFor<DescribedTransaction>(
      transactionalId,
      (shard) => answer(shard.describe(transactionalId)),
      (error) => undescribedTransaction(transactionalId, clientError(error)),
    );
  }

  /** The transactions this broker coordinates; an error while some of them are being loaded. */
  async list(filter: TransactionFilter): Promise<ListedTransaction[] | { readonly error: ErrorName }> {
    return this.runtime.list((shard) => shard.list(filter));
  }

  /** Decides; when that needs a new producer id, gets one and decides again on what is true by then. */
  async #withProducerId(
    transactionalId: string,
    decide: (
      shard: TransactionShard,
      freshProducerId: number | null,
    ) => ReturnType<TransactionShard['initProducerId']>,
  ): Promise<ProducerAnswer> {
    const run = (freshProducerId: number | null) =>
      this.runtime.runFor<ProducerAnswer | typeof NEEDS_PRODUCER_ID>(
        transactionalId,
        (shard) => decide(shard, freshProducerId),
        (error) => ({ error: clientError(error) }),
      );
    const first = await run(null);
    if (first !== NEEDS_PRODUCER_ID) return first;
    const fresh = await this.#nextProducerId();
    if (typeof fresh !== 'number') return fresh;
    const second = await run(fresh);
    return second === NEEDS_PRODUCER_ID ? { error: 'UNKNOWN_SERVER_ERROR' } : second;
  }

  #deliver(partition: number, transaction: Transaction): void {
    const coordinatorEpoch = this.runtime.leaderEpoch(partition);
    if (coordinatorEpoch === undefined) return;
    const { transactionalId, producerId, producerEpoch, state, clientTransactionVersion } = transaction;
    const marker: Marker = {
      producerId,
      producerEpoch,
      coordinatorEpoch,
      committed: state === 'PrepareCommit',
      transactionVersion: clientTransactionVersion,
    };
    this.#markers.deliver(transactionalId, marker, transaction.partitions, () => {
      supervise(this.#world, this.#complete(partition, transaction));
    });
  }

  async #complete(
    partition: number,
    { transactionalId, producerId, producerEpoch }: Transaction,
  ): Promise<void> {
    for (;;) {
      const error = await this.runtime.run<ErrorName | null>(
        partition,
        (shard) => shard.complete(transactionalId, { producerId, producerEpoch }),
        (failure) => failure,
      );
      // Whoever loads the partition next finds it prepared and tells the partitions again, which does no
      // harm.
      if (error === null || error === 'NOT_COORDINATOR' || error === 'COORDINATOR_LOAD_IN_PROGRESS') return;
      await sleep(this.#world.clock, COMPLETE_RETRY_MS);
      if (this.runtime.stopped) return;
    }
  }

  #refuses(transactionalId: string): ErrorName | null {
    if (this.runtime.stopped) return 'COORDINATOR_NOT_AVAILABLE';
    return transactionalId === '' ? 'INVALID_REQUEST' : null;
  }
}
