import { reportFailure, supervise } from '../base/programmer-error.ts';
import { Listeners } from './listeners.ts';
import { faultOf } from './log-faults.ts';
import { LogFlusher } from './log-flusher.ts';
import type { LogState } from './log-state.ts';
import type { LogWriter } from './log-writer.ts';
import { CheckpointError, StorageError } from './storage-error.ts';
import type { SyncMark } from './sync-mark.ts';

export interface LogDurabilityOptions {
  /** See `PartitionLogOptions`. */
  readonly lowerCheckpoints: (() => Promise<void>) | undefined;
  readonly syncOwner: (() => Promise<void>) | undefined;
  readonly syncMark: SyncMark | undefined;
  /** Recovery cut something off, or whoever had the log before may have. */
  readonly wasCut: boolean;
  /** The checkpoint that it was opened with lies beyond the end. */
  readonly hasRecoveryPointBeyond: boolean;
}

/**
 * What of one log the device has: flushes, acknowledgements that wait for them, and cuts that must be there
 * before anything comes in their place.
 */
export class LogDurability {
  readonly onDurable = new Listeners<number>();
  readonly #state: LogState;
  readonly #writer: LogWriter;
  readonly #options: LogDurabilityOptions;
  readonly #flusher: LogFlusher;
  #lastFlushAt: number;
  /** A sync that acknowledgements wait for (`flush.messages`). */
  #isGated = false;
  #isParentSynced = false;
  /**
   * It was cut, and a power loss could still bring back what was cut off, or find checkpoints that count on
   * it.
   */
  #isUnsettled: boolean;
  #settling: Promise<void> | null = null;

