import type { BatchHeader } from '../protocol/records/batch.ts';
import {
  BATCHES_TO_RETAIN,
  firstSequence,
  follows,
  lastSequence,
  NO_EPOCH,
  NO_SEQUENCE,
  type ProducerBatch,
  type ProducerEntry,
  plus,
} from './producer-entry.ts';

/**
 * Kafka's rules for what a producer may append next (ProducerAppendInfo, UnifiedLog), as functions from what
 * is remembered of it to what will be, or to an error. Replicas take what their leader accepted; the
 * coordinator writes offset commits without sequences; only clients are held to all of it.
 */
export type AppendOrigin = 'client' | 'coordinator' | 'replication' | 'raft';

export type ProducerError =
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_TXN_STATE'
  | 'TRANSACTION_COORDINATOR_FENCED';

/** The remembered batch that this one repeats: the same epoch, first and last sequence. */
export function findDuplicate(entry: ProducerEntry, header: BatchHeader): ProducerBatch | null {
  if (entry.epoch !== header.producerEpoch) return null;
  const last = plus(header.baseSequence, header.lastOffsetDelta);
  const same = (batch: ProducerBatch) =>
    batch.lastSequence === last && firstSequence(batch) === header.baseSequence;
  return entry.batches.find(same) ?? null;
}

/** `header` has its offsets already. */
export function appendData(
  entry: ProducerEntry,
  header: BatchHeader,
  origin: AppendOrigin,
): { readonly entry: ProducerEntry } | { readonly error: ProducerError; readonly message: string } {
  const { producerId, producerEpoch: epoch, baseSequence, isTransactional } = header;
  if (origin !== 'replication' && epoch < entry.epoch) {
    const message = `epoch ${epoch} of producer ${producerId} is smaller than ${entry.epoch}, seen before`;
    return { error: 'INVALID_PRODUCER_EPOCH', message };
  }
  if (origin === 'client') {
    const message = sequenceError(entry, epoch, baseSequence);
    if (message)
      return { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER', message: `producer ${producerId}: ${message}` };
  }
  if (entry.currentTxnFirstOffset >= 0 && !isTransactional && origin !== 'replication') {
    const message = `producer ${producerId} has a transaction open and wrote outside of it`;
    return { error: 'INVALID_TXN_STATE', message };
  }
  const batch: ProducerBatch = {
    lastSequence: baseSequence === NO_SEQUENCE ? NO_SEQUENCE : plus(baseSequence, header.lastOffsetDelta),
    lastOffset: header.lastOffset,
    offsetDelta: header.lastOffsetDelta,
    timestamp: header.maxTimestamp,
  };
  const before = entry.epoch === epoch ? entry.batches : [];
  const begins = isTransactional && entry.currentTxnFirstOffset < 0;
  return {
    entry: {
      ...entry,
      epoch,
      lastTimestamp: header.maxTimestamp,
      currentTxnFirstOffset: begins ? header.baseOffset : entry.currentTxnFirstOffset,
      batches: [...before.slice(-(BATCHES_TO_RETAIN - 1)), batch],
    },
  };
}

/**
 * An end-transaction marker: the producer's epoch and the coordinator's must not be older than those seen.
 */
export function appendMarker(
  entry: ProducerEntry,
  marker: {
    readonly producerEpoch: number;
    readonly coordinatorEpoch: number;
    readonly timestamp: number;
  },
  origin: AppendOrigin,
): { readonly entry: ProducerEntry } | { readonly error: ProducerError; readonly message: string } {
  if (origin !== 'replication') {
    if (marker.producerEpoch < entry.epoch) {
      const message = `marker of producer ${entry.producerId} has epoch ${marker.producerEpoch}, ${entry.epoch} was seen`;
      return { error: 'INVALID_PRODUCER_EPOCH', message };
    }
    if (marker.coordinatorEpoch < entry.coordinatorEpoch) {
      const message = `coordinator epoch ${marker.coordinatorEpoch} is a zombie's, ${entry.coordinatorEpoch} is current`;
      return { error: 'TRANSACTION_COORDINATOR_FENCED', message };
    }
  }
  return {
    entry: {
      ...entry,
      epoch: marker.producerEpoch,
      coordinatorEpoch: marker.coordinatorEpoch,
      lastTimestamp: marker.timestamp,
      currentTxnFirstOffset: -1,
      batches: entry.epoch === marker.producerEpoch ? entry.batches : [],
    },
  };
}

/** Null when the sequence is the one expected. */
function sequenceError(entry: ProducerEntry, epoch: number, first: number): string | null {
  // Nothing is remembered, perhaps because its records were deleted: any sequence is accepted.
  if (entry.epoch === NO_EPOCH) return null;
  if (epoch !== entry.epoch) {
    return first === 0 ? null : `epoch ${epoch} begins with sequence ${first}, not 0 (${entry.epoch} before)`;
  }
  const last = lastSequence(entry);
  return follows(last, first) ? null : `sequence ${first} does not follow ${last}`;
}
