import type { ProducerId } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import { type BatchHeader, batches, checkIntegrity, readBatchHeader } from '../protocol/records/batch.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { compactBatch, type KeyedRecord, keyedRecords } from './compacted-batch.ts';
import { CompactionPace } from './compaction-pace.ts';
import { type CleanableRange, groupSegments } from './compaction-rules.ts';
import type { KeyOffsets } from './key-offsets.ts';
import { markerIn } from './marker.ts';
import type { PartitionLog } from './partition-log.ts';
import { PassedTransactions } from './passed-transactions.ts';
import type { ProducerEntry } from './producer-entry.ts';
import type { Segment } from './segment.ts';
import { dropSwap } from './segment-swap.ts';
import { windowsOf } from './segment-windows.ts';
import type { AbortedTxn } from './txn-index.ts';

export interface CompactionOptions {
  readonly log: PartitionLog;
  readonly range: CleanableRange;
  /** Empty; as large as compaction may use. */
  readonly keys: KeyOffsets;
  readonly isStopped: () => boolean;
}

export interface Compacted {
  /** The next compaction begins here. */
  readonly cleanedUpTo: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** What the compaction relied on is gone: the log was cut, closed or has a fault, or the broker stops. */
class Interrupted extends Error {}

/**
 * One compaction of one log, by Kafka's rules. First the last offset of every key in the dirty part is noted,
 * as far as memory allows. Then every segment up to there is written anew without the records that have a
 * later one of their key, without tombstones whose time has come, aborted data and markers of transactions
 * that are gone; and each group of new segments takes the place of the old. Offsets stay. In between it
 * rests; whatever happens to the log then ends it or makes it begin the group again, and the old segments
 * stay until the new one is complete.
 */
export class Compaction {
  readonly #world: World;
  readonly #options: CompactionOptions;
  readonly #pace: CompactionPace;
  readonly #truncations: number;
  /** The time by which it is judged what is old enough to go. */
  readonly #now: number;
  /** The time from which the delete retention of tombstones and markers counts. */
  readonly #stamp: number;
  /** At the end of what may be compacted. */
  readonly #producers: ReadonlyMap<ProducerId, ProducerEntry>;
  /** Exclusive: what the keys speak of. */
  #mappedUpTo: number;
  #bytesBefore = 0;
  #bytesAfter = 0;

  constructor(world: World, options: CompactionOptions) {
    this.#world = world;
    this.#options = options;
    this.#pace = new CompactionPace(world.clock);
    this.#truncations = options.log.truncations;
    this.#now = options.log.guardedClock.now();
    this.#stamp = options.log.guardedClock.stamp();
    const producers = options.log.cleaning.producersAt(options.range.firstUncleanableOffset) ?? [];
    this.#producers = new Map(producers.map((producer) => [producer.producerId, producer]));
    this.#mappedUpTo = options.range.firstDirtyOffset;
  }

