import type { LeaderEpoch } from '../base/brand.ts';
import type { GuardedClock } from '../base/guarded-clock.ts';
import type { World } from '../base/world.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { Appended, AppendRefused, LogAppender } from './log-appender.ts';
import type { LogBounds } from './log-bounds.ts';
import type { LogCleaning } from './log-cleaning.ts';
import type { LogClosing } from './log-closing.ts';
import type { LogConfig } from './log-config.ts';
import type { LogDurability } from './log-durability.ts';
import type { PartitionLogOptions } from './log-options.ts';
import { type LogParts, openParts } from './log-parts.ts';
import type { LogReads } from './log-reads.ts';
import type { LogRoller } from './log-roller.ts';
import type { LogState } from './log-state.ts';
import type { LogTrimming } from './log-trimming.ts';
import type { LogTruncation } from './log-truncation.ts';
import type { LogWriter } from './log-writer.ts';
import type { AppendOrigin } from './producer-append.ts';
import type { ProducerState } from './producer-state.ts';
import type { Segment } from './segment.ts';
import type { StorageError } from './storage-error.ts';

export type { Appended, AppendRefused } from './log-appender.ts';
export type { PartitionLogOptions } from './log-options.ts';
export type { ReadRecords } from './log-reads.ts';

/**
 * One partition's log. Appends are checked, given their place and copied into memory at once; one gathered
 * write per turn of the loop takes them to the file, and only then do `onWritten` and `onDurable` run. What a
 * write did not take whole is as if it had never been: the file is cut back, producers and epochs forget it,
 * `onFailed` runs. Its parts work on one `LogState`; the offsets and what holds between them are in
 * `LogBounds`. Reading, trimming and compaction are told by the parts that do them.
 */
export class PartitionLog {
  readonly #state: LogState;
  readonly #bounds: LogBounds;
  readonly #writer: LogWriter;
  readonly #durability: LogDurability;
  readonly #roller: LogRoller;
  readonly #appender: LogAppender;
  readonly #truncation: LogTruncation;
  readonly #closing: LogClosing;
  /** Reads from memory and from files. */
  readonly reads: LogReads;
  /** What removes records at its start: retention, DeleteRecords, snapshots. */
  readonly trimming: LogTrimming;
  /** What compaction does to it. */
  readonly cleaning: LogCleaning;

  /** Recovers what is not known to be whole. Throws DiskError. */
  static open(world: World, options: PartitionLogOptions): PartitionLog {
    return new PartitionLog(openParts(world, options));
  }

  private constructor(parts: LogParts) {
    this.#state = parts.state;
    this.#bounds = parts.state.bounds;
    this.#writer = parts.writer;
    this.#durability = parts.durability;
    this.#roller = parts.roller;
    this.#appender = parts.appender;
    this.#truncation = parts.truncation;
    this.#closing = parts.closing;
    this.reads = parts.reads;
    this.trimming = parts.trimming;
    this.cleaning = parts.cleaning;
  }

  get directory(): string {
    return this.#state.directory;
  }

  get config(): LogConfig {
    return this.#state.config;
  }

  /** The clock by which it tells what is old enough to be deleted. */
  get guardedClock(): GuardedClock {
    return this.#state.shared.guardedClock;
  }

  /** The config may not be the topic's: nothing is deleted or compacted because of it. */
  get isConfigProvisional(): boolean {
    return this.#state.isConfigProvisional;
  }

  get logStartOffset(): number {
    return this.#bounds.logStartOffset;
  }

  /** The end of the log, with appends that are not written yet. */
  get endOffset(): number {
    return this.#bounds.endOffset;
  }

  /** The end of what the page cache has; a crash of the process loses nothing below it. */
  get writtenEndOffset(): number {
    return this.#bounds.writtenEndOffset;
  }

  /**
   * The end of what may be acknowledged and counted as this replica's: written, and synced where the config
   * asks for it.
   */
  get durableEndOffset(): number {
    return this.#bounds.durableEndOffset;
  }

  /** The end of what the device has; a power loss loses nothing below it. */
  get syncedEndOffset(): number {
    return this.#bounds.syncedEndOffset;
  }

  /**
   * The offset that recovery-point-offset-checkpoint gets: below it not even the indexes need to be looked
   * at.
   */
  get recoveryPoint(): number {
    return this.#durability.recoveryPoint;
  }

  get highWatermark(): number {
    return this.#bounds.highWatermark;
  }

  /**
   * Where read_committed readers stop: before the first transaction that is open, or not known to be ended.
   */
  get lastStableOffset(): number {
    const { highWatermark } = this.#bounds;
    return Math.min(this.producers.firstUnstableOffset ?? highWatermark, highWatermark);
  }

  /** -1 when no record has one. */
  get latestEpoch(): LeaderEpoch {
    return this.#state.epochs.latestEpoch;
  }

  get epochs(): LeaderEpochs {
    return this.#state.epochs;
  }

  get producers(): ProducerState {
    return this.#state.producers;
  }

  /**
   * The log was cut, by recovery or a truncation, and the device does not know all of that yet. Before the
   * next flush a power loss could bring back what was cut off, under what is appended to the next segment;
   * before `settle` the checkpoint files may lie above the cut. Whoever opened or truncated the log settles
   * it before it appends.
   */
  get isUnsettled(): boolean {
    return this.#durability.isUnsettled;
  }

  /** Why appends are refused; null when they are not. */
  get fault(): StorageError | null {
    return this.#state.faults.current;
  }

  get sizeInBytes(): number {
    return this.#state.segments.sizeInBytes + this.#state.pending.sizeInBytes;
  }

