import type { ErrorName } from '../../protocol/errors.ts';
import { abort } from './end-transaction.ts';
import {
  isCompleting,
  isEpochExhausted,
  isReservedEpoch,
  lastEpochOf,
  NO_PARTITIONS,
  type Transaction,
} from './transaction.ts';

export interface ProducerIdAndEpoch {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export type InitOutcome =
  | { readonly error: ErrorName }
  /** A producer id has to be had first; then the decision is made again with it. */
  | { readonly needsProducerId: true }
  /** The producer may go on with what `next` says. */
  | { readonly next: Transaction }
  /** Its transaction is aborted first; the client asks again. */
  | { readonly aborted: Transaction };

/**
 * A producer comes, or comes again: it gets an epoch that fences whoever used the transactional id before.
 * `expected` is what the producer has, if it bumps its own epoch after an error (KIP-360).
 */
export function initProducerId(
  known: Transaction | undefined,
  request: {
    readonly transactionalId: string;
    readonly timeoutMs: number;
    readonly expected: ProducerIdAndEpoch | null;
    readonly freshProducerId: number | null;
    readonly now: number;
    /** The level of `transaction.version` in the cluster. */
    readonly transactionVersion: number;
  },
): InitOutcome {
  const { transactionalId, timeoutMs, expected, freshProducerId, now } = request;
  const begin = {
    transactionalId,
    timeoutMs,
    nextProducerId: -1,
    state: 'Empty',
    partitions: NO_PARTITIONS,
    startTimestamp: -1,
    lastUpdateTimestamp: now,
    clientTransactionVersion: 0,
  } as const;
  if (!known) {
    if (freshProducerId === null) return { needsProducerId: true };
    const ids = { producerId: freshProducerId, previousProducerId: -1 };
    return { next: { ...begin, ...ids, producerEpoch: 0 } };
  }
  // First of all: what the producer expects may be what it gets only when its transaction is complete.
  if (isCompleting(known)) return { error: 'CONCURRENT_TRANSACTIONS' };
  if (expected && !mayContinue(known, expected)) return { error: 'PRODUCER_FENCED' };
  switch (known.state) {
    case 'Ongoing':
      return { aborted: abort(known, request) };
    case 'Dead':
    case 'PrepareEpochFence':
      return { error: 'UNKNOWN_SERVER_ERROR' };
    default:
  }
  const { producerId, producerEpoch, previousProducerId } = known;
  const lastEpoch = lastEpochOf(known);
  // The epoch that fenced the last one of an id is nobody's to go on with.
  const goesOnFrom = isReservedEpoch(producerEpoch) ? lastEpoch : producerEpoch;
  if (isEpochExhausted(producerEpoch) && (!expected || expected.producerEpoch === goesOnFrom)) {
    if (freshProducerId === null) return { needsProducerId: true };
    const ids = { producerId: freshProducerId, previousProducerId: expected ? producerId : -1 };
    return { next: { ...begin, ...ids, producerEpoch: 0 } };
  }
  if (!expected) {
    return { next: { ...begin, producerId, previousProducerId: -1, producerEpoch: producerEpoch + 1 } };
  }
  if (expected.producerEpoch === producerEpoch) {
    const ids = { producerId, previousProducerId: producerId };
    return { next: { ...begin, ...ids, producerEpoch: producerEpoch + 1 } };
  }
  // It asked before, or ended its transaction, or had it aborted, and did not hear of its next epoch.
  if (expected.producerEpoch === lastEpoch) {
    const ids = { producerId, previousProducerId: producerEpoch === 0 ? previousProducerId : producerId };
    return { next: { ...begin, ...ids, producerEpoch } };
  }
  return { error: 'PRODUCER_FENCED' };
}

function mayContinue(known: Transaction, expected: ProducerIdAndEpoch): boolean {
  if (expected.producerId === known.producerId) return true;
  return expected.producerId === known.previousProducerId && isEpochExhausted(expected.producerEpoch);
}
