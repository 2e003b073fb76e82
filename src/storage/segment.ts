import { scanHeaders } from './batch-scan.ts';
import { fileName, suffix } from './file-names.ts';
import type { LogConfig } from './log-config.ts';
import { OFFSET_ENTRY_BYTES, OffsetIndex } from './offset-index.ts';
import type { LogFile, OpenFiles } from './open-files.ts';
import { CheckpointError } from './storage-error.ts';
import { TIME_ENTRY_BYTES, TimeIndex, type TimestampOffset } from './time-index.ts';
import { TxnIndex } from './txn-index.ts';

/** Offsets in a segment are stored relative to its first as int32. */
export const MAX_RELATIVE_OFFSET = 0x7fff_ffff;

/**
 * One stretch of a log: the batches in `.log`, and the indexes that find them. Its base offset is a lower
 * bound of the offsets in it. Sizes and statistics speak of what was written; what is on its way belongs to
 * the log.
 */
export class Segment {
  readonly baseOffset: number;
  readonly log: LogFile;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
  readonly txnIndex: TxnIndex;
  /** When this process made or opened it: for an empty segment, and one without timestamps. */
  readonly openedAt: number;
  sizeInBytes: number;
  /**
   * The time from which `segment.ms` counts: the first batch's largest timestamp. Null: not known, or empty.
   */
  firstTimestamp: number | null = null;
  /** A random part of `segment.jitter.ms`, so that the partitions of a topic do not all roll at once. */
  readonly jitterMs: number;
  /** The stretch of the file whose checksums were found right since it was opened. */
  verified = { from: 0, to: 0 };

  readonly #files: OpenFiles;
  /** How often its end was cut off, or all of it removed. */
  #cuts = 0;
  #bytesSinceIndexEntry = 0;
  #largest: TimestampOffset | null = null;
  #indexesChecked: boolean;

  private constructor(options: SegmentOptions & { readonly isNew: boolean }) {
    const { files, directory, baseOffset, config } = options;
    const path = (ending: string) =>
      `${directory}/${fileName(baseOffset, ending)}${options.fileSuffix ?? ''}`;
    this.#files = files;
    this.baseOffset = baseOffset;
    this.openedAt = options.now;
    this.jitterMs = options.jitterMs;
    this.log = files.file(path(suffix.log), options.isNew ? 'create' : 'write');
    this.offsetIndex = new OffsetIndex(
      files.file(path(suffix.offsetIndex), 'create'),
      baseOffset,
      config.segmentIndexBytes,
    );
    this.timeIndex = new TimeIndex(
      files.file(path(suffix.timeIndex), 'create'),
      baseOffset,
      config.segmentIndexBytes,
    );
    this.txnIndex = new TxnIndex(files.file(path(suffix.txnIndex), 'create'));
    this.sizeInBytes = this.log.size();
    this.#indexesChecked = options.isNew;
  }

  /** Makes the files; whatever lay there under these names is gone. */
  static create(options: SegmentOptions): Segment {
    const segment = new Segment({ ...options, isNew: true });
    if (segment.sizeInBytes > 0) segment.log.truncate(0);
    segment.sizeInBytes = 0;
    segment.offsetIndex.file.clear();
    segment.timeIndex.file.clear();
    segment.txnIndex.reset();
    return segment;
  }

  static open(options: SegmentOptions): Segment {
    return new Segment({ ...options, isNew: false });
  }

  /** For compaction: what a segment made of several will have at most. */
  get indexBytes(): { readonly offset: number; readonly time: number } {
    return {
      offset: this.offsetIndex.entries * OFFSET_ENTRY_BYTES,
      time: this.timeIndex.entries * TIME_ENTRY_BYTES,
    };
  }

  get largest(): TimestampOffset {
    if (this.#largest === null) {
      this.#checkIndexes();
      this.#largest = this.timeIndex.last();
    }
    return this.#largest;
  }

  /** A batch was written at the end of the file. */
  onWritten(
    batch: { lastOffset: number; maxTimestamp: number; sizeInBytes: number },
    config: LogConfig,
  ): void {
    const position = this.sizeInBytes;
    this.sizeInBytes += batch.sizeInBytes;
    this.index({ ...batch, position }, config.indexIntervalBytes);
  }

