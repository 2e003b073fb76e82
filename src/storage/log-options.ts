import type { LogConfig } from './log-config.ts';
import type { SharedStorage } from './shared-storage.ts';
import type { StorageError } from './storage-error.ts';
import type { SyncMark } from './sync-mark.ts';

export interface PartitionLogOptions {
  /** The partition's folder; made when missing. */
  readonly directory: string;
  readonly config: LogConfig;
  /**
   * The config may not be the topic's, as when a broker opens its logs before it has read what topics there
   * are: until
   * `updateConfig`, nothing is deleted, compacted or forgotten for its sake.
   */
  readonly isConfigProvisional?: boolean;
  /** From recovery-point-offset-checkpoint; 0 when there is none. */
  readonly recoveryPoint: number;
  /** The broker stopped cleanly: no recovery. */
  readonly clean: boolean;
  /** From log-start-offset-checkpoint; also where a log without segments begins. */
  readonly logStartOffset?: number;
  /** From replication-offset-checkpoint. */
  readonly highWatermark?: number;
  /**
   * Another object of this process had the log before, or an attempt to open it failed. That may have cut it,
   * and nobody waited until the device and the checkpoints there knew: this one does, before it takes an
   * append.
   */
  readonly isReopened?: boolean;
  /** What an earlier sync may have left in the page cache alone was written anew since it was shut. */
  readonly isRewritten?: boolean;
  /** Told of each fault once; the log itself refuses what it must. */
  readonly onStorageError?: (error: StorageError) => void;
  /** From cleaner-offset-checkpoint; of no meaning for a log that is not compacted. */
  readonly cleanedUpTo?: number;
  /**
   * Resolves when no checkpoint on the device says more than this log holds now. When it is given, the log
   * takes no append after a cut, be it recovery's, until that and the cut are on the device.
   */
  readonly lowerCheckpoints?: () => Promise<void>;
  /**
   * Resolves when the device has whatever tells whose the folder is; the first flush waits for it. Rejects
   * with DiskError.
   */
  readonly syncOwner?: () => Promise<void>;
  /**
   * Tells the next life of the log of a sync that is under way or failed, and of a cut that is not synced. A
   * log whose mark is in doubt writes anew what an earlier sync may have left in the page cache alone, and
   * takes no append before the device has that; unless it is opened `clean`.
   */
  readonly syncMark?: SyncMark;
  /** What this process's logs share; a log opened alone makes its own. */
  readonly shared?: SharedStorage;
}
