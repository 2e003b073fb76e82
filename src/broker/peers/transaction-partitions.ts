import type { BrokerId } from '../../base/brand.ts';
import { sleep } from '../../base/clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import type { ProducerIdAndEpoch } from '../../coordinator/transaction/init-producer-id.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { addPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import type { ProducerEntry } from '../../storage/producer-entry.ts';

/** request.timeout.ms of Kafka between brokers. */
const REQUEST_TIMEOUT_MS = 30_000;
const VERIFY_VERSION = 4;
/** With this version the transaction becomes one of version 2. */
const ADD_VERSION = 5;

export interface TransactionalProducer extends ProducerIdAndEpoch {
  readonly transactionalId: string;
}

/** How an addition that meets the end of the transaction before it is tried again. */
export interface AddRetry {
  /** add.partitions.to.txn.retry.backoff.ms */
  readonly backoffMs: number;
  /** add.partitions.to.txn.retry.backoff.max.ms: no longer than this in all. */
  readonly maxMs: number;
}

export interface TransactionPartitionsOptions {
  readonly brokerId: BrokerId;
  readonly image: () => ClusterImage;
  readonly transactions: TransactionCoordinator;
  readonly connections: PeerConnections;
  /**
   * What a partition led here remembers of a producer; a new object with everything that it writes there, and
   * with every marker.
   */
  readonly entry: (producerId: number, partition: TopicPartition) => ProducerEntry | undefined;
  readonly retry: () => AddRetry;
}

/** Whether a batch may be written, and until when. */
export type Admission =
  | { readonly error: ErrorName }
  /**
   * To be asked at the moment of the append. False when the transaction was ended here since its coordinator
   * was asked: the batch would begin another one, which nobody ends (KAFKA-14402).
   */
  | { readonly holds: () => boolean };

/**
 * Asks the coordinator of a transaction about a partition led here, before the first batch of the transaction
 * is written to it (KIP-890): a batch that comes late, after its transaction has ended, would otherwise begin
 * one that nobody ends, and no reader of committed records would get past it.
 */
export class TransactionPartitions {
  readonly #world: Pick<World, 'clock' | 'crash'>;
  readonly #options: TransactionPartitionsOptions;
  /**
   * What was asked last, by producer and partition: batches that follow wait for it, and so keep their order.
   */
  readonly #asked = new Map<string, Promise<Admission>>();

  constructor(world: Pick<World, 'clock' | 'crash'>, options: TransactionPartitionsOptions) {
    this.#world = world;
    this.#options = options;
  }

  /**
   * Whether a batch may be written without asking: no earlier one of the producer waits for an answer either.
   */
  isAdmitted(producer: ProducerIdAndEpoch, partition: TopicPartition): boolean {
    if (!this.#isOpen(producer, partition)) return false;
    return !this.#asked.has(keyOf(producer.producerId, partition));
  }

  /**
   * Resolves with whether the batch may be written. `add` makes the partition part of the transaction,
   * instead of only asking whether it is. With `retries`, the markers of the transaction before are waited
   * for a moment: they are on their way when its producer is told that it ended, and the next batch mostly
   * comes before they are written.
   */
  admit(
    producer: TransactionalProducer,
    partition: TopicPartition,
    options: { readonly add: boolean; readonly retries: boolean },
  ): Promise<Admission> {
    const key = keyOf(producer.producerId, partition);
    const before: Promise<unknown> = this.#asked.get(key) ?? Promise.resolve();
    const answer = before.then(() => this.#admit(producer, partition, options));
    this.#asked.set(key, answer);
    const forgotten = answer.then(() => {
      if (this.#asked.get(key) === answer) this.#asked.delete(key);
    });
    supervise(this.#world, forgotten);
    return answer;
  }

  async #admit(
    producer: TransactionalProducer,
    partition: TopicPartition,
    { add, retries }: { readonly add: boolean; readonly retries: boolean },
  ): Promise<Admission> {
    if (this.#isOpen(producer, partition)) return { holds: () => this.#isOpen(producer, partition) };
    const before = this.#options.entry(producer.producerId, partition);
    const error = await (retries
      ? this.#askAgain(producer, partition, add)
      : this.#ask(producer, partition, add));
    if (error) return { error };
    // With each end of a transaction that adds partitions in this way its producer gets another epoch, which
    // fences the batch.
    if (add) return { holds: () => true };
    return {
      holds: () =>
        this.#options.entry(producer.producerId, partition) === before || this.#isOpen(producer, partition),
    };
  }

  #isOpen({ producerId, producerEpoch }: ProducerIdAndEpoch, partition: TopicPartition): boolean {
    const entry = this.#options.entry(producerId, partition);
    return entry !== undefined && entry.currentTxnFirstOffset >= 0 && entry.epoch === producerEpoch;
  }

  /** Never rejects. */
  async #askAgain(
    producer: TransactionalProducer,
    partition: TopicPartition,
    add: boolean,
  ): Promise<ErrorName | null> {
    const { clock } = this.#world;
    const { backoffMs, maxMs } = this.#options.retry();
    const since = clock.monotonic();
    for (;;) {
      const error = await this.#ask(producer, partition, add);
      if (error !== 'CONCURRENT_TRANSACTIONS' || clock.monotonic() - since >= maxMs) return error;
      await sleep(clock, backoffMs);
    }
  }

  /** Never rejects. */
  async #ask(
    { transactionalId, producerId, producerEpoch }: TransactionalProducer,
    { topic, partition }: TopicPartition,
    add: boolean,
  ): Promise<ErrorName | null> {
    const { brokerId, image, transactions, connections } = this.#options;
    const log = image().topics.byName(TRANSACTION_STATE);
    const coordinator = log?.partitions[transactions.runtime.partitionFor(transactionalId)]?.leader ?? -1;
    if (coordinator === -1) return 'COORDINATOR_NOT_AVAILABLE';
    const partitions = [{ topic, partition }];
    if (coordinator === brokerId) {
      if (add)
        return transactions.addPartitions(transactionalId, {
          producerId,
          producerEpoch,
          partitions,
          transactionVersion: 2,
        });
      const [error = null] = await transactions.verifyPartitions(transactionalId, {
        producerId,
        producerEpoch,
        partitions,
      });
      return error;
    }
    try {
      const connection = await connections.to(coordinator);
      const answer = await connection.send(
        addPartitionsToTxn,
        {
          transactions: [
            {
              transactionalId,
              producerId,
              producerEpoch,
              verifyOnly: !add,
              topics: [{ name: topic, partitions: [partition] }],
            },
          ],
        },
        { version: add ? ADD_VERSION : VERIFY_VERSION, timeoutMs: REQUEST_TIMEOUT_MS },
      );
      const result = answer.resultsByTransaction[0]?.topicResults[0]?.resultsByPartition[0];
      const code = answer.errorCode !== 0 ? answer.errorCode : (result?.partitionErrorCode ?? 0);
      return code === 0 ? null : errorName(code);
    } catch {
      // Whatever kept the answer away, the producer may ask again.
      return 'NETWORK_EXCEPTION';
    }
  }
}

/** What a producer is told when its batch was not admitted. */
export function admissionError(error: ErrorName, apiVersion: number): ErrorName {
  switch (error) {
    // Older clients retry these only if they come under a name they retry a produce request for.
    case 'CONCURRENT_TRANSACTIONS':
      return apiVersion >= CONCURRENT_SINCE ? error : 'NOT_ENOUGH_REPLICAS';
    case 'NETWORK_EXCEPTION':
    case 'COORDINATOR_LOAD_IN_PROGRESS':
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
      return 'NOT_ENOUGH_REPLICAS';
    case 'PRODUCER_FENCED':
      return 'INVALID_PRODUCER_EPOCH';
    case 'TRANSACTION_ABORTABLE':
      return apiVersion >= ABORTABLE_SINCE ? error : 'INVALID_TXN_STATE';
    default:
      return error;
  }
}

/**
 * From this Produce version on partitions are added by their leaders (KIP-890), and clients know why that
 * takes a while.
 */
const CONCURRENT_SINCE = 12;
/** From this Produce version on clients know TRANSACTION_ABORTABLE. */
const ABORTABLE_SINCE = 11;

function keyOf(producerId: number, { topic, partition }: TopicPartition): string {
  return `${producerId} ${partition} ${topic}`;
}
