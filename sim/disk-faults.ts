import type { DiskErrorCode } from '../src/base/disk.ts';

/** What may go wrong on one host's disk: probabilities per call, changed by the scenario at any time. */
export interface DiskFaults {
  /** A write that takes only some of the bytes and says so only in its result. */
  shortWrite: number;
  writeEio: number;
  /**
   * The sync fails, and by the seed some of what it should have written is never written (fsync errors are
   * told once).
   */
  syncEio: number;
  readEio: number;
  /** Per renaming of a folder. */
  renameEio: number;
  /** Nothing below this folder can be opened. */
  refused: { readonly folder: string; readonly code: DiskErrorCode } | null;
  /** The device says that it has what it does not have: no program survives that; canaries do it. */
  syncLies: boolean;
  folderSyncLies: boolean;
  /** The bytes that all files together may have. */
  capacityBytes: number;
  /** How long a sync takes, from and to, in milliseconds. */
  syncMs: readonly [number, number];
  /** At a crash, per file: the unsynced pages survive one by one, leaving zeros between them. */
  crashLeavesHoles: number;
}

export function noDiskFaults(): DiskFaults {
  return {
    shortWrite: 0,
    writeEio: 0,
    syncEio: 0,
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
