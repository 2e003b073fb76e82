import type { Offset } from '../base/brand.ts';

/**
 * A snapshot holds all that the log said below `endOffset`; `epoch` is that of the last record in it
 * (KIP-630).
 */
export interface SnapshotId {
  readonly endOffset: Offset;
  readonly epoch: number;
}

/**
 * What `kafka-storage format` makes: the quorum's first voters and the first feature levels, before any
 * record.
 */
export const BOOTSTRAP_SNAPSHOT: SnapshotId = { endOffset: 0, epoch: 0 };

export function snapshotFileName({ endOffset, epoch }: SnapshotId): string {
  return `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`;
}

/** Null when the name is not that of a finished snapshot. */
export function parseSnapshotFileName(name: string): SnapshotId | null {
  const match = /^(\d{20})-(\d{10})\.checkpoint$/.exec(name);
  if (!match) return null;
  return { endOffset: Number(match[1]), epoch: Number(match[2]) };
}
