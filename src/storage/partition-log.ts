import { assert } from '../base/assert.ts';
import type { LeaderEpoch } from '../base/brand.ts';
import { DiskError, readWhole } from '../base/disk.ts';
import type { GuardedClock } from '../base/guarded-clock.ts';
import { reportFailure, supervise } from '../base/programmer-error.ts';
import { below } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { AbortedSearch } from './aborted-search.ts';
import { formatEpochs, parseEpochs } from './checkpoint-file.ts';
import { LEADER_EPOCH_CHECKPOINT, suffix } from './file-names.ts';
import { assignPlaces, type Incoming, readPlaces } from './incoming.ts';
import { LeaderEpochs, UNDEFINED } from './leader-epochs.ts';
import { Listeners } from './listeners.ts';
import { type LogConfig, maxSegmentMs } from './log-config.ts';
import { faultOf, LogFaults } from './log-faults.ts';
import { LogFlusher } from './log-flusher.ts';
import { type FileRead, LogReader, type ReadLimits } from './log-reader.ts';
import type { LogSegments } from './log-segments.ts';
import { LogTail } from './log-tail.ts';
import { adjoins, OffsetLayout, type OffsetPromise, promiseAfter } from './offset-layout.ts';
import { gather, type PendingBatch, PendingWrites } from './pending-writes.ts';
import type { AppendOrigin, ProducerError } from './producer-append.ts';
import type { ProducerEntry } from './producer-entry.ts';
import { ProducerSnapshots } from './producer-snapshots.ts';
import type { ProducerState } from './producer-state.ts';
import { ReadPages } from './read-pages.ts';
import { loadLog, rebuildProducers } from './recovery.ts';
import { deletableSegments } from './retention.ts';
import { SavedFile } from './saved-file.ts';
import { Segment, type SegmentOptions } from './segment.ts';
import { decideSwap, finishSwap, settleSwaps } from './segment-swap.ts';
import { SharedStorage, type Writer } from './shared-storage.ts';
import { CheckpointError, type StorageError, type StorageFault } from './storage-error.ts';
import { type TimestampedOffset, TimestampSearch } from './timestamp-search.ts';
import type { AbortedTxn } from './txn-index.ts';

export interface PartitionLogOptions {
  /** The partition's folder; made when missing. */
  readonly directory: string;
  readonly config: LogConfig;
  /**
   * The config may not be the topic's, as when a broker opens its logs before it has read what topics there are: until
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
  /** Told of each fault once; the log itself refuses what it must. */
  readonly onStorageError?: (error: StorageError) => void;
  /** From cleaner-offset-checkpoint; of no meaning for a log that is not compacted. */
  readonly cleanedUpTo?: number;
  /**
   * Resolves when no checkpoint on the device says more than this log holds now. When it is given, the log takes no
   * append after a cut, be it recovery's, until that and the cut are on the device.
   */
  readonly lowerCheckpoints?: () => Promise<void>;
  /** Resolves when the device has whatever tells whose the folder is; the first flush waits for it. Rejects with DiskError. */
  readonly syncOwner?: () => Promise<void>;
  /** What this process's logs share; a log opened alone makes its own. */
  readonly shared?: SharedStorage;
}

export interface Appended {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 under CreateTime. */
  readonly logAppendTime: number;
  readonly logStartOffset: number;
  /** True: a retry of a batch that is in the log already, at these offsets; nothing was appended. */
  readonly duplicate: boolean;
}

export interface AppendRefused {
  readonly error:
    | ProducerError
    | 'KAFKA_STORAGE_ERROR'
    | 'RECORD_LIST_TOO_LARGE'
    | 'CORRUPT_MESSAGE'
    | 'OFFSET_OUT_OF_RANGE';
  readonly message: string;
}

export interface ReadRecords {
  /** Whole batches, byte for byte as they lie in the log; the first may begin before the offset asked for. */
  readonly parts: readonly Buffer[];
  readonly sizeInBytes: number;
  /** Memory that the parts keep from being used again. */
  readonly heldBytes: number;
  /** To be called once when the parts were sent: their memory is used again. */
  release(): void;
}

export interface ReadError {
  readonly error: 'OFFSET_OUT_OF_RANGE' | 'CORRUPT_MESSAGE' | 'KAFKA_STORAGE_ERROR';
}

/** How much a reader wants. */
export interface ReadWish {
  readonly maxBytes: number;
  /** Exclusive: only batches that end below it; everything that is written when it is not said. */
  readonly upTo?: number;
  /** The first batch even when it is larger than `maxBytes`. */
  readonly minOneBatch: boolean;
}

/**
 * One partition's log. Appends are checked, given their place and copied into memory at once; one gathered write per
 * turn of the loop takes them to the file, and only then do `onWritten` and `onDurable` run. What a write did not
 * take whole is as if it had never been: the file is cut back, producers and epochs forget it, `onFailed` runs.
 * Offsets: logStartOffset <= highWatermark <= writtenEndOffset <= endOffset, and syncedEndOffset <= writtenEndOffset.
 */
export class PartitionLog implements Writer {
  readonly #world: World;
  readonly #shared: SharedStorage;
  readonly #segments: LogSegments;
  readonly #snapshots: ProducerSnapshots;
  readonly #epochs: LeaderEpochs;
  readonly #epochsFile: SavedFile;
  readonly #tail: LogTail;
  readonly #reader: LogReader;
  readonly #flusher: LogFlusher;
  readonly #faults: LogFaults;
  readonly #layout: OffsetLayout;
  readonly #lowerCheckpoints: (() => Promise<void>) | undefined;
  readonly #syncOwner: (() => Promise<void>) | undefined;
  readonly #written = new Listeners<number>();
  readonly #durable = new Listeners<number>();
  readonly #failed = new Listeners<StorageError>();
  readonly #startMoved = new Listeners<number>();
  #producers: ProducerState;
  #config: LogConfig;
  #isConfigProvisional: boolean;
  readonly #directory: string;
  #logStartOffset: number;
  #highWatermark: number;
  #endOffset: number;
  #writtenEndOffset: number;
  #durableEndOffset: number;
  #syncedEndOffset: number;
  readonly #pending = new PendingWrites();
  #lastFlushAt: number;
  /** A sync that acknowledgements wait for (`flush.messages`). */
  #gated = false;
  #parentSynced = false;
  /** What a full disk did not take whole was cut off, and the device may not know it yet. */
  #cut: 'unsynced' | 'syncing' | null = null;
  #cleanedUpTo: number | null;
  #truncations = 0;
  /** It was cut, and a power loss could still bring back what was cut off, or find checkpoints that count on it. */
  #isUnsettled = false;
  #settling: Promise<void> | null = null;
  /** Changes whenever bytes that were there may be gone, or others be in their place: cuts, retention, compaction. */
  #generation = 0;
  /** The last epoch that began here before it had a record. */
  #ledEpoch: LeaderEpoch = UNDEFINED.epoch;
  /** Since it was opened; always after a recovery. */
  #changed: boolean;
  #closed = false;

