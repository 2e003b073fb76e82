import type { DeliveryLimits } from './delivery.ts';
import type { FetchedBatch } from './fetched-batches.ts';

export interface AcquiredRecords {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

/** What is to be locked for a member, and how. */
export interface Acquisition {
  readonly memberId: string;
  /** What was read, in order; not empty. */
  readonly batches: readonly FetchedBatch[];
  /** Where it was read from. */
  readonly fetchOffset: number;
  readonly maxRecords: number;
  /** How many records are acquired and acknowledged as one. */
  readonly batchSize: number;
  /** Never more than `maxRecords`; otherwise batches are kept whole. */
  readonly isStrict: boolean;
  /** Monotonic time at which the locks end. */
  readonly lockedUntil: number;
  readonly limits: DeliveryLimits;
}

/** The offsets in pieces of about the batch size, which end where batches of the log end. */
export function pieces(
  from: number,
  to: number,
  { batches, batchSize, isStrict }: Pick<Acquisition, 'batches' | 'batchSize' | 'isStrict'>,
): { firstOffset: number; lastOffset: number }[] {
  if (isStrict || to - from + 1 <= batchSize) return [{ firstOffset: from, lastOffset: to }];
  const all: { firstOffset: number; lastOffset: number }[] = [];
  let firstOffset = from;
  for (const { baseOffset } of batches) {
    if (baseOffset > to) break;
    if (baseOffset - firstOffset < Math.max(1, batchSize)) continue;
    all.push({ firstOffset, lastOffset: baseOffset - 1 });
    firstOffset = baseOffset;
  }
  all.push({ firstOffset, lastOffset: to });
  return all;
}
