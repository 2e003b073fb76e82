import type { LogBounds } from './log-bounds.ts';
import type { LogSegments } from './log-segments.ts';
import type { ProducerSnapshots } from './producer-snapshots.ts';
import type { SavedFile } from './saved-file.ts';
import type { Segment } from './segment.ts';
import { SharedSync } from './shared-sync.ts';
import { CheckpointError } from './storage-error.ts';
import type { SyncMark } from './sync-mark.ts';

/** What a flush needs of its log. */
export interface Flushed {
  readonly directory: string;
  readonly segments: LogSegments;
  readonly snapshots: ProducerSnapshots;
  readonly epochsFile: SavedFile;
  readonly bounds: LogBounds;
  /** See `PartitionLogOptions`; at once when the device has it. */
  syncOwner(): Promise<void>;
  syncDirectory(): Promise<void>;
  /** Throws when the log was given up meanwhile. */
  checkNotAbandoned(): void;
  readonly syncMark: SyncMark | undefined;
}

/**
 * Makes a log last, one sync at a time: whoever asks while one is under way shares the next. Only the
 * segments from the recovery point on are synced; closed ones with their indexes and the snapshot at their
 * end, and the epochs of what they hold and the folder's topic id, before the recovery point passes them.
 */
export class LogFlusher {
  readonly #log: Flushed;
  readonly #syncs = new SharedSync(() => this.#syncUnlessBroken());
  /**
   * A sync of data failed: the kernel may have dropped the pages, and another sync would succeed without
   * them.
   */
  #broken: { readonly error: unknown } | null = null;
  /** Segments were made or removed since the folder was synced. */
  #directoryChanged = true;
  /**
   * Segments that begin below it are on the device with their indexes. A segment's data may be synced to its
   * end while it is active, and its indexes are complete only after.
   */
  #closedUpTo: number;
  /** Nothing at or above it counts as synced by the sync that is under way: it was truncated meanwhile. */
  #truncatedTo = Number.POSITIVE_INFINITY;
  /** The log gets no more: the active segment is as complete as the closed ones. */
  #isLast = false;
  /** Base offset of the segment that the last truncation cut; infinity when that is on the device. */
  #cutSegment = Number.POSITIVE_INFINITY;

  constructor(log: Flushed) {
    this.#log = log;
    this.#closedUpTo = Math.min(log.bounds.syncedEndOffset, log.segments.active.baseOffset);
  }

  /**
   * From here on a recovery must read the log: below it, data and indexes are on the device. It never lies at
   * the end of a segment whose indexes are not, where the next one may begin; nor, when the log is closed, at
   * the end of one whose indexes are: if the mark of the clean stop is lost, the next start builds them anew.
   */
  get recoveryPoint(): number {
    const { segments, bounds } = this.#log;
    const { syncedEndOffset, writtenEndOffset } = bounds;
    const { baseOffset } = segments.active;
    if (baseOffset > this.#closedUpTo) return Math.min(syncedEndOffset, this.#closedUpTo);
    const isAtEnd = syncedEndOffset >= writtenEndOffset && syncedEndOffset > baseOffset;
    return isAtEnd ? syncedEndOffset - 1 : syncedEndOffset;
  }

  /** A truncation has not reached the device. */
  get wasCut(): boolean {
    return this.#cutSegment < Number.POSITIVE_INFINITY;
  }

  /**
   * Resolves when all that is written now is on the device. Rejects with the DiskError of a sync that failed.
   */
  flush(): Promise<void> {
    return this.#syncs.sync();
  }

  /**
   * The same, and the log ends with it: the active segment is sealed and has a snapshot at its end, and both
   * last with their indexes.
   */
  flushLast(): Promise<void> {
    this.#isLast = true;
    this.#directoryChanged = true;
    return this.flush();
  }

  syncsEnded(): Promise<void> {
    return this.#syncs.ended();
  }

  directoryChanged(): void {
    this.#directoryChanged = true;
  }

  truncated(offset: number): void {
    this.#truncatedTo = Math.min(this.#truncatedTo, offset);
    // The segment that was cut grows again, and what it lost must not come back under what is written next.
    this.#cutSegment = Math.min(this.#cutSegment, this.#log.segments.active.baseOffset);
    this.#closedUpTo = Math.min(this.#closedUpTo, this.#cutSegment);
    this.#log.bounds.syncedEndOffset = Math.min(this.#log.bounds.syncedEndOffset, offset);
    this.#log.syncMark?.wasCut();
  }

  /** Also those who asked while the sync that failed was under way must not be told that theirs succeeded. */
  async #syncUnlessBroken(): Promise<void> {
    if (this.#broken) throw this.#broken.error;
    const cutSegment = this.#cutSegment;
    try {
      await this.#sync();
    } catch (error) {
      // The device does not know of the cut, however much of the log it has.
      this.#cutSegment = Math.min(this.#cutSegment, cutSegment);
      if (!(error instanceof CheckpointError)) this.#broken = { error };
      throw error;
    }
  }

  async #sync(): Promise<void> {
    const log = this.#log;
    const target = log.bounds.writtenEndOffset;
    this.#truncatedTo = Number.POSITIVE_INFINITY;
    const { active } = log.segments;
    const { wasCut } = this;
    this.#cutSegment = Number.POSITIVE_INFINITY;
    const isLast = this.#isLast;
    if (target > log.bounds.syncedEndOffset || active.baseOffset > this.#closedUpTo || wasCut || isLast) {
      const sync = () => this.#syncSegments(target, (segment) => segment !== active || isLast);
      await (log.syncMark?.during(sync) ?? sync());
    }
    try {
      await log.epochsFile.saved();
    } catch (error) {
      throw new CheckpointError('the leader epochs were not saved', { cause: error });
    }
    try {
      await log.syncOwner();
    } catch (error) {
      throw new CheckpointError('partition.metadata was not saved', { cause: error });
    }
    if (this.#directoryChanged) {
      this.#directoryChanged = false;
      await log.syncDirectory();
    }
    // The recovery point of a log that was given up is still saved, and must not pass epochs that are not.
    log.checkNotAbandoned();
    this.#closedUpTo = Math.min(active.baseOffset, this.#cutSegment);
    log.bounds.syncedEndOffset = Math.max(log.bounds.syncedEndOffset, Math.min(target, this.#truncatedTo));
    if (!this.wasCut) log.syncMark?.settled();
  }

  async #syncSegments(target: number, isComplete: (segment: Segment) => boolean): Promise<void> {
    const { segments, snapshots, bounds } = this.#log;
    for (const segment of segments.from(Math.min(bounds.syncedEndOffset, this.#closedUpTo))) {
      // Retention may take a segment while an earlier one is synced.
      if (!segments.all.includes(segment)) continue;
      await segment.sync(isComplete(segment));
      if (isComplete(segment)) await snapshots.sync(segments.after(segment)?.baseOffset ?? target);
    }
  }
}