  index(
    batch: { lastOffset: number; maxTimestamp: number; sizeInBytes: number; position: number },
    intervalBytes: number,
  ): void {
    if (this.firstTimestamp === null && batch.position === 0) this.firstTimestamp = batch.maxTimestamp;
    if (batch.maxTimestamp > this.largest.timestamp) {
      this.#largest = { timestamp: batch.maxTimestamp, offset: batch.lastOffset };
    }
    const due = this.#bytesSinceIndexEntry > intervalBytes && !this.indexIsFull;
    this.#bytesSinceIndexEntry = batch.sizeInBytes + (due ? 0 : this.#bytesSinceIndexEntry);
    if (!due) return;
    this.offsetIndex.append({ offset: batch.lastOffset, position: batch.position });
    this.timeIndex.maybeAppend(this.largest);
  }

  /** Whether a batch with this last offset can be expressed in the indexes. */
  reaches(offset: number): boolean {
    const relative = offset - this.baseOffset;
    return relative >= 0 && relative <= MAX_RELATIVE_OFFSET;
  }

  get indexIsFull(): boolean {
    return this.offsetIndex.isFull || this.timeIndex.isFull;
  }

  /**
   * Where the batch with the least last offset >= `offset` begins, or a batch before it that is too damaged
   * to find the way past it; null when there is none.
   */
  locate(offset: number): { readonly position: number } | null {
    const range = { from: this.#startOfScan(offset), to: this.sizeInBytes };
    const position = scanHeaders(this.log, range, (header) => header.lastOffset < offset);
    return position < this.sizeInBytes ? { position } : null;
  }

  /**
   * The offset after the last batch; the base offset when there is none. Null when the file ends in a torn
   * batch.
   */
  readNextOffset(): number | null {
    let next = this.baseOffset;
    this.#checkIndexes();
    const from = this.#believed(this.offsetIndex.last().position);
    const end = scanHeaders(this.log, { from, to: this.sizeInBytes }, (header) => {
      next = header.nextOffset;
      return true;
    });
    return end === this.sizeInBytes ? next : null;
  }

  /** Cuts off every batch with an offset at or above `offset`, and what the indexes say of them. */
  truncateTo(offset: number): void {
    const found = this.locate(offset);
    this.#checkIndexes();
    this.#cuts++;
    this.offsetIndex.truncateTo(offset);
    this.timeIndex.truncateTo(offset);
    this.txnIndex.truncateTo(offset);
    if (found) this.cutTo(found.position);
    this.#bytesSinceIndexEntry = 0;
    this.#largest = null;
    this.#largest = this.#readLargest();
    if (this.sizeInBytes === 0) this.firstTimestamp = null;
  }

  cutTo(position: number): void {
    this.log.truncate(position);
    this.sizeInBytes = position;
    if (this.verified.to > position)
      this.verified = { from: Math.min(this.verified.from, position), to: position };
  }

  /** Empties the indexes: they are about to be rebuilt by `index` from the log. */
  resetIndexes(): void {
    this.offsetIndex.file.clear();
    this.timeIndex.file.clear();
    this.#largest = { timestamp: -1, offset: this.baseOffset };
    this.firstTimestamp = null;
    this.#bytesSinceIndexEntry = 0;
    this.#indexesChecked = true;
  }

  /** The first timestamp, from the file when this process did not write it; null for an empty segment. */
  readFirstTimestamp(): number | null {
    if (this.firstTimestamp === null && this.sizeInBytes > 0) {
      scanHeaders(this.log, { from: 0, to: this.sizeInBytes }, (header) => {
        this.firstTimestamp = header.maxTimestamp;
        return false;
      });
    }
    return this.firstTimestamp;
  }

  /** The segment gets no more: Kafka's time index then ends with the largest timestamp of all. */
  seal(): void {
    this.timeIndex.maybeAppend(this.largest);
    this.offsetIndex.file.seal();
    this.timeIndex.file.seal();
    this.txnIndex.persist();
  }

  /**
   * fdatasync of the log, and of the indexes when they are complete. Rejects with CheckpointError when only
   * an index could not be written.
   */
  async sync(withIndexes: boolean): Promise<void> {
    const cuts = this.#cuts;
    await this.log.sync();
    // What the device has now is the log before it was cut: it must not get the indexes of the log after it.
    if (!withIndexes || cuts !== this.#cuts) return;
    this.#persistIndexes();
    for (const { file } of [this.offsetIndex, this.timeIndex]) {
      await file.sync();
      if (cuts !== this.#cuts) return;
    }
    if (this.txnIndex.exists) await this.txnIndex.file.sync();
  }

  /**
   * After `seal` when the data is to be found again as it is; without writing when it is not to be trusted.
   */
  close(write: boolean): void {
    if (write) {
      this.timeIndex.maybeAppend(this.largest);
      this.offsetIndex.file.close();
      this.timeIndex.file.close();
      this.txnIndex.persist();
    }
    this.#retire();
  }

  /**
   * The log first: indexes without one are swept at the next start, a log without indexes would be believed.
   * A sync that is under way must not make the files anew: the names may be those of another segment by then.
   */
  remove(): void {
    this.#cuts++;
    this.log.remove();
    this.offsetIndex.file.remove();
    this.timeIndex.file.remove();
    this.txnIndex.reset();
    this.#retire();
  }

  /** Header by header, without checksums: for indexes that were lost below the recovery point. */
  rebuildIndexes(intervalBytes: number): void {
    this.resetIndexes();
    scanHeaders(this.log, { from: 0, to: this.sizeInBytes }, (header, position) => {
      this.index({ ...header, position }, intervalBytes);
      return true;
    });
    this.timeIndex.maybeAppend(this.largest);
  }

  #retire(): void {
    this.log.retire();
    this.offsetIndex.file.retire();
    this.timeIndex.file.retire();
    this.txnIndex.file.retire();
  }

  /** What a recovery rebuilt may still be in memory. */
  #persistIndexes(): void {
    try {
      this.seal();
    } catch (error) {
      throw new CheckpointError('an index was not written', { cause: error });
    }
  }

  #startOfScan(offset: number): number {
    this.#checkIndexes();
    return this.#believed(this.offsetIndex.lookup(offset).position);
  }

