import type { GuardedClock } from '../../base/guarded-clock.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { CoordinatorTimer } from '../coordinator-timer.ts';
import { answer, type CoordinatorDecision } from '../decision.ts';
import type { CoordinatorShard } from '../shard.ts';
import { type AddRequest, addPartitions, verifyPartition } from './add-partitions.ts';
import {
  type DescribedTransaction,
  describeTransaction,
  type ListedTransaction,
  listedTransaction,
  listsTransaction,
  type TransactionFilter,
  undescribedTransaction,
} from './describe.ts';
import { abort, complete, type EndRequest, endTransaction, producerAfter } from './end-transaction.ts';
import { initProducerId, type ProducerIdAndEpoch } from './init-producer-id.ts';
import { encodeTransactionRecord, type TransactionRecord } from './records.ts';
import { isCompleting, recordOf, type Transaction, transactionOf } from './transaction.ts';
import type { TransactionConfig } from './transaction-config.ts';

/** Transactions aborted or forgotten in one batch of the log; the rest follows at once. */
const MAX_SWEPT = 200;
/**
 * Bytes of these records, unless a single one has more: far below 1 MB, which is what a log takes by default.
 */
const SWEPT_BYTES_MAX = 256 * 1024;

/** The answer that a producer id has to be had first. */
export const NEEDS_PRODUCER_ID: unique symbol = Symbol('needs a producer id');

export type ProducerAnswer = ProducerIdAndEpoch | { readonly error: ErrorName };

/** What happens outside of the shard when a decision is committed. */
export interface TransactionEffects {
  /** The transaction is decided: its partitions are to be told, and then the shard. */
  decided(transaction: Transaction): void;
  /** The shard is gone: whoever loads it next tells them. */
  dropped(transactionalId: string): void;
}

/** The transactional ids of one partition of `__transaction_state`. */
export class TransactionShard implements CoordinatorShard<TransactionRecord> {
  readonly #world: World;
  readonly #guardedClock: GuardedClock;
  readonly #config: TransactionConfig;
  readonly #transactionVersion: () => number;
  readonly #timer: CoordinatorTimer<TransactionRecord>;
  readonly #effects: TransactionEffects;
  readonly #transactions = new Map<string, Transaction>();
  /** Since when, in monotonic time, this shard has known of each transaction that is open. */
  readonly #openSince = new Map<string, number>();

  constructor(
    world: World,
    options: {
      readonly config: TransactionConfig;
      readonly guardedClock: GuardedClock;
      readonly transactionVersion: () => number;
    },
    timer: CoordinatorTimer<TransactionRecord>,
    effects: TransactionEffects,
  ) {
    this.#world = world;
    this.#guardedClock = options.guardedClock;
    this.#config = options.config;
    this.#transactionVersion = options.transactionVersion;
    this.#timer = timer;
    this.#effects = effects;
  }

  replay({ key: { transactionalId }, value }: TransactionRecord): void {
    const before = this.#transactions.get(transactionalId);
    const after = value && transactionOf(transactionalId, value);
    if (after === null) this.#transactions.delete(transactionalId);
    else this.#transactions.set(transactionalId, after);
    if (after?.state !== 'Ongoing') this.#openSince.delete(transactionalId);
    else if (before?.state !== 'Ongoing') this.#openSince.set(transactionalId, this.#world.clock.monotonic());
  }

  replayMarker(): void {
    // Nobody writes transactionally to `__transaction_state`.
  }

