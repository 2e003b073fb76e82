import { assert } from '../../base/assert.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { TransactionLogValue, TransactionRecord } from './records.ts';

/** In the order of their numbers in the log. */
const STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const;

export type TransactionState = (typeof STATES)[number];

export function isTransactionState(name: string): name is TransactionState {
  return (STATES as readonly string[]).includes(name);
}

/** All that is known of a transactional id. Never changed; the next one takes its place. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  /**
   * The id that the same producer had with the epoch before: `producerId`, or another one whose epochs were
   * used up. The producer may ask (again) for the epoch that it has now with the one before (`lastEpochOf`).
   * -1: a new producer has the epoch, and what was before it is fenced.
   */
  readonly previousProducerId: number;
  /**
   * The id to go on with when this transaction is complete, because the epochs of this one are used up. -1:
   * the same.
   */
  readonly nextProducerId: number;
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: PartitionSet;
  /** Milliseconds since 1970, -1 before the first transaction. */
  readonly startTimestamp: number;
  readonly lastUpdateTimestamp: number;
  /** 2: the client has a new epoch for each transaction (KIP-890). */
  readonly clientTransactionVersion: number;
}

/** Partitions by topic. */
export type PartitionSet = ReadonlyMap<string, ReadonlySet<number>>;

export const NO_PARTITIONS: PartitionSet = new Map();

/** 32767 is kept for the coordinator, to fence the last producer with. */
const LAST_PRODUCER_EPOCH = 32766;

/** Its end is decided, but not every partition has the marker yet. */
export function isCompleting({ state }: Transaction): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort';
}

export function isEpochExhausted(epoch: number): boolean {
  return epoch >= LAST_PRODUCER_EPOCH;
}

/** Only the coordinator has it, in the markers that end the last transaction of a producer id. */
export function isReservedEpoch(epoch: number): boolean {
  return epoch > LAST_PRODUCER_EPOCH;
}

/** Whether the client gets a new epoch with each transaction. */
export function bumpsEpochs(transactionVersion: number): boolean {
  return transactionVersion >= 2;
}

export function recordOf(transaction: Transaction): TransactionRecord {
  return {
    type: 'TransactionLog',
    key: { transactionalId: transaction.transactionalId },
    value: {
      producerId: transaction.producerId,
      previousProducerId: transaction.previousProducerId,
      nextProducerId: transaction.nextProducerId,
      producerEpoch: transaction.producerEpoch,
      nextProducerEpoch: -1,
      transactionTimeoutMs: transaction.timeoutMs,
      transactionStatus: STATES.indexOf(transaction.state),
      transactionPartitions:
        transaction.partitions.size === 0
          ? null
          : [...transaction.partitions].map(([topic, ids]) => ({ topic, partitionIds: [...ids] })),
      transactionLastUpdateTimestampMs: transaction.lastUpdateTimestamp,
      transactionStartTimestampMs: transaction.startTimestamp,
      clientTransactionVersion: transaction.clientTransactionVersion,
    },
  };
}

export function transactionOf(transactionalId: string, value: TransactionLogValue): Transaction {
  const state = STATES[value.transactionStatus];
  assert(state, `transaction status ${value.transactionStatus}`);
  return {
    transactionalId,
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    timeoutMs: value.transactionTimeoutMs,
    state,
    partitions: new Map(
      (value.transactionPartitions ?? []).map(({ topic, partitionIds }) => [topic, new Set(partitionIds)]),
    ),
    startTimestamp: value.transactionStartTimestampMs,
    lastUpdateTimestamp: value.transactionLastUpdateTimestampMs,
    clientTransactionVersion: value.clientTransactionVersion,
  };
}

/**
 * The epoch that the same producer had before; -1 when there is none. It comes of what the log keeps, so a
 * producer that did not hear of its epoch because the coordinator died or moved is not fenced by the next
 * coordinator. (Apache Kafka keeps it in memory only, and fences.)
 */
export function lastEpochOf(transaction: Transaction): number {
  const { producerId, previousProducerId, producerEpoch } = transaction;
  if (producerEpoch === 0) return previousProducerId === -1 ? -1 : LAST_PRODUCER_EPOCH;
  return previousProducerId === producerId || endedByOlderRelease(transaction) ? producerEpoch - 1 : -1;
}

/**
 * Older releases kept no `previousProducerId` where a transaction with an epoch of its own (KIP-890) gave the
 * next one.
 */
function endedByOlderRelease({ state, clientTransactionVersion }: Transaction): boolean {
  const isEnded = state !== 'Empty' && state !== 'Ongoing' && state !== 'Dead';
  return isEnded && bumpsEpochs(clientTransactionVersion);
}

export function hasPartition(partitions: PartitionSet, { topic, partition }: TopicPartition): boolean {
  return partitions.get(topic)?.has(partition) ?? false;
}

export function withPartitions(partitions: PartitionSet, added: readonly TopicPartition[]): PartitionSet {
  const next = new Map([...partitions].map(([topic, ids]) => [topic, new Set(ids)]));
  for (const { topic, partition } of added) {
    const ids = next.get(topic);
    if (ids) ids.add(partition);
    else next.set(topic, new Set([partition]));
  }
  return next;
}

export function listPartitions(partitions: PartitionSet): TopicPartition[] {
  return [...partitions].flatMap(([topic, ids]) => [...ids].map((partition) => ({ topic, partition })));
}
