import type { TopicPartition } from '../../base/topic-partition.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { hasPartition, isCompleting, type Transaction, withPartitions } from './transaction.ts';

export interface AddRequest {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly partitions: readonly TopicPartition[];
  /** 2 when the partitions' leader adds them as they are written to (KIP-890). */
  readonly transactionVersion: number;
  readonly now: number;
}

/** Partitions become part of the transaction, which begins with the first. */
export function addPartitions(
  known: Transaction | undefined,
  request: AddRequest,
): { readonly error: ErrorName } | { readonly next: Transaction | null } {
  // First of all: with the end of the one before, its producer may have been given an id that is not known
  // here yet.
  if (known && isCompleting(known)) return { error: 'CONCURRENT_TRANSACTIONS' };
  const refusal = refusesPartitions(known, request);
  if (refusal) return { error: refusal };
  if (!known) return { error: 'INVALID_PRODUCER_ID_MAPPING' };
  const { partitions, now, transactionVersion } = request;
  const ongoing = known.state === 'Ongoing';
  if (ongoing && partitions.every((partition) => hasPartition(known.partitions, partition)))
    return { next: null };
  return {
    next: {
      ...known,
      state: 'Ongoing',
      partitions: withPartitions(known.partitions, partitions),
      startTimestamp: ongoing ? known.startTimestamp : now,
      lastUpdateTimestamp: now,
      clientTransactionVersion: transactionVersion,
    },
  };
}

/**
 * Whether each partition belongs to the producer's open transaction, as its leader asks before it writes
 * (KIP-890).
 */
export function verifyPartition(
  known: Transaction | undefined,
  request: Pick<AddRequest, 'producerId' | 'producerEpoch'>,
  partition: TopicPartition,
): ErrorName | null {
  const refusal = refusesPartitions(known, request);
  if (refusal) return refusal;
  return known && hasPartition(known.partitions, partition) ? null : 'TRANSACTION_ABORTABLE';
}

function refusesPartitions(
  known: Transaction | undefined,
  { producerId, producerEpoch }: Pick<AddRequest, 'producerId' | 'producerEpoch'>,
): ErrorName | null {
  if (known?.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING';
  if (known.producerEpoch !== producerEpoch) return 'PRODUCER_FENCED';
  // The last one is decided but not every partition knows: what is written now must not be counted with it.
  if (isCompleting(known)) return 'CONCURRENT_TRANSACTIONS';
  return null;
}
