import type { LogSegments } from './log-segments.ts';
import type { ProducerSnapshots } from './producer-snapshots.ts';
import type { SavedFile } from './saved-file.ts';

/** What a flush needs of its log. */
export interface Flushed {
  readonly directory: string;
  readonly segments: LogSegments;
  readonly snapshots: ProducerSnapshots;
  readonly epochsFile: SavedFile;
  readonly writtenEndOffset: number;
  /** Offsets below it are on the device. */
  syncedEndOffset: number;
  syncDirectory(): Promise<void>;
}

/** Unlike a failed sync of data this may be tried again: the file was written aside. */
export class CheckpointError extends Error {}

/**
 * Makes a log last, one sync at a time: whoever asks while one is under way shares the next. Only the segments from
 * the recovery point on are synced; closed ones with their indexes and the snapshot at their end, and the epochs of
 * what they hold, before the recovery point passes them.
 */
export class LogFlusher {
  readonly #log: Flushed;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  /** Segments were made or removed since the folder was synced. */
  #directoryChanged = true;
  /** Nothing at or above it counts as synced by the sync that is under way: it was truncated meanwhile. */
  #truncatedTo = Number.POSITIVE_INFINITY;

  constructor(log: Flushed) {
    this.#log = log;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Resolves when all that is written now is on the device. Rejects with the DiskError of a sync that failed. */
  flush(): Promise<void> {
    if (!this.#running) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  directoryChanged(): void {
    this.#directoryChanged = true;
  }

  truncated(offset: number): void {
    this.#truncatedTo = Math.min(this.#truncatedTo, offset);
    this.#log.syncedEndOffset = Math.min(this.#log.syncedEndOffset, offset);
  }

  #startNext(): Promise<void> {
    this.#next = null;
    return this.#start();
  }

  #start(): Promise<void> {
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #sync(): Promise<void> {
    const log = this.#log;
    const target = log.writtenEndOffset;
    this.#truncatedTo = Number.POSITIVE_INFINITY;
    if (target > log.syncedEndOffset) {
      const { active } = log.segments;
      for (const segment of log.segments.from(log.syncedEndOffset)) {
        // Retention may take a segment while an earlier one is synced.
        if (!log.segments.all.includes(segment)) continue;
        await segment.sync(segment !== active);
        if (segment !== active) await log.snapshots.sync(log.segments.after(segment)?.baseOffset ?? -1);
      }
    }
    try {
      await log.epochsFile.saved();
    } catch (error) {
      throw new CheckpointError('the leader epochs were not saved', { cause: error });
    }
    if (this.#directoryChanged) {
      this.#directoryChanged = false;
      await log.syncDirectory();
    }
    log.syncedEndOffset = Math.max(log.syncedEndOffset, Math.min(target, this.#truncatedTo));
  }
}
