import { type Move, sameBrokers } from './move.ts';

export interface BatchLimits {
  /** Partitions that are copied at a time. */
  readonly maxMoves: number;
  /** Bytes that are copied at a time; a partition that is larger is copied alone. */
  readonly maxBytes: number;
}

/**
 * Changes of order copy nothing and are done when they are answered; the bound is for the size of the
 * request.
 */
const ORDER_CHANGES_MAX = 1000;

/** The moves to start now, in the order of the plan, beside those that are under way. */
export function nextBatch(
  pending: readonly Move[],
  moving: readonly Move[],
  { maxMoves, maxBytes }: BatchLimits,
): Move[] {
  const reordered = pending.filter(({ from, to }) => sameBrokers(from, to)).slice(0, ORDER_CHANGES_MAX);
  const copied: Move[] = [];
  let bytes = moving.reduce((sum, move) => sum + move.bytes, 0);
  for (const move of pending) {
    if (sameBrokers(move.from, move.to)) continue;
    const inFlight = moving.length + copied.length;
    if (inFlight >= maxMoves) break;
    if (inFlight > 0 && bytes + move.bytes > maxBytes) break;
    bytes += move.bytes;
    copied.push(move);
  }
  return [...reordered, ...copied];
}
