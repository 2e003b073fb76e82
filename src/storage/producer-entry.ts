import type { ProducerId } from '../base/brand.ts';

/**
 * Kafka's NUM_BATCHES_TO_RETAIN: a producer has at most five requests in flight, so a retry is among these.
 */
export const BATCHES_TO_RETAIN = 5;

export const NO_EPOCH = -1;
export const NO_SEQUENCE = -1;
const MAX_SEQUENCE = 0x7fff_ffff;

/** A batch that a producer wrote; its first sequence and offset follow from the delta. */
export interface ProducerBatch {
  readonly lastSequence: number;
  readonly lastOffset: number;
  readonly offsetDelta: number;
  readonly timestamp: number;
}

/** What a partition remembers of one producer. */
export interface ProducerEntry {
  readonly producerId: ProducerId;
  readonly epoch: number;
  readonly coordinatorEpoch: number;
  readonly lastTimestamp: number;
  /** First offset of the transaction that is open; -1 when none is. */
  readonly currentTxnFirstOffset: number;
  /** The latest, at most five, of this epoch. */
  readonly batches: readonly ProducerBatch[];
}

export function emptyEntry(producerId: ProducerId): ProducerEntry {
  return {
    producerId,
    epoch: NO_EPOCH,
    coordinatorEpoch: -1,
    lastTimestamp: -1,
    currentTxnFirstOffset: -1,
    batches: [],
  };
}

export function firstSequence(batch: ProducerBatch): number {
  return minus(batch.lastSequence, batch.offsetDelta);
}

export function firstOffset(batch: ProducerBatch): number {
  return batch.lastOffset - batch.offsetDelta;
}

export function lastSequence(entry: ProducerEntry): number {
  return entry.batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
}

/** Sequences wrap from 2^31-1 to 0. */
export function plus(sequence: number, delta: number): number {
  return sequence > MAX_SEQUENCE - delta ? delta - (MAX_SEQUENCE - sequence) - 1 : sequence + delta;
}

function minus(sequence: number, delta: number): number {
  return sequence < delta ? MAX_SEQUENCE - (delta - sequence) + 1 : sequence - delta;
}

export function follows(last: number, next: number): boolean {
  return next === last + 1 || (next === 0 && last === MAX_SEQUENCE);
}
