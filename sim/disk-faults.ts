import type { DiskErrorCode } from '../src/base/disk.ts';

/** What may go wrong on one host's disk: probabilities per call. The scenario may change them at any time. */
export interface DiskFaults {
  /** A write that writes only some of the bytes and reports that only in its result. */
  shortWrite: number;
  writeEio: number;
  /**
   * The sync fails, and a random part of what it should have written is never written (fsync reports an error
   * once).
   */
  syncEio: number;
  /** Every sync of a file in this folder fails in that way. */
  syncEioIn: string | null;
  readEio: number;
  /** Probability per renaming of a folder. */
  renameEio: number;
  /** Opening anything below this folder fails with this code. */
  refused: { readonly folder: string; readonly code: DiskErrorCode } | null;
  /** The device reports writes that it has not made. No program survives that; only canaries set it. */
  syncLies: boolean;
  folderSyncLies: boolean;
  /** The most bytes that all files together may have. */
  capacityBytes: number;
  /** The range of the duration of a sync, in milliseconds. */
  syncMs: readonly [number, number];
  /** At a crash, per file: each unsynced page survives or not by itself; the others become zeros. */
  crashLeavesHoles: number;
}

export function noDiskFaults(): DiskFaults {
  return {
    shortWrite: 0,
    writeEio: 0,
    syncEio: 0,
    syncEioIn: null,
    readEio: 0,
    renameEio: 0,
    refused: null,
    syncLies: false,
    folderSyncLies: false,
    capacityBytes: Number.POSITIVE_INFINITY,
    syncMs: [0.05, 3],
    crashLeavesHoles: 0.1,
  };
}