  onLoaded(): void {
    // A decision without records: it is committed when all that was loaded is.
    this.#timer.schedule('resume', 0, () => ({
      ...answer(undefined),
      committed: () => {
        for (const transaction of this.#transactions.values()) {
          if (isCompleting(transaction)) this.#effects.decided(transaction);
        }
      },
    }));
    this.#sweep('timeouts', this.#config.abortTimedOutIntervalMs, () => this.#timedOut());
    this.#sweep('expiry', this.#config.removeExpiredIntervalMs, () => this.#expired());
  }

  onImage(): void {
    // Nothing here depends on what else the cluster knows.
  }

  onUnloaded(): void {
    for (const transaction of this.#transactions.values()) {
      if (isCompleting(transaction)) this.#effects.dropped(transaction.transactionalId);
    }
  }

  initProducerId(
    transactionalId: string,
    request: {
      readonly timeoutMs: number;
      readonly expected: ProducerIdAndEpoch | null;
      readonly freshProducerId: number | null;
    },
  ): CoordinatorDecision<TransactionRecord, ProducerAnswer | typeof NEEDS_PRODUCER_ID> {
    const outcome = initProducerId(this.#transactions.get(transactionalId), {
      transactionalId,
      ...request,
      now: this.#world.clock.now(),
      transactionVersion: this.#transactionVersion(),
    });
    if ('error' in outcome) return answer({ error: outcome.error });
    if ('needsProducerId' in outcome) return answer(NEEDS_PRODUCER_ID);
    if ('aborted' in outcome) return this.#decide(outcome.aborted, { error: 'CONCURRENT_TRANSACTIONS' });
    const { producerId, producerEpoch } = outcome.next;
    return { ...answer({ producerId, producerEpoch }), records: [recordOf(outcome.next)] };
  }

  addPartitions(
    transactionalId: string,
    request: Omit<AddRequest, 'now'>,
  ): CoordinatorDecision<TransactionRecord, ErrorName | null> {
    const outcome = addPartitions(this.#transactions.get(transactionalId), {
      ...request,
      now: this.#world.clock.now(),
    });
    if ('error' in outcome) return answer(outcome.error);
    return { ...answer(null), records: outcome.next ? [recordOf(outcome.next)] : [] };
  }

  verifyPartition(
    transactionalId: string,
    request: Pick<AddRequest, 'producerId' | 'producerEpoch'>,
    partition: TopicPartition,
  ): ErrorName | null {
    return verifyPartition(this.#transactions.get(transactionalId), request, partition);
  }

  endTransaction(
    transactionalId: string,
    request: Omit<EndRequest, 'now'>,
  ): CoordinatorDecision<TransactionRecord, ProducerAnswer | typeof NEEDS_PRODUCER_ID> {
    const outcome = endTransaction(this.#transactions.get(transactionalId), {
      ...request,
      now: this.#world.clock.now(),
    });
    if ('error' in outcome) return answer({ error: outcome.error });
    if ('needsProducerId' in outcome) return answer(NEEDS_PRODUCER_ID);
    if ('done' in outcome) return answer(producerAfter(outcome.done));
    return this.#decide(outcome.next, producerAfter(outcome.next));
  }

  /**
   * Every partition has the marker of this transaction. Nothing to do when it is complete, or another one by
   * now.
   */
  complete(
    transactionalId: string,
    { producerId, producerEpoch }: ProducerIdAndEpoch,
  ): CoordinatorDecision<TransactionRecord, ErrorName | null> {
    const known = this.#transactions.get(transactionalId);
    if (!known || !isCompleting(known)) return answer(null);
    if (known.producerId !== producerId || known.producerEpoch !== producerEpoch) return answer(null);
    return { ...answer(null), records: [recordOf(complete(known, this.#world.clock.now()))] };
  }

  describe(transactionalId: string): DescribedTransaction {
    const known = this.#transactions.get(transactionalId);
    return known
      ? describeTransaction(known)
      : undescribedTransaction(transactionalId, 'TRANSACTIONAL_ID_NOT_FOUND');
  }

  list(filter: TransactionFilter): ListedTransaction[] {
    const now = this.#world.clock.now();
    return [...this.#transactions.values()]
      .filter((transaction) => listsTransaction(transaction, filter, now))
      .map(listedTransaction);
  }

  #decide<Answer>(next: Transaction, value: Answer): CoordinatorDecision<TransactionRecord, Answer> {
    return {
      ...answer(value),
      records: [recordOf(next)],
      committed: () => this.#effects.decided(next),
    };
  }

  #sweep(name: string, intervalMs: number, due: () => Transaction[] | TransactionRecord[]): void {
    const schedule = (delayMs: number) =>
      this.#timer.schedule(name, delayMs, () => {
        const all = due();
        const most = all.slice(0, MAX_SWEPT).map((entry) => ('state' in entry ? recordOf(entry) : entry));
        const records = firstBatch(most);
        const ended = all.slice(0, records.length).filter((entry) => 'state' in entry);
        return {
          ...answer(undefined),
          records,
          // While the log refuses them, the timer waits between its attempts.
          taken: () => schedule(records.length < all.length ? 0 : intervalMs),
          committed: () => {
            for (const transaction of ended) this.#effects.decided(transaction);
          },
        };
      });
    schedule(intervalMs);
  }

  /**
   * Open for longer than their producers asked for: aborted, and the producers fenced. Whoever coordinated
   * them before may have had a clock that was ahead, so those count too that were open here for so long.
   */
  #timedOut(): Transaction[] {
    const now = this.#world.clock.now();
    const monotonic = this.#world.clock.monotonic();
    const transactionVersion = this.#transactionVersion();
    return [...this.#transactions.values()]
      .filter(({ transactionalId, state, startTimestamp, timeoutMs }) => {
        if (state !== 'Ongoing') return false;
        const openSince = this.#openSince.get(transactionalId) ?? monotonic;
        return startTimestamp + timeoutMs < now || openSince + timeoutMs < monotonic;
      })
      .map((transaction) => abort(transaction, { now, transactionVersion }));
  }

  /** Ids that nobody has used for so long that nobody will. */
  #expired(): TransactionRecord[] {
    const now = this.#guardedClock.now();
    return [...this.#transactions.values()]
      .filter(({ state, lastUpdateTimestamp }) => {
        if (state !== 'Empty' && state !== 'CompleteCommit' && state !== 'CompleteAbort') return false;
        return lastUpdateTimestamp + this.#config.idExpirationMs <= now;
      })
      .map(({ transactionalId }) => ({ type: 'TransactionLog', key: { transactionalId }, value: null }));
  }
}

/** As many of them as one batch of the log takes, and one at least. */
function firstBatch(records: readonly TransactionRecord[]): readonly TransactionRecord[] {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    const { key, value } = encodeTransactionRecord(record);
    bytes += key.length + (value?.length ?? 0);
    return index > 0 && bytes > SWEPT_BYTES_MAX;
  });
  return end === -1 ? records : records.slice(0, end);
}