  /**
   * An index may be wrong in its middle; a position counts only when a batch of this segment begins there.
   */
  #believed(position: number): number {
    if (position === 0) return 0;
    let sound = false;
    scanHeaders(this.log, { from: position, to: this.sizeInBytes }, (header) => {
      sound = header.baseOffset >= this.baseOffset && this.reaches(header.lastOffset);
      return false;
    });
    return sound ? position : 0;
  }

  #checkIndexes(): void {
    if (this.#indexesChecked) return;
    if (this.sizeInBytes > 0 && !this.#indexesArePlausible())
      this.#files.offPages(() => this.rebuildIndexes(REBUILT_INTERVAL_BYTES));
    this.#indexesChecked = true;
  }

  #indexesArePlausible(): boolean {
    if (!this.offsetIndex.file.exists() || !this.timeIndex.file.exists()) return false;
    return this.offsetIndex.isPlausible(this.sizeInBytes) && this.timeIndex.isPlausible();
  }

  #readLargest(): TimestampOffset {
    let largest = this.timeIndex.last();
    const from = this.#startOfScan(largest.offset);
    scanHeaders(this.log, { from, to: this.sizeInBytes }, (header) => {
      if (header.maxTimestamp > largest.timestamp) {
        largest = { timestamp: header.maxTimestamp, offset: header.lastOffset };
      }
      return true;
    });
    return largest;
  }
}

/** Kafka's default for `index.interval.bytes`; the config is not at hand where a lost index is noticed. */
const REBUILT_INTERVAL_BYTES = 4096;

export interface SegmentOptions {
  readonly files: OpenFiles;
  readonly directory: string;
  readonly baseOffset: number;
  readonly config: LogConfig;
  readonly now: number;
  readonly jitterMs: number;
  /** What stands after every file name: `.cleaned`, while compaction writes it. */
  readonly fileSuffix?: string;
}