  constructor(state: LogState, writer: LogWriter, options: LogDurabilityOptions) {
    const { directory, segments, snapshots, epochsFile, bounds } = state;
    this.#state = state;
    this.#writer = writer;
    this.#options = options;
    this.#lastFlushAt = state.world.clock.monotonic();
    this.#flusher = new LogFlusher({
      directory,
      segments,
      snapshots,
      epochsFile,
      bounds,
      // A log that is closed may have lost its folder's name to the next topic's.
      syncOwner: async () => (state.isClosed ? undefined : options.syncOwner?.()),
      syncDirectory: () => this.#syncDirectory(),
      checkNotAbandoned: () => this.#checkNotAbandoned(),
      syncMark: options.syncMark,
    });
    if (options.wasCut) this.#flusher.truncated(bounds.endOffset);
    this.#isUnsettled = options.wasCut || options.hasRecoveryPointBeyond;
  }

  /** Below it not even the indexes need to be looked at. */
  get recoveryPoint(): number {
    return this.#flusher.recoveryPoint;
  }

  get isUnsettled(): boolean {
    return this.#flusher.wasCut || this.#isUnsettled;
  }

  /**
   * Whether appends must wait until it is settled: where nobody can be asked to lower checkpoints, they need
   * not.
   */
  get holdsAppends(): boolean {
    return this.#isUnsettled && this.#options.lowerCheckpoints !== undefined;
  }

  /** Segments were made or removed. */
  directoryChanged(): void {
    this.#flusher.directoryChanged();
  }

  /**
   * Everything from here on is about to be cut off. What a process that is killed, or a disk that refuses, in
   * the middle of it leaves is a log that was cut.
   */
  cutBegins(offset: number): void {
    this.#flusher.truncated(offset);
  }

  /** The log was cut off here, in memory and in the files. */
  cutTo(endOffset: number): void {
    this.#flusher.truncated(endOffset);
    this.#isUnsettled = true;
    // See `PartitionLog.isUnsettled`: whoever cannot wait for it has at least only this long to lose power
    // in.
    this.settleInBackground();
  }

  /** What the disk did not take whole is cut off. */
  writeCutTo(offset: number): void {
    this.#flusher.truncated(offset);
  }

  /** Concurrent calls share. Rejects with StorageError, also when the log was closed without it meanwhile. */
  async flush(): Promise<void> {
    this.#writer.writeNow();
    const { current } = this.#state.faults;
    if (current) throw current;
    await this.syncWritten();
  }

  /** The last flush of the log. Rejects with StorageError. */
  flushLast(): Promise<void> {
    return this.#synced(() => this.#flusher.flushLast());
  }

  flushInBackground(failure: string): void {
    this.flush().catch((error: unknown) => this.#report(failure, error));
  }

  /** Null when nothing is due. */
  flushIfDue(): Promise<void> | null {
    const { bounds, faults, world, config } = this.#state;
    if (bounds.syncedEndOffset >= bounds.writtenEndOffset) return null;
    const isOwed = !this.#isGated && bounds.durableEndOffset < bounds.writtenEndOffset;
    const waitedMs = world.clock.monotonic() - this.#lastFlushAt;
    if (!isOwed && (faults.current || waitedMs < config.flushMs)) return null;
    if (faults.current && !this.#writer.mayGoOn(0)) return null;
    return this.flush();
  }

  syncWritten(): Promise<void> {
    return this.#synced(() => this.#flusher.flush());
  }

  /** Resolves when no sync of its files is under way any more, also of a log that was given up. */
  syncsEnded(): Promise<void> {
    return this.#flusher.syncsEnded();
  }

  settle(): Promise<void> {
    this.#settling ??= this.#settle();
    return this.#settling;
  }

  settleInBackground(): void {
    if (this.#settling) return;
    this.settle().catch((error: unknown) => this.#report('a truncation did not reach the device', error));
  }

  /** A write has moved the written end. */
  afterWrite(): void {
    const { bounds, faults, config } = this.#state;
    if (faults.current?.fault === 'sync') return;
    if (bounds.writtenEndOffset - bounds.syncedEndOffset >= config.flushMessages) this.#gate();
    else if (!this.#isGated) this.#moveDurable();
  }

  /**
   * A recovery reads what the page cache has, also what the killed process had not synced. Under
   * `flush.messages` that does not count yet: a leader would take it for committed, and a power loss could
   * take it from all replicas.
   */
  claimOnlyWhatIsSynced(): void {
    const { bounds, config } = this.#state;
    if (bounds.writtenEndOffset - bounds.syncedEndOffset < config.flushMessages) return;
    bounds.moveDurable(Math.max(bounds.syncedEndOffset, bounds.logStartOffset));
    this.#gate();
  }

  async #settle(): Promise<void> {
    const state = this.#state;
    try {
      let cuts: number;
      do {
        cuts = state.truncations;
        await this.flush();
        await this.#options.lowerCheckpoints?.();
      } while (cuts !== state.truncations);
      this.#isUnsettled = false;
    } finally {
      // At once: a cut that comes next begins another.
      this.#settling = null;
    }
  }

  async #synced(flush: () => Promise<void>): Promise<void> {
    const { faults, world } = this.#state;
    try {
      await flush();
    } catch (error) {
      const fault = error instanceof CheckpointError ? faultOf(error.cause) : 'sync';
      if (!this.#state.isClosed) this.#writer.fail(fault, error);
      throw faults.current ?? error;
    }
    this.#checkNotAbandoned();
    this.#lastFlushAt = world.clock.monotonic();
    this.#moveDurable();
  }

  /**
   * Once the log is given up its folder may have another name, and neither its epochs nor partition.metadata
   * are saved any more.
   */
  #checkNotAbandoned(): void {
    const { isAbandoned, directory } = this.#state;
    if (isAbandoned)
      throw new StorageError('sync', directory, { cause: new Error('the log was closed meanwhile') });
  }

  /** Of a log that was closed meanwhile nobody waits for a flush any more. */
  #report(failure: string, error: unknown): void {
    const { world, directory, isAbandoned } = this.#state;
    if (!isAbandoned || !(error instanceof StorageError)) reportFailure(world, failure, { directory, error });
  }

  /** Acknowledgements wait for a sync; those that come meanwhile wait for the next (group commit). */
  #gate(): void {
    if (this.#isGated) return;
    this.#isGated = true;
    const { world } = this.#state;
    const flushed = this.flush().then(
      () => {
        this.#isGated = false;
        this.afterWrite();
      },
      (error: unknown) => {
        this.#isGated = false;
        this.#report('a flush before acknowledgement failed', error);
      },
    );
    supervise(world, flushed);
  }

  #moveDurable(): void {
    const { bounds, config } = this.#state;
    const waits = bounds.writtenEndOffset - bounds.syncedEndOffset >= config.flushMessages;
    const to =
      waits || this.#isGated
        ? Math.max(bounds.durableEndOffset, bounds.syncedEndOffset)
        : bounds.writtenEndOffset;
    if (bounds.moveDurable(to)) this.onDurable.tell(bounds.durableEndOffset);
  }

  async #syncDirectory(): Promise<void> {
    const { world, shared, directory } = this.#state;
    await world.disk.syncDirectory(directory);
    if (this.#isParentSynced) return;
    // Made by us perhaps, so its name has to last as well.
    await shared.syncFolder(directory.slice(0, directory.lastIndexOf('/')) || '/');
    this.#isParentSynced = true;
  }
}