  /**
   * Null when it was interrupted. Throws RecordError for a damaged batch, DiskError when a disk refuses
   * before anything is replaced; what was replaced before stays replaced.
   */
  async run(): Promise<Compacted | null> {
    try {
      await this.#mapKeys();
      await this.#replaceSegments();
      return { cleanedUpTo: this.#mappedUpTo, bytesBefore: this.#bytesBefore, bytesAfter: this.#bytesAfter };
    } catch (error) {
      if (error instanceof Interrupted) return null;
      throw error;
    }
  }

  async #mapKeys(): Promise<void> {
    const { log, range } = this.#options;
    const { firstDirtyOffset, firstUncleanableOffset } = range;
    const passed = new PassedTransactions(
      log.reads.abortedTransactions(firstDirtyOffset, firstUncleanableOffset),
    );
    const dirty = closedBetween(log, firstDirtyOffset, firstUncleanableOffset);
    for (const [i, segment] of dirty.entries()) {
      if (!this.#has(segment)) continue;
      const from = i === 0 ? (segment.locate(firstDirtyOffset)?.position ?? segment.sizeInBytes) : 0;
      for await (const window of windowsOf(segment, from, () => this.#has(segment))) {
        this.#check();
        this.#pace.begin();
        for (const { header, bytes } of batches(window)) {
          if (this.#pace.isDue) await this.#rest();
          if (!this.#mapBatch(header, bytes, passed)) return;
          this.#mappedUpTo = Math.max(this.#mappedUpTo, header.nextOffset);
        }
        await this.#rest();
      }
      // Offsets that an earlier compaction left out at the end of a segment.
      this.#mappedUpTo = Math.max(this.#mappedUpTo, dirty[i + 1]?.baseOffset ?? firstUncleanableOffset);
    }
  }

  /** False when its keys do not fit: the compaction ends before it. */
  #mapBatch(header: BatchHeader, bytes: Buffer, passed: PassedTransactions): boolean {
    sound(header, bytes);
    if (header.isControl) {
      const marker = markerIn(header, () => bytes);
      if (marker) passed.end(header, marker.outcome);
      return true;
    }
    if (passed.isAborted(header)) return true;
    const { keys, range } = this.#options;
    for (const { key, offset } of keyedRecords(bytes, header)) {
      if (key === null || offset < range.firstDirtyOffset || keys.put(key, offset)) continue;
      if (this.#mappedUpTo > range.firstDirtyOffset) return false;
      throw new RecordError('INVALID_RECORD', `the batch at ${header.baseOffset} has too many keys`);
    }
    return true;
  }

  async #replaceSegments(): Promise<void> {
    const { log, range } = this.#options;
    const segments = log.segments.slice(0, -1).filter(({ baseOffset }) => baseOffset < this.#mappedUpTo);
    const [first] = segments;
    if (!first) return;
    let passed = new PassedTransactions(
      log.reads.abortedTransactions(first.baseOffset, range.firstUncleanableOffset),
    );
    for (const group of groupSegments(segments, range.firstUncleanableOffset, log.config)) {
      passed = await this.#replaceGroup(group, passed);
    }
  }

  /** Retention may take segments from the front meanwhile; then the rest of the group is done again. */
  async #replaceGroup(group: readonly Segment[], passed: PassedTransactions): Promise<PassedTransactions> {
    for (;;) {
      const old = group.filter((segment) => this.#has(segment));
      const first = old[0];
      if (!first) return passed;
      const walk = passed.copy();
      const cleaned = this.#options.log.cleaning.makeCleaned(first.baseOffset);
      let isSame: boolean;
      try {
        isSame = await this.#clean(old, cleaned, walk);
        this.#check();
      } catch (error) {
        this.#drop(cleaned);
        throw error;
      }
      if (!old.every((segment) => this.#has(segment))) {
        this.#drop(cleaned);
        continue;
      }
      this.#count(old, cleaned);
      if (isSame) this.#drop(cleaned);
      else await this.#replace(old, cleaned);
      return walk;
    }
  }

  /** Fills the new segment and syncs it. True when it would be what is there already. */
  async #clean(old: readonly Segment[], cleaned: Segment, passed: PassedTransactions): Promise<boolean> {
    const end = this.#endOf(old);
    let isSame = old.length === 1;
    let abortedTxns = 0;
    for (const segment of old) {
      for await (const window of windowsOf(segment, 0, () => this.#has(segment))) {
        this.#check();
        this.#pace.begin();
        const parts: Buffer[] = [];
        for (const { header, bytes } of batches(window)) {
          if (this.#pace.isDue) await this.#rest();
          const { isDone, aborted } = this.#passed(header, bytes, passed);
          if (aborted) cleaned.txnIndex.append(aborted);
          if (aborted) abortedTxns++;
          const kept = this.#cleanBatch(header, bytes, { isDone, isLast: header.nextOffset === end });
          if (kept) parts.push(kept);
          isSame &&= kept === bytes;
        }
        this.#append(parts, cleaned);
        await this.#rest();
      }
      isSame &&= abortedTxns === [...segment.txnIndex].length;
    }
    if (isSame) return true;
    cleaned.seal();
    await cleaned.sync(true);
    await this.#options.log.cleaning.admitGaps();
    this.#check();
    return false;
  }

  #append(parts: readonly Buffer[], cleaned: Segment): void {
    if (parts.length === 0) return;
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    cleaned.log.appendWhole(parts, total);
    for (const part of parts) cleaned.onWritten(readBatchHeader(part, 0), this.#options.log.config);
  }

  /**
   * Whether nothing of the batch is needed for its transaction, and what the transaction index keeps of that.
   */
  #passed(
    header: BatchHeader,
    bytes: Buffer,
    passed: PassedTransactions,
  ): { readonly isDone: boolean; readonly aborted: AbortedTxn | null } {
    sound(header, bytes);
    if (!header.isControl) return { isDone: passed.isAborted(header), aborted: null };
    const marker = markerIn(header, () => bytes);
    // A marker that was emptied says nothing any more; a control batch of another kind stays.
    return marker ? passed.end(header, marker.outcome) : { isDone: header.recordCount === 0, aborted: null };
  }

  #cleanBatch(
    header: BatchHeader,
    bytes: Buffer,
    { isDone, isLast }: { readonly isDone: boolean; readonly isLast: boolean },
  ): Buffer | null {
    const { log } = this.#options;
    const expired = header.deleteHorizon && header.baseTimestamp <= this.#now;
    const dropsAll = header.isControl ? isDone && expired : isDone;
    return compactBatch(bytes, header, {
      retains: (record) => !dropsAll && (header.isControl || this.#retains(record, expired)),
      // Segments adjoin, so that recovery knows a gap between them for a loss.
      keepsEmpty: isLast || this.#isLastOfProducer(header),
      expires: header.isControl && isDone,
      deleteHorizonMs: this.#stamp + log.config.deleteRetentionMs,
    });
  }

  #retains(record: KeyedRecord, expired: boolean): boolean {
    if (record.offset >= this.#mappedUpTo) return true;
    // Written before the topic was compacted: it can never be replaced.
    if (record.key === null) return false;
    return record.offset >= this.#options.keys.get(record.key) && !(record.isTombstone && expired);
  }

  /**
   * It has the last sequence of a producer that may go on, or of one that wrote none the epoch that fences.
   * Both of all that there is and of what is compacted: what comes after may be lost in a crash.
   */
  #isLastOfProducer(header: BatchHeader): boolean {
    const now = this.#options.log.producers.entry(header.producerId);
    return (
      now !== undefined && (isLastOf(now, header) || isLastOf(this.#producers.get(now.producerId), header))
    );
  }

  async #replace(old: readonly Segment[], cleaned: Segment): Promise<void> {
    const { log } = this.#options;
    const { disk } = this.#world;
    const retired = this.#swap(old, cleaned);
    // What replaced a record must last before a later group, or the next compaction, drops what replaced
    // that.
    await disk.syncDirectory(log.directory);
    this.#check();
    for (const name of retired) {
      if (disk.exists(`${log.directory}/${name}`)) disk.remove(`${log.directory}/${name}`);
    }
  }

  #swap(old: readonly Segment[], cleaned: Segment): string[] {
    const { log } = this.#options;
    let retired: string[] | null;
    try {
      retired = log.cleaning.replace(old, cleaned);
    } catch (error) {
      this.#drop(cleaned);
      throw error;
    }
    // From here on the new files are the log's: opening it again finishes the swap.
    if (!retired) throw new Interrupted('the log has a fault');
    return retired;
  }

  #count(old: readonly Segment[], cleaned: Segment): void {
    this.#bytesBefore += old.reduce((sum, segment) => sum + segment.sizeInBytes, 0);
    this.#bytesAfter += cleaned.sizeInBytes;
  }

  #drop(cleaned: Segment): void {
    const { log } = this.#options;
    cleaned.close(false);
    if (!log.isClosed) dropSwap(this.#world.disk, log.directory, cleaned.baseOffset);
  }

  async #rest(): Promise<void> {
    await this.#pace.rest();
    this.#check();
    this.#pace.begin();
  }

  /** Where the segment after these begins. */
  #endOf(old: readonly Segment[]): number {
    const { segments } = this.#options.log;
    const last = old.at(-1);
    return segments[last ? segments.indexOf(last) + 1 : 0]?.baseOffset ?? 0;
  }

  #has(segment: Segment): boolean {
    const { log } = this.#options;
    return !log.isClosed && log.segments.includes(segment);
  }

  #check(): void {
    const { log, isStopped } = this.#options;
    if (isStopped()) throw new Interrupted('the broker stops');
    if (log.isClosed) throw new Interrupted('the log is closed');
    if (log.fault) throw new Interrupted('the log has a fault');
    if (log.truncations !== this.#truncations) throw new Interrupted('the log was cut');
  }
}

function closedBetween(log: PartitionLog, from: number, to: number): Segment[] {
  const { segments } = log;
  return segments.filter(
    ({ baseOffset }, i) => baseOffset < to && (segments[i + 1]?.baseOffset ?? from) > from,
  );
}

function isLastOf(producer: ProducerEntry | undefined, header: BatchHeader): boolean {
  if (!producer) return false;
  const last = producer.batches.at(-1);
  return last
    ? header.lastOffset === last.lastOffset
    : header.isControl && header.producerEpoch === producer.epoch;
}

/** Never is a damaged batch written anew with a checksum that makes it look sound. */
function sound(header: BatchHeader, bytes: Buffer): void {
  if (checkIntegrity(bytes) === null) return;
  throw new RecordError('CORRUPT_MESSAGE', `the batch at ${header.baseOffset} is damaged`);
}