  static open(world: World, options: PartitionLogOptions): PartitionLog {
    const { disk } = world;
    disk.makeDirectory(options.directory);
    return new PartitionLog(world, options, settleSwaps(disk, options.directory));
  }

  private constructor(world: World, options: PartitionLogOptions, names: readonly string[]) {
    this.#world = world;
    this.#config = options.config;
    this.#isConfigProvisional = options.isConfigProvisional ?? false;
    this.#lowerCheckpoints = options.lowerCheckpoints;
    this.#syncOwner = options.syncOwner;
    this.#directory = options.directory;
    this.#shared = options.shared ?? new SharedStorage(world);
    this.#faults = new LogFaults(world, options.directory, options.onStorageError ?? (() => {}));
    const epochsPath = `${options.directory}/${LEADER_EPOCH_CHECKPOINT}`;
    const saved = names.includes(LEADER_EPOCH_CHECKPOINT) ? readWhole(world.disk, epochsPath) : null;
    this.#epochsFile = new SavedFile(world, epochsPath, () => formatEpochs(this.#epochs.entries));
    this.#epochs = new LeaderEpochs(parseEpochs(saved?.toString('utf8') ?? '') ?? [], () =>
      this.#epochsFile.changed(),
    );
    this.#snapshots = new ProducerSnapshots(this.#shared.files, options.directory, names);
    this.#layout = OffsetLayout.open(world.disk, options.directory, names);
    const loaded = loadLog(world, {
      directory: options.directory,
      names,
      promise: this.#layout.promise,
      config: options.config,
      isConfigProvisional: this.#isConfigProvisional,
      clean: options.clean,
      recoveryPoint: options.recoveryPoint,
      logStartOffset: options.logStartOffset ?? 0,
      files: this.#shared.files,
      guardedClock: this.guardedClock,
      epochs: this.#epochs,
      snapshots: this.#snapshots,
      jitterMs: () => this.#jitterMs(),
    });
    this.#segments = loaded.segments;
    this.#producers = loaded.producers;
    this.#logStartOffset = loaded.logStartOffset;
    this.#endOffset = loaded.endOffset;
    this.#writtenEndOffset = loaded.endOffset;
    this.#durableEndOffset = loaded.endOffset;
    this.#syncedEndOffset = loaded.recoveryPoint;
    this.#highWatermark = clamp(options.highWatermark ?? 0, loaded.logStartOffset, loaded.endOffset);
    this.#producers.onHighWatermark(this.#highWatermark);
    this.#tail = new LogTail(this.#shared.tail);
    this.#reader = new LogReader(this.#segments, this.#shared);
    this.#changed = !options.clean || loaded.recoveryPoint < loaded.endOffset;
    this.#lastFlushAt = world.clock.monotonic();
    // Only what was synced is ever compacted: a checkpoint from before a truncation must not call new records clean.
    this.#cleanedUpTo =
      options.cleanedUpTo === undefined ? null : Math.min(options.cleanedUpTo, loaded.recoveryPoint);
    const log = this;
    this.#flusher = new LogFlusher({
      directory: options.directory,
      segments: this.#segments,
      snapshots: this.#snapshots,
      epochsFile: this.#epochsFile,
      get writtenEndOffset() {
        return log.#writtenEndOffset;
      },
      get syncedEndOffset() {
        return log.#syncedEndOffset;
      },
      set syncedEndOffset(offset: number) {
        log.#syncedEndOffset = offset;
      },
      // A log that is closed may have lost its folder's name to the next topic's.
      syncOwner: async () => (log.#closed ? undefined : log.#syncOwner?.()),
      syncDirectory: () => log.#syncDirectory(),
    });
    if (loaded.wasCut) this.#flusher.truncated(loaded.endOffset);
    // A crash between a cut and what it lowers leaves a recovery point that lies beyond the end.
    this.#isUnsettled = loaded.wasCut || options.recoveryPoint > loaded.endOffset;
    if (!this.#isConfigProvisional) this.#claimOnlyWhatIsSynced();
  }

  get directory(): string {
    return this.#directory;
  }

  get config(): LogConfig {
    return this.#config;
  }

  /** By which it tells what is old enough to be deleted. */
  get guardedClock(): GuardedClock {
    return this.#shared.guardedClock;
  }

  /** Nothing may go because of this config: the topic may have another. */
  get isConfigProvisional(): boolean {
    return this.#isConfigProvisional;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** With appends that are not written yet. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** What the page cache has; a crash of the process loses nothing below it. */
  get writtenEndOffset(): number {
    return this.#writtenEndOffset;
  }

  /** What may be acknowledged and counted as this replica's: written, and synced where the config asks for it. */
  get durableEndOffset(): number {
    return this.#durableEndOffset;
  }

  /** What the device has; a power loss loses nothing below it. */
  get syncedEndOffset(): number {
    return this.#syncedEndOffset;
  }

  /** What recovery-point-offset-checkpoint gets: below it not even the indexes need to be looked at. */
  get recoveryPoint(): number {
    return this.#flusher.recoveryPoint;
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** Where read_committed readers stop: before the first transaction that is open, or not known to be ended. */
  get lastStableOffset(): number {
    return Math.min(this.#producers.firstUnstableOffset ?? this.#highWatermark, this.#highWatermark);
  }

  /** -1 when no record has one. */
  get latestEpoch(): LeaderEpoch {
    return this.#epochs.latestEpoch;
  }

  get epochs(): LeaderEpochs {
    return this.#epochs;
  }

  get producers(): ProducerState {
    return this.#producers;
  }

  /**
   * What recovery or a truncation cut off is not gone for good before the next flush: a power loss could bring it back
   * under what is appended to the next segment; nor are the checkpoint files as low before `settle`. Whoever opened or
   * truncated the log settles it before it appends.
   */
  get isUnsettled(): boolean {
    return this.#flusher.wasCut || this.#isUnsettled;
  }

  /** Why appends are refused; null when they are not. */
  get fault(): StorageError | null {
    return this.#faults.current;
  }

  get sizeInBytes(): number {
    return this.#segments.sizeInBytes + this.#pending.sizeInBytes;
  }

  /** What compaction works on, the active one last; to be looked at again after every pause. */
  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  /** What was remembered of producers where a segment begins; null when that was not kept. */
  producersAt(baseOffset: number): readonly ProducerEntry[] | null {
    return this.#snapshots.has(baseOffset) ? (this.#snapshots.latest(baseOffset)?.entries ?? null) : null;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** How often it was cut at its end since it was opened: what was read before may be something else now. */
  get truncations(): number {
    return this.#truncations;
  }

  /** Below it compaction has seen every key; null when it never ran. Falls when the log is cut. */
  get cleanedUpTo(): number | null {
    return this.#cleanedUpTo;
  }

  set cleanedUpTo(offset: number) {
    this.#cleanedUpTo = offset;
  }

  get segmentBaseOffsets(): readonly number[] {
    return this.#segments.all.map((segment) => segment.baseOffset);
  }

  updateConfig(config: LogConfig): void {
    const isFirst = this.#isConfigProvisional;
    this.#config = config;
    this.#isConfigProvisional = false;
    if (isFirst) this.#claimOnlyWhatIsSynced();
  }

  /** Runs after each write with the new written end offset. Call the result to stop. */
  onWritten(listener: (endOffset: number) => void): () => void {
    return this.#written.add(listener);
  }

  /** Runs when `durableEndOffset` moved: what waits for an acknowledgement may have it. */
  onDurable(listener: (endOffset: number) => void): () => void {
    return this.#durable.add(listener);
  }

  /** Runs when the start of the log moved up, by retention, DeleteRecords or the leader's start. */
  onStartMoved(listener: (logStartOffset: number) => void): () => void {
    return this.#startMoved.add(listener);
  }

  /**
   * Runs when appends were lost: all above `writtenEndOffset` after a failed write, all above `syncedEndOffset` are in
   * doubt after a failed sync. Whoever waits for this partition must be told KAFKA_STORAGE_ERROR.
   */
  onFailed(listener: (error: StorageError) => void): () => void {
    return this.#failed.add(listener);
  }

  /**
   * Appends whole batches that were checked (`checkAppend` for clients): all or none. Offsets, leader epoch and, when
   * the topic says LogAppendTime, the time are patched into `bytes` in place, except for `replication`, which keeps
   * them and needs offsets that are not below the end (compaction on the leader leaves gaps).
   */
  append(
    bytes: Buffer,
    options: { readonly origin: AppendOrigin; readonly leaderEpoch: LeaderEpoch },
  ): Appended | AppendRefused {
    assert(!this.#closed, 'append to a closed log');
    if (this.#faults.current && !this.#mayGoOn(bytes.length)) return refused(this.#faults.current);
    this.#shared.makeRoom(bytes.length);
    if (this.fault) return refused(this.fault);
    if (this.#isUnsettled && this.#lowerCheckpoints) {
      this.#settleInBackground();
      return {
        error: 'KAFKA_STORAGE_ERROR',
        message: 'the log was cut, and the device does not know it yet',
      };
    }
    const { origin, leaderEpoch } = options;
    if (origin === 'replication' && !this.#isAdmitted(bytes)) {
      return {
        error: 'OFFSET_OUT_OF_RANGE',
        message: 'the batches leave offsets out, and this log has none',
      };
    }
    const logAppendTime = origin === 'client' || origin === 'coordinator' ? this.#logAppendTime() : undefined;
    const incoming =
      origin === 'replication'
        ? readPlaces(bytes, { endOffset: this.#endOffset, leaderEpoch })
        : assignPlaces(bytes, { baseOffset: this.#endOffset, leaderEpoch, logAppendTime });
    if ('error' in incoming) return incoming;
    const { produced, sizeInBytes } = incoming;
    const first = produced[0]?.header;
    const last = produced.at(-1)?.header;
    if (!first || !last) return this.#appended(this.#endOffset, this.#endOffset - 1, -1);
    if (sizeInBytes > this.#config.segmentBytes) {
      const message = `${sizeInBytes} bytes do not fit a segment of ${this.#config.segmentBytes}`;
      return { error: 'RECORD_LIST_TOO_LARGE', message };
    }
    const rollError = this.#maybeRoll(incoming, { first: first.baseOffset, last: last.lastOffset });
    if (rollError) return refused(rollError);
    const verdict = this.#producers.append(produced, origin, (txn) => this.#pending.addAborted(txn));
    if ('error' in verdict) return verdict;
    if ('duplicate' in verdict) {
      const { baseOffset, lastOffset, timestamp } = verdict.duplicate;
      return { ...this.#appended(baseOffset, lastOffset, timestamp), duplicate: true };
    }
    for (const { header } of produced) {
      this.#epochs.assign({ epoch: header.partitionLeaderEpoch, startOffset: header.baseOffset });
    }
    this.#place(bytes, incoming);
    return this.#appended(first.baseOffset, last.lastOffset, logAppendTime ?? -1);
  }

  /**
   * Before a follower appends: null when it may at once. Else the batches leave offsets out, and the folder promises
   * that none are: resolves when the device no longer has that promise. Rejects with StorageError.
   */
  admit(batches: Buffer): Promise<void> | null {
    return this.#isAdmitted(batches) ? null : this.#weakenTo(promiseAfter(batches, this.#endOffset));
  }

  /** Before a compaction leaves offsets out. Rejects with StorageError. */
  admitGaps(): Promise<void> {
    return this.#weakenTo('adjoining');
  }

  #isAdmitted(batches: Buffer): boolean {
    return this.#layout.promise === 'unknown' || this.#layout.allows(promiseAfter(batches, this.#endOffset));
  }

  async #weakenTo(promise: OffsetPromise): Promise<void> {
    try {
      await this.#layout.weakenTo(promise);
    } catch (error) {
      throw this.#closed ? error : this.#fail(faultOf(error), error);
    }
  }

  /** Takes what is pending to the file. Runs by itself at the end of the loop's turn. */
  writeNow(): void {
    if (this.#write()) this.#notify();
  }

  /**
   * Whole batches from the one that holds `offset`, from memory or, on the loop, from the file: for starting, and for logs
   * that are small. Never what is not written. OFFSET_OUT_OF_RANGE outside [logStartOffset, endOffset]; CORRUPT_MESSAGE
   * when the batch at the offset is damaged on disk.
   */
  read(offset: number, wish: ReadWish): ReadRecords | ReadError {
    const fromTail = this.readTail(offset, wish);
    if (fromTail) return fromTail;
    try {
      return this.#whole(this.#reader.readNow(offset, this.#limits(wish)));
    } catch (error) {
      return this.#readFailed(error);
    }
  }

  /** The same from memory alone; null when the file must be read. */
  readTail(offset: number, wish: ReadWish): ReadRecords | ReadError | null {
    if (offset < this.#logStartOffset || offset > this.#endOffset) return { error: 'OFFSET_OUT_OF_RANGE' };
    const limits = this.#limits(wish);
    if (offset >= limits.upTo || (limits.maxBytes <= 0 && !limits.minOneBatch)) return NOTHING;
    return this.#tail.read(offset, limits);
  }

  /**
   * The same from the file, off the loop; with `withAborted` also the aborted transactions that touch it, which are those of the
   * segments that the bytes came from. Null when meanwhile the log was cut, compacted, closed or lost old
   * segments, or its start moved: what was read may be of two logs then, and the caller asks again.
   */
  async readCold(
    offset: number,
    wish: ReadWish & { readonly isUrgent: boolean; readonly withAborted: boolean },
  ): Promise<(ReadRecords & { readonly abortedTransactions: readonly AbortedTxn[] }) | ReadError | null> {
    if (offset < this.#logStartOffset || offset > this.#endOffset) return { error: 'OFFSET_OUT_OF_RANGE' };
    const holds = this.#asItIs();
    const limits = this.#limits(wish);
    try {
      const read = await this.#reader.read(offset, limits, { isUrgent: wish.isUrgent, holds });
      if (!read) return null;
      if (!wish.withAborted || read.sizeInBytes === 0)
        return { abortedTransactions: [], ...this.#whole(read) };
      const aborted = this.#abortedSearch(offset, read.nextOffset);
      const isComplete = await this.#onPages(new ReadPages(), aborted, holds).catch(ending(read));
      if (isComplete) return { abortedTransactions: aborted.found, ...this.#whole(read) };
      read.release();
      return null;
    } catch (error) {
      return this.#readFailed(error);
    }
  }

  /** About how many bytes, up to `enough`, a read from the offset would give; without reading files. */
  availableBytes(
    offset: number,
    { enough, upTo }: { readonly enough: number; readonly upTo: number },
  ): number {
    const inTail = this.#tail.read(offset, { maxBytes: enough, upTo, minOneBatch: true });
    if (!inTail) return enough;
    inTail.release();
    return inTail.sizeInBytes;
  }

  #limits({ maxBytes, upTo, minOneBatch }: ReadWish): ReadLimits {
    return { maxBytes, upTo: Math.min(upTo ?? this.#writtenEndOffset, this.#writtenEndOffset), minOneBatch };
  }

  /** Whether the log's files are still what they are now. */
  #asItIs(): () => boolean {
    const generation = this.#generation;
    return () => this.#generation === generation && !this.#closed;
  }

  #whole(read: FileRead): ReadRecords | ReadError {
    if (read.damagedAt === null) return read;
    this.#faults.reportDamage(read.damagedAt);
    if (read.sizeInBytes > 0) return read;
    read.release();
    return { error: 'CORRUPT_MESSAGE' };
  }

  #readFailed(error: unknown): ReadError {
    if (!(error instanceof DiskError)) throw error;
    this.#faults.report('read', error);
    return { error: 'KAFKA_STORAGE_ERROR' };
  }

  /** Moves the high watermark, also back (the caller knows why); kept within the log and what is written. */
  updateHighWatermark(offset: number): number {
    this.#highWatermark = clamp(offset, this.#logStartOffset, this.#writtenEndOffset);
    this.#producers.onHighWatermark(this.#highWatermark);
    return this.#highWatermark;
  }

  /** A leader's epoch begins here, before its first record. */
  assignEpoch(epoch: LeaderEpoch, startOffset: number): void {
    this.#epochs.assign({ epoch, startOffset });
    this.#ledEpoch = epoch;
  }

  /** The end of the largest epoch that is not above this one; -1, -1 when it is not known. */
  endOffsetForEpoch(epoch: LeaderEpoch): { readonly epoch: LeaderEpoch; readonly endOffset: number } {
    return this.#epochs.endOffsetFor(epoch, this.#endOffset);
  }

  /** ListOffsets by timestamp, on the loop: the first record at or after it, of what is written; null when there is none. */
  offsetForTimestamp(timestamp: number | bigint): TimestampedOffset | null {
    const search = TimestampSearch.firstAtOrAfter(this.#segments, timestamp, this.#logStartOffset);
    while (!search.step());
    return search.found;
  }

  /** ListOffsets -3, on the loop: the first record with the largest timestamp. */
  offsetOfMaxTimestamp(): TimestampedOffset | null {
    const search = TimestampSearch.forLargest(this.#segments);
    while (!search.step());
    return search.found;
  }

  /**
   * ListOffsets by timestamp, or -3 for the first record with the largest one, off the loop. `changed` as `readCold` has
   * null.
   */
  async findTimestamp(
    timestamp: number | bigint | 'largest',
  ): Promise<{ readonly found: TimestampedOffset | null } | ReadError | 'changed'> {
    const holds = this.#asItIs();
    const { files } = this.#shared;
    const pages = new ReadPages();
    try {
      const search = await files.onPages(
        pages,
        () =>
          timestamp === 'largest'
            ? TimestampSearch.forLargest(this.#segments)
            : TimestampSearch.firstAtOrAfter(this.#segments, timestamp, this.#logStartOffset),
        holds,
      );
      if (!search) return 'changed';
      const isComplete = await this.#onPages(pages, search, holds);
      return isComplete ? { found: search.found } : 'changed';
    } catch (error) {
      return this.#readFailed(error);
    }
  }

  /** The aborted transactions that a read_committed reader of [fetchOffset, upTo) must know. */
  abortedTransactions(fetchOffset: number, upTo: number): AbortedTxn[] {
    const search = this.#abortedSearch(fetchOffset, upTo);
    while (!search.step());
    return search.found;
  }

  #abortedSearch(fetchOffset: number, upTo: number): AbortedSearch {
    return new AbortedSearch(this.#segments.from(fetchOffset), { fetchOffset, upTo });
  }

  /** Takes every step of a search off the loop. False when the files became others. */
  async #onPages(pages: ReadPages, search: { step(): boolean }, holds: () => boolean): Promise<boolean> {
    for (;;) {
      const isDone = await this.#shared.files.onPages(pages, () => search.step(), holds);
      if (isDone !== false) return isDone === true;
    }
  }

  /**
   * Cuts off every batch that reaches to or beyond the offset, and every epoch that began there, also one without a
   * record. The end is then that of the last whole batch, which may be lower. False when the disk refused; the log
   * then has a fault. Flush before the next append: a power loss could otherwise bring back what was cut off, under
   * what was appended to the segment after it.
   */
  truncateTo(offset: number): boolean {
    if (offset >= this.#endOffset) {
      const before = this.latestEpoch;
      this.#epochs.truncateFromEnd(offset);
      if (this.latestEpoch !== before) this.#flusher.truncated(this.#endOffset);
      return true;
    }
    this.writeNow();
    if (!this.#faults.allow(0)) return false;
    if (offset < this.#segments.first.baseOffset) return this.truncateFully(offset);
    this.#generation++;
    try {
      this.#flusher.directoryChanged();
      // The newest first: a crash in between leaves a log that is shorter, not one with a hole.
      for (const segment of this.#segments.dropFrom(offset).reverse()) segment.remove();
      const { active } = this.#segments;
      active.truncateTo(offset);
      this.#endsAt(active.readNextOffset() ?? active.baseOffset);
      this.#producers = rebuildProducers({
        guardedClock: this.guardedClock,
        segments: this.#segments.all,
        snapshots: this.#snapshots,
        config: this.#config,
        isConfigProvisional: this.#isConfigProvisional,
        upTo: this.#endOffset,
      });
      this.#producers.onHighWatermark(this.#highWatermark);
      return true;
    } catch (error) {
      this.#fail('write', error);
      return false;
    }
  }

  /** Throws everything away; the log begins and ends at the offset. For a replica that is too far behind. */
  truncateFully(offset: number): boolean {
    this.writeNow();
    if (!this.#faults.allow(0)) return false;
    this.#generation++;
    try {
      for (const segment of [...this.#segments.all].reverse()) segment.remove();
      this.#segments.replaceAll(this.#newSegment(offset));
      this.#logStartOffset = offset;
      this.#producers.clear();
      this.#snapshots.removeAbove(-1);
      this.#endsAt(offset);
      this.#syncedEndOffset = offset;
      return true;
    } catch (error) {
      this.#fail('write', error);
      return false;
    }
  }

  /** DeleteRecords, or the leader's start: what lies below is no longer served. Never back, never above the high watermark. */
  advanceLogStartOffset(offset: number): boolean {
    if (offset > this.#highWatermark) return false;
    if (offset <= this.#logStartOffset) return true;
    this.#generation++;
    this.#logStartOffset = offset;
    this.#epochs.truncateFromStart(offset);
    this.#startMoved.tell(offset);
    return true;
  }

  /**
   * Retention: removes what `deletableSegments` names and moves the start of the log. Returns how many segments.
   */
  deleteOldSegments(now = this.guardedClock.now()): number {
    if (this.#closed || this.#isConfigProvisional || (this.fault && this.fault.fault !== 'full')) return 0;
    const count = deletableSegments(
      this.#segments.all.map((segment) => ({
        baseOffset: segment.baseOffset,
        sizeInBytes: segment.sizeInBytes,
        largestTimestamp: segment.largest.timestamp,
        openedAt: segment.openedAt,
      })),
      {
        config: this.#config,
        now,
        highWatermark: this.#highWatermark,
        logStartOffset: this.#logStartOffset,
        endOffset: this.#endOffset,
      },
    );
    return this.#removeFirst(count);
  }

  /** Whole segments below the offset go, whatever retention says: a snapshot has taken their place. */
  deleteSegmentsBelow(offset: number): number {
    this.advanceLogStartOffset(offset);
    const { all } = this.#segments;
    return this.#removeFirst(
      all.filter((_, i) => (all[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= offset).length,
    );
  }

  /** An empty segment that is not part of the log, for compaction to fill. Throws DiskError. */
  makeCleaned(baseOffset: number): Segment {
    return Segment.create({ ...this.#segmentOptions(baseOffset), fileSuffix: suffix.cleaned });
  }

  /**
   * Puts a segment from `makeCleaned`, filled and synced, in the place of closed neighbours. Returns the names of the
   * files to be removed once the folder is synced, or null when the log has a fault now. Throws DiskError when nothing
   * was changed.
   */
  replaceSegments(old: readonly Segment[], cleaned: Segment): string[] | null {
    const [first] = old;
    const last = old.at(-1);
    const after = last && this.#segments.after(last);
    assert(first && last && after, 'the active segment is not compacted');
    assert(this.#layout.allows('adjoining'), 'gaps are admitted before a compaction leaves any');
    const { disk } = this.#world;
    const { directory, baseOffset } = { directory: this.#directory, baseOffset: first.baseOffset };
    cleaned.close(false);
    decideSwap(disk, directory, baseOffset);
    this.#changed = true;
    this.#generation++;
    try {
      for (const segment of old) segment.close(false);
      const oldOffsets = old.map((segment) => segment.baseOffset);
      const retired = finishSwap(disk, directory, { oldOffsets, newOffset: baseOffset });
      const fresh = Segment.open({ ...this.#segmentOptions(baseOffset), now: last.openedAt });
      this.#segments.replace(old, fresh);
      // The index no longer tells of aborted transactions whose data is gone: memory that still had the data would
      // show it to read_committed consumers.
      this.#tail.forgetBelow(after.baseOffset);
      this.#reader.forget();
      this.#flusher.directoryChanged();
      this.#snapshots.removeBetween(baseOffset, after.baseOffset);
      return retired;
    } catch (error) {
      this.#fail('write', error);
      return null;
    }
  }

  /** Starts a new segment at the end of the log, unless the active one is empty. */
  roll(): StorageError | null {
    this.writeNow();
    if (this.fault) return this.fault;
    return this.#segments.active.sizeInBytes === 0 ? null : this.#rollAt(this.#endOffset);
  }

  /** fdatasync of all that is appended so far; concurrent calls share. Rejects with StorageError. */
  async flush(): Promise<void> {
    this.writeNow();
    if (this.fault) throw this.fault;
    await this.#syncWritten();
  }

  /**
   * Resolves when the device knows of every cut, and no checkpoint there counts on what was cut off: the recovery point
   * would have the next start believe what was written since, which a power loss may have taken, and the start offset
   * would have it throw that away. Rejects with StorageError or DiskError; to be asked again then.
   */
  settle(): Promise<void> {
    this.#settling ??= this.#settle();
    return this.#settling;
  }

  async #settle(): Promise<void> {
    try {
      let cuts: number;
      do {
        cuts = this.#truncations;
        await this.flush();
        await this.#lowerCheckpoints?.();
      } while (cuts !== this.#truncations);
      this.#isUnsettled = false;
    } finally {
      // At once: a cut that comes next begins another.
      this.#settling = null;
    }
  }

  #settleInBackground(): void {
    if (this.#settling) return;
    this.settle().catch((error: unknown) => {
      reportFailure(this.#world, 'a truncation did not reach the device', {
        directory: this.#directory,
        error,
      });
    });
  }

  #syncWritten(): Promise<void> {
    return this.#synced(() => this.#flusher.flush());
  }

  async #synced(flush: () => Promise<void>): Promise<void> {
    try {
      await flush();
    } catch (error) {
      if (!this.#closed) this.#fail(error instanceof CheckpointError ? faultOf(error.cause) : 'sync', error);
      throw this.fault ?? error;
    }
    this.#lastFlushAt = this.#world.clock.monotonic();
    this.#moveDurable();
  }

  /**
   * To be called regularly: syncs what waits for longer than `flush.ms`, and what acknowledgements wait for since a full disk
   * refused a flush (`flush.messages`), once there is room. No append would come to do it: followers and coordinators
   * go on when they have what was appended before, and a producer that asks again is told of a duplicate. Null when nothing is due.
   */
  flushIfDue(): Promise<void> | null {
    if (this.#syncedEndOffset >= this.#writtenEndOffset) return null;
    const isOwed = !this.#gated && this.#durableEndOffset < this.#writtenEndOffset;
    const waitedMs = this.#world.clock.monotonic() - this.#lastFlushAt;
    if (!isOwed && (this.fault || waitedMs < this.#config.flushMs)) return null;
    if (this.fault && !this.#mayGoOn(0)) return null;
    return this.flush();
  }

  removeExpiredProducers(): void {
    if (this.#isConfigProvisional) return;
    this.#producers.removeExpired(this.guardedClock.now(), this.#config.producerIdExpirationMs);
  }

  /**
   * Writes and syncs everything, and a producer snapshot at the end: the next start needs no recovery. Rejects with
   * StorageError when that was not possible; then it does.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.writeNow();
    try {
      if (this.fault) throw this.fault;
      if (this.#isEmpty() || this.#isAsOpened()) {
        this.abandon();
        return;
      }
      this.#segments.active.seal();
      this.#snapshots.write(this.#endOffset, this.#producers.entries);
      await this.#synced(() => this.#flusher.flushLast());
    } catch (error) {
      this.abandon();
      throw error;
    }
    this.#closed = true;
    for (const segment of this.#segments.all) segment.close(true);
  }

  /**
   * It never had a record, and begins at 0. Whatever of its folder a power loss leaves, the next start finds the same log. A
   * broker has thousands of those, and nothing of them waits for the device. One that was cut to nothing has indexes that are
   * not cut yet.
   */
  #isEmpty(): boolean {
    const { all, active } = this.#segments;
    const holdsNothing = this.#endOffset === 0 && all.length === 1 && active.sizeInBytes === 0;
    return holdsNothing && this.#truncations === 0 && !this.isUnsettled;
  }

  /**
   * Nothing happened since a clean start: what a clean stop leaves is all there. An epoch that began without a record is not
   * worth a write: the next start forgets it.
   */
  #isAsOpened(): boolean {
    return !this.#changed && this.#snapshots.has(this.#endOffset);
  }

  async #syncDirectory(): Promise<void> {
    await this.#world.disk.syncDirectory(this.#directory);
    if (this.#parentSynced) return;
    // Made by us perhaps, so its name has to last as well.
    await this.#shared.syncFolder(this.#directory.slice(0, this.#directory.lastIndexOf('/')) || '/');
    this.#parentSynced = true;
  }

  /** Closes without writing anything more; recovery will tell what there is. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dropPending();
    this.#epochsFile.forget();
    for (const segment of this.#segments.all) segment.close(false);
  }

  /** Closes and removes the folder. */
  delete(): void {
    this.abandon();
    this.#world.disk.removeDirectory(this.#directory);
  }

  /** False when nothing new is in the file. */
  #write(): boolean {
    if (this.#pending.isEmpty) return false;
    const { active: segment } = this.#segments;
    const { batches, aborted, sizeInBytes } = this.#takePending();
    try {
      segment.log.appendWhole(gather(batches), sizeInBytes);
    } catch (error) {
      this.#writeFailed(segment, error);
      return false;
    }
    this.#writtenEndOffset = this.#endOffset;
    this.#producers.keep();
    this.#indexWritten(segment, batches, aborted);
    return true;
  }

  #notify(): void {
    this.#written.tell(this.#writtenEndOffset);
    this.#afterWrite();
  }

  /** Copies into memory and leaves the write to the end of the turn. */
  #place(bytes: Buffer, incoming: Incoming): void {
    let at = 0;
    for (const { header } of incoming.produced) {
      this.#pending.add(header, this.#tail.append(bytes.subarray(at, at + header.sizeInBytes), header));
      this.#endOffset = header.nextOffset;
      at += header.sizeInBytes;
    }
    this.#changed = true;
    this.#shared.writeSoon(this, incoming.sizeInBytes);
  }

  #maybeRoll(
    incoming: Incoming,
    offsets: { readonly first: number; readonly last: number },
  ): StorageError | null {
    const { active } = this.#segments;
    const size = active.sizeInBytes + this.#pending.sizeInBytes;
    const config = this.#config;
    const since = active.sizeInBytes > 0 ? active.readFirstTimestamp() : this.#pending.firstTimestamp;
    const waitedMs =
      since !== null && since >= 0
        ? incoming.maxTimestamp - since
        : this.#world.clock.now() - active.openedAt;
    const due =
      size + incoming.sizeInBytes > config.segmentBytes ||
      (size > 0 && waitedMs > maxSegmentMs(config) - active.jitterMs) ||
      active.indexIsFull ||
      !active.reaches(offsets.last);
    if (!due) return null;
    // Listeners may append: not in the middle of an append that has its offsets already.
    if (this.#write()) this.#world.clock.soon(() => this.#notify());
    if (this.fault) return this.fault;
    // An empty segment that cannot hold the batch is only in the way when its offsets are.
    if (active.sizeInBytes === 0 && active.reaches(offsets.last)) return null;
    // Segments adjoin also where a leader's compaction left offsets out: then recovery knows a gap for a loss.
    return this.#rollAt(adjoins(this.#endOffset, offsets.last) ? this.#endOffset : offsets.first);
  }

  #rollAt(baseOffset: number): StorageError | null {
    const before = this.#segments.active;
    let fresh: Segment | null = null;
    try {
      before.seal();
      fresh = this.#newSegment(baseOffset);
      this.#snapshots.write(baseOffset, this.#producers.entries);
    } catch (error) {
      return this.#rollFailed(before, fresh, error);
    }
    if (before.baseOffset === baseOffset) {
      this.#generation++;
      before.close(false);
    }
    this.#segments.add(fresh);
    // The closed segment is synced behind the loop's back, and the recovery point passes it.
    this.#flushInBackground('the flush of a closed segment failed');
    return null;
  }

  #flushInBackground(failure: string): void {
    this.flush().catch((error: unknown) => {
      reportFailure(this.#world, failure, { directory: this.#directory, error });
    });
  }

  /** The active segment may go on later; an empty one after it would then claim its offsets. */
  #rollFailed(before: Segment, fresh: Segment | null, error: unknown): StorageError {
    let fault = faultOf(error);
    try {
      if (fresh && fresh.baseOffset !== before.baseOffset) fresh.remove();
    } catch (removeError) {
      fault = 'write';
      this.#world.log.error('a new segment could not be removed', {
        directory: this.#directory,
        error: removeError,
      });
    }
    return this.#fail(fault, error);
  }

  #newSegment(baseOffset: number): Segment {
    this.#changed = true;
    this.#flusher.directoryChanged();
    return Segment.create(this.#segmentOptions(baseOffset));
  }

  #segmentOptions(baseOffset: number): SegmentOptions {
    return {
      files: this.#shared.files,
      directory: this.#directory,
      baseOffset,
      config: this.#config,
      now: this.#world.clock.now(),
      jitterMs: this.#jitterMs(),
    };
  }

  /** The data is whole whatever happens here: indexes are rebuilt from it. But nothing more is taken until then. */
  #indexWritten(segment: Segment, batches: readonly PendingBatch[], aborted: readonly AbortedTxn[]): void {
    let failure: unknown = null;
    const attempt = (index: () => void) => {
      try {
        index();
      } catch (error) {
        failure ??= error;
      }
    };
    for (const batch of batches) attempt(() => segment.onWritten(batch, this.#config));
    for (const txn of aborted) attempt(() => segment.txnIndex.append(txn));
    if (aborted.length > 0) attempt(() => segment.txnIndex.persist());
    if (failure !== null) this.#fail(aborted.length > 0 ? 'write' : faultOf(failure), failure);
  }

  #afterWrite(): void {
    if (this.fault?.fault === 'sync') return;
    if (this.#writtenEndOffset - this.#syncedEndOffset >= this.#config.flushMessages) this.#gate();
    else if (!this.#gated) this.#moveDurable();
  }

  /**
   * A recovery reads what the page cache has, also what the killed process had not synced. Under `flush.messages` that does
   * not count yet: a leader would take it for committed, and a power loss could take it from all replicas.
   */
  #claimOnlyWhatIsSynced(): void {
    if (this.#writtenEndOffset - this.#syncedEndOffset < this.#config.flushMessages) return;
    this.#durableEndOffset = Math.max(this.#syncedEndOffset, this.#logStartOffset);
    this.#gate();
  }

  /** Acknowledgements wait for a sync; those that come meanwhile wait for the next (group commit). */
  #gate(): void {
    if (this.#gated) return;
    this.#gated = true;
    const flushed = this.flush().then(
      () => {
        this.#gated = false;
        this.#afterWrite();
      },
      (error: unknown) => {
        this.#gated = false;
        reportFailure(this.#world, 'a flush before acknowledgement failed', {
          directory: this.#directory,
          error,
        });
      },
    );
    supervise(this.#world, flushed);
  }

  #moveDurable(): void {
    const waits = this.#writtenEndOffset - this.#syncedEndOffset >= this.#config.flushMessages;
    const to =
      waits || this.#gated ? Math.max(this.#durableEndOffset, this.#syncedEndOffset) : this.#writtenEndOffset;
    const end = Math.min(to, this.#writtenEndOffset);
    if (end === this.#durableEndOffset) return;
    this.#durableEndOffset = end;
    this.#durable.tell(end);
  }

  #writeFailed(segment: Segment, error: unknown): void {
    let fault = faultOf(error);
    try {
      segment.log.truncate(segment.sizeInBytes);
    } catch (truncateError) {
      fault = 'write';
      this.#world.log.error('a file could not be cut back', {
        directory: this.#directory,
        error: truncateError,
      });
    }
    this.#forgetUnwritten();
    this.#fail(fault, error);
    if (this.fault?.fault !== 'full') return;
    this.#flusher.truncated(this.#writtenEndOffset);
    this.#cut = 'unsynced';
    this.#syncCut();
  }

  /** A full disk may have room again; what it did not take whole must be gone for good before anything is in its place. */
  #mayGoOn(bytes: number): boolean {
    if (this.#cut === null) return this.#faults.allow(bytes);
    this.#syncCut();
    return false;
  }

  /**
   * Else a power loss could bring back the batches that were cut off, at the offsets and under the leader epoch of
   * those that came next and that followers have: by Kafka's rules the two are the same, and nobody would find out.
   */
  #syncCut(): void {
    if (this.#cut !== 'unsynced') return;
    this.#cut = 'syncing';
    this.#syncWritten().then(
      () => {
        this.#cut = null;
      },
      (error: unknown) => {
        this.#cut = 'unsynced';
        reportFailure(this.#world, 'the flush of a failed write failed', {
          directory: this.#directory,
          error,
        });
      },
    );
  }

  /** Everything above the written end is as if it had never been appended. */
  #forgetUnwritten(): void {
    this.#endOffset = this.#writtenEndOffset;
    this.#tail.truncateTo(this.#writtenEndOffset);
    this.#producers.rollback(this.#writtenEndOffset);
    this.#epochs.forgetAfter(this.#writtenEndOffset, this.#ledEpoch);
  }

  #takePending(): ReturnType<PendingWrites['takeAll']> {
    const taken = this.#pending.takeAll();
    this.#shared.written(this, taken.sizeInBytes);
    return taken;
  }

  #dropPending(): void {
    this.#takePending();
    this.#forgetUnwritten();
  }

  #fail(fault: StorageFault, cause: unknown): StorageError {
    if (!this.#pending.isEmpty) this.#dropPending();
    const error = this.#faults.fail(fault, cause);
    this.#failed.tell(error);
    return error;
  }

  /** The log was cut: everything that spoke of offsets beyond is put right. */
  #endsAt(endOffset: number): void {
    this.#truncations++;
    this.#generation++;
    if (this.#cleanedUpTo !== null) this.#cleanedUpTo = Math.min(this.#cleanedUpTo, endOffset);
    this.#logStartOffset = Math.min(this.#logStartOffset, endOffset);
    this.#changed = true;
    this.#endOffset = endOffset;
    this.#writtenEndOffset = endOffset;
    this.#durableEndOffset = Math.min(this.#durableEndOffset, endOffset);
    this.#highWatermark = clamp(this.#highWatermark, this.#logStartOffset, endOffset);
    this.#flusher.truncated(endOffset);
    this.#tail.truncateTo(endOffset);
    this.#reader.forget();
    this.#epochs.truncateFromEnd(endOffset);
    this.#epochs.truncateFromStart(this.#logStartOffset);
    this.#snapshots.removeAbove(endOffset);
    this.#isUnsettled = true;
    // See `isUnsettled`: whoever cannot wait for it has at least only this long to lose power in.
    this.#settleInBackground();
  }

  #removeFirst(count: number): number {
    if (count === 0) return 0;
    this.#changed = true;
    if (count >= this.#segments.all.length && this.roll()) return 0;
    this.#generation++;
    const removed = this.#segments.dropFirst(Math.min(count, this.#segments.all.length - 1));
    const { baseOffset } = this.#segments.first;
    this.#logStartOffset = Math.max(this.#logStartOffset, baseOffset);
    this.#highWatermark = Math.max(this.#highWatermark, this.#logStartOffset);
    this.#epochs.truncateFromStart(this.#logStartOffset);
    this.#reader.forget();
    this.#flusher.directoryChanged();
    this.#startMoved.tell(this.#logStartOffset);
    try {
      for (const segment of removed) segment.remove();
      this.#snapshots.removeBelow(baseOffset);
    } catch (error) {
      this.#fail('write', error);
    }
    return removed.length;
  }

  #appended(baseOffset: number, lastOffset: number, logAppendTime: number): Appended {
    return { baseOffset, lastOffset, logAppendTime, logStartOffset: this.#logStartOffset, duplicate: false };
  }

  #logAppendTime(): number | undefined {
    return this.#config.messageTimestampType === 'LogAppendTime' ? this.#world.clock.now() : undefined;
  }

  /** As Kafka: at most `segment.jitter.ms`, and less than `segment.ms`. */
  #jitterMs(): number {
    const bound = Math.min(this.#config.segmentJitterMs, maxSegmentMs(this.#config), 0xffff_ffff);
    return bound > 0 ? below(this.#world.random, bound) : 0;
  }
}

const NOTHING: ReadRecords = { parts: [], sizeInBytes: 0, heldBytes: 0, release() {} };

/** Gives back what was read when more of it cannot be. */
function ending(read: FileRead): (error: unknown) => never {
  return (error) => {
    read.release();
    throw error;
  };
}

function refused(error: StorageError): AppendRefused {
  return { error: 'KAFKA_STORAGE_ERROR', message: error.message };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