  /** What compaction works on, the active one last; to be looked at again after every pause. */
  get segments(): readonly Segment[] {
    return this.#state.segments.all;
  }

  get segmentBaseOffsets(): readonly number[] {
    return this.segments.map((segment) => segment.baseOffset);
  }

  get isClosed(): boolean {
    return this.#state.isClosed;
  }

  /** How often it was cut at its end since it was opened: what was read before may be something else now. */
  get truncations(): number {
    return this.#state.truncations;
  }

  updateConfig(config: LogConfig): void {
    const isFirst = this.isConfigProvisional;
    this.#state.config = config;
    this.#state.isConfigProvisional = false;
    if (isFirst) this.#durability.claimOnlyWhatIsSynced();
  }

  /** Runs after each write with the new written end offset. Call the result to stop. */
  onWritten(listener: (endOffset: number) => void): () => void {
    return this.#writer.onWritten.add(listener);
  }

  /** Runs when `durableEndOffset` moved: what waits for an acknowledgement may have it. */
  onDurable(listener: (endOffset: number) => void): () => void {
    return this.#durability.onDurable.add(listener);
  }

  /**
   * Runs when appends were lost: all above `writtenEndOffset` after a failed write, all above
   * `syncedEndOffset` are in doubt after a failed sync. Whoever waits for this partition must be told
   * KAFKA_STORAGE_ERROR.
   */
  onFailed(listener: (error: StorageError) => void): () => void {
    return this.#writer.onFailed.add(listener);
  }

  /**
   * Appends whole batches that were checked (`checkAppend` for clients): all or none. Offsets, leader epoch
   * and, when the topic says LogAppendTime, the time are patched into `bytes` in place, except for
   * `replication`, which keeps them and needs offsets that are not below the end (compaction on the leader
   * leaves gaps).
   */
  append(
    bytes: Buffer,
    options: { readonly origin: AppendOrigin; readonly leaderEpoch: LeaderEpoch },
  ): Appended | AppendRefused {
    return this.#appender.append(bytes, options);
  }

  /**
   * To be called before a follower appends. Null when it may append at once. Otherwise the batches leave
   * offsets out, although the folder promises that there are no gaps: resolves when the device no longer has
   * that promise. Rejects with StorageError.
   */
  admit(batches: Buffer): Promise<void> | null {
    return this.#appender.admit(batches);
  }

  /** Takes what is pending to the file. Runs by itself at the end of the loop's turn. */
  writeNow(): void {
    this.#writer.writeNow();
  }

  /** Moves the high watermark, also back (the caller knows why); kept within the log and what is written. */
  updateHighWatermark(offset: number): number {
    this.#bounds.moveHighWatermark(offset);
    this.producers.onHighWatermark(this.highWatermark);
    return this.highWatermark;
  }

  /** A leader's epoch begins here, before its first record. */
  assignEpoch(epoch: LeaderEpoch, startOffset: number): void {
    this.epochs.lead({ epoch, startOffset });
  }

  /** The end of the largest epoch that is not above this one; -1, -1 when it is not known. */
  endOffsetForEpoch(epoch: LeaderEpoch): { readonly epoch: LeaderEpoch; readonly endOffset: number } {
    return this.epochs.endOffsetFor(epoch, this.endOffset);
  }

  /**
   * Cuts off every batch that reaches to or beyond the offset, and every epoch that began there, also one
   * without a record. The end is then that of the last whole batch, which may be lower. False when the disk
   * refused; the log then has a fault. Flush before the next append: a power loss could otherwise bring back
   * what was cut off, under what was appended to the segment after it.
   */
  truncateTo(offset: number): boolean {
    return this.#truncation.truncateTo(offset);
  }

  /** Throws everything away; the log begins and ends at the offset. For a replica that is too far behind. */
  truncateFully(offset: number): boolean {
    return this.#truncation.truncateFully(offset);
  }

  /** Starts a new segment at the end of the log, unless the active one is empty. */
  roll(): StorageError | null {
    return this.#roller.roll();
  }

  /** fdatasync of all that is appended so far; concurrent calls share. Rejects with StorageError. */
  flush(): Promise<void> {
    return this.#durability.flush();
  }

  /**
   * Resolves when every cut is on the device, and no checkpoint there lies above it. A recovery point above a
   * cut would make the next start believe what was written since, which a power loss may have taken; a start
   * offset above it would make the next start throw that away. Rejects with StorageError or DiskError; the
   * caller asks again then.
   */
  settle(): Promise<void> {
    return this.#durability.settle();
  }

  /**
   * To be called regularly: syncs what waits for longer than `flush.ms`. Where a full disk refused a flush
   * that acknowledgements wait for (`flush.messages`), it is made up for once there is room: no append may
   * come to do it, since followers and coordinators wait for what was appended before, and a producer that
   * retries is told of a duplicate. Null when nothing is due.
   */
  flushIfDue(): Promise<void> | null {
    return this.#durability.flushIfDue();
  }

  removeExpiredProducers(): void {
    if (this.isConfigProvisional) return;
    this.producers.removeExpired(this.guardedClock.now(), this.config.producerIdExpirationMs);
  }

  /**
   * Writes and syncs everything, and a producer snapshot at the end: the next start needs no recovery.
   * Rejects with StorageError when that was not possible: the next start recovers.
   */
  close(): Promise<void> {
    return this.#closing.close();
  }

  /** Closes without writing anything more; recovery will tell what there is. */
  abandon(): void {
    this.#closing.abandon();
  }

  /** Closes and removes the folder. */
  delete(): void {
    this.#closing.delete();
  }
}
