import type { Offset } from '../base/brand.ts';
import type { SnapshotId } from './snapshot-id.ts';

/** What the leader's log knows of epochs and snapshots. */
export interface LogHistory {
  readonly startOffset: Offset;
  readonly endOffset: Offset;
  readonly earliestSnapshotId: SnapshotId | null;
  readonly latestSnapshotId: SnapshotId | null;
  endOffsetForEpoch(epoch: number): { readonly epoch: number; readonly endOffset: Offset };
}

export type FetchPosition =
  | { readonly kind: 'valid' }
  /**
   * The replica's last epoch ended earlier here: it has records that were never committed, and cuts back to
   * this.
   */
  | { readonly kind: 'diverging'; readonly epoch: number; readonly endOffset: Offset }
  /** What it wants next is no longer in the log. */
  | { readonly kind: 'snapshot'; readonly id: SnapshotId };

/**
 * Whether a replica whose log ends at this offset, with a record of this epoch, may go on from there
 * (KIP-595, KIP-630).
 */
export function fetchPosition(
  log: LogHistory,
  replica: { readonly fetchOffset: Offset; readonly lastFetchedEpoch: number },
): FetchPosition {
  const { fetchOffset, lastFetchedEpoch } = replica;
  if (log.startOffset === 0 && fetchOffset === 0 && lastFetchedEpoch <= 0) return { kind: 'valid' };
  const { earliestSnapshotId: earliest, latestSnapshotId: latest } = log;
  if (earliest && latest) {
    const isGone =
      fetchOffset < log.startOffset ||
      (fetchOffset === log.startOffset && lastFetchedEpoch !== earliest.epoch) ||
      lastFetchedEpoch < earliest.epoch;
    if (isGone) return { kind: 'snapshot', id: latest };
  }
  const end = log.endOffsetForEpoch(lastFetchedEpoch);
  if (end.epoch !== lastFetchedEpoch || end.endOffset < fetchOffset) return { kind: 'diverging', ...end };
  return { kind: 'valid' };
}
