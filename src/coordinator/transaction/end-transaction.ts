import { assert } from '../../base/assert.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import {
  bumpsEpochs,
  isCompleting,
  isEpochExhausted,
  NO_PARTITIONS,
  type Transaction,
} from './transaction.ts';

export type EndOutcome =
  | { readonly error: ErrorName }
  | { readonly needsProducerId: true }
  /** It ended before, and the producer asks again. */
  | { readonly done: Transaction }
  /** It is decided; what the partitions are told follows when the decision is committed. */
  | { readonly next: Transaction };

export interface EndRequest {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
  /** 2 from EndTxn version 5 on: the answer carries the epoch of the next transaction (KIP-890). */
  readonly transactionVersion: number;
  readonly freshProducerId: number | null;
  readonly now: number;
}

/** A producer ends its transaction. */
export function endTransaction(known: Transaction | undefined, request: EndRequest): EndOutcome {
  if (!known) return { error: 'INVALID_PRODUCER_ID_MAPPING' };
  // A producer that was told of the end has its next epoch already, or its next id, and may end its next
  // transaction before anything was added to it. It is not fenced, it has to come again (KAFKA-18464).
  if (isCompleting(known) && bumpsEpochs(request.transactionVersion))
    return { error: 'CONCURRENT_TRANSACTIONS' };
  const { producerId, producerEpoch, committed } = request;
  const retry = isRetry(known, request);
  if (known.producerId !== producerId && !retry) return { error: 'INVALID_PRODUCER_ID_MAPPING' };
  if (!retry && known.producerEpoch !== producerEpoch) return { error: 'PRODUCER_FENCED' };
  switch (known.state) {
    case 'Ongoing':
      return retry ? { error: 'PRODUCER_FENCED' } : prepare(known, request);
    case 'PrepareCommit':
    case 'PrepareAbort':
      return { error: 'CONCURRENT_TRANSACTIONS' };
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (bumpsEpochs(known.clientTransactionVersion) && !retry) return endEmpty(known, request);
      if (committed === (known.state === 'CompleteCommit')) return { done: known };
      // A producer asks again for what it asked before, so somebody else aborted it: the coordinator, when it
      // took too long (KAFKA-20785).
      return { error: committed && retry ? 'PRODUCER_FENCED' : 'INVALID_TXN_STATE' };
    case 'Empty':
      return endEmpty(known, request);
    case 'Dead':
    case 'PrepareEpochFence':
      return { error: 'UNKNOWN_SERVER_ERROR' };
  }
}

/**
 * The transaction is aborted without its producer, which is fenced: with an epoch above its own it cannot go
 * on. From `transaction.version` 2 on its producer may ask for that epoch, unless another one comes first
 * (KAFKA-19367).
 */
export function abort(
  known: Transaction,
  { now, transactionVersion }: { readonly now: number; readonly transactionVersion: number },
): Transaction {
  return {
    ...known,
    state: 'PrepareAbort',
    producerEpoch: known.producerEpoch + 1,
    previousProducerId: bumpsEpochs(transactionVersion) ? known.producerId : -1,
    lastUpdateTimestamp: now,
    // By which leaders refuse its markers once the producer writes with that epoch (KIP-1228).
    clientTransactionVersion: transactionVersion,
  };
}

/** Every partition has its marker. */
export function complete(known: Transaction, now: number): Transaction {
  assert(isCompleting(known), 'a transaction is complete after it was decided');
  const rotated = known.nextProducerId !== -1;
  return {
    ...known,
    state: known.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    producerId: rotated ? known.nextProducerId : known.producerId,
    previousProducerId: rotated ? known.producerId : known.previousProducerId,
    nextProducerId: -1,
    producerEpoch: rotated ? 0 : known.producerEpoch,
    partitions: NO_PARTITIONS,
    lastUpdateTimestamp: now,
  };
}

/** What the producer goes on with once the transaction is complete. */
export function producerAfter({ producerId, producerEpoch, nextProducerId }: Transaction): {
  producerId: number;
  producerEpoch: number;
} {
  return nextProducerId === -1
    ? { producerId, producerEpoch }
    : { producerId: nextProducerId, producerEpoch: 0 };
}

function prepare(known: Transaction, request: EndRequest): EndOutcome {
  const { committed, transactionVersion, freshProducerId, now } = request;
  const bumps = bumpsEpochs(transactionVersion);
  const exhausted = bumps && isEpochExhausted(known.producerEpoch);
  if (exhausted && freshProducerId === null) return { needsProducerId: true };
  return {
    next: {
      ...known,
      state: committed ? 'PrepareCommit' : 'PrepareAbort',
      producerEpoch: bumps ? known.producerEpoch + 1 : known.producerEpoch,
      previousProducerId: bumps ? known.producerId : known.previousProducerId,
      nextProducerId: exhausted ? (freshProducerId ?? -1) : -1,
      lastUpdateTimestamp: now,
      clientTransactionVersion: transactionVersion,
    },
  };
}

/**
 * A transaction without a partition: aborting it still gives the producer its next epoch; there is nothing to
 * commit.
 */
function endEmpty(known: Transaction, request: EndRequest): EndOutcome {
  if (!bumpsEpochs(request.transactionVersion) || request.committed) return { error: 'INVALID_TXN_STATE' };
  const begun = known.state === 'Empty' || known.startTimestamp === -1 ? request.now : known.startTimestamp;
  return prepare({ ...known, startTimestamp: begun, partitions: NO_PARTITIONS }, request);
}

/**
 * Whether this producer ended the transaction before, and was given the next epoch, but did not hear of it.
 */
function isRetry(known: Transaction, { producerId, producerEpoch, transactionVersion }: EndRequest): boolean {
  if (!bumpsEpochs(known.clientTransactionVersion) || !bumpsEpochs(transactionVersion)) return false;
  if (known.producerId === producerId && known.producerEpoch === producerEpoch + 1) return true;
  return (
    known.previousProducerId === producerId && isEpochExhausted(producerEpoch) && known.producerEpoch === 0
  );
}
