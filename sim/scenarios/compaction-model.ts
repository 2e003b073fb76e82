import { type BatchHeader, batches } from '../../src/protocol/records/batch.ts';
import { readEndTransaction } from '../../src/protocol/records/control.ts';
import { type LogRecord, readRecords } from '../../src/protocol/records/record.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { AbortedTxn } from '../../src/storage/txn-index.ts';

interface AppendedBatch {
  readonly header: BatchHeader;
  readonly bytes: Buffer;
  readonly records: readonly LogRecord[];
  readonly appendedAt: number;
}

interface FoundBatch {
  readonly header: BatchHeader;
  readonly records: readonly LogRecord[];
  /** The batch that was appended there. */
  readonly original: AppendedBatch | undefined;
}

type Fate = 'committed' | 'aborted' | 'open';

/** What a reader got from an offset on, and the state of the log when it read. */
export interface ReadFrom {
  readonly offset: number;
  readonly bytes: Buffer;
  /** The aborted transactions that the log listed. */
  readonly aborted: readonly AbortedTxn[];
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly endOffset: number;
  readonly now: number;
}

/**
 * Everything that was appended to a log and not truncated, and what a compacted log may show of it: no other
 * record, each record at its own offset, and the same last value of every key for a reader from any offset.
 */
export class CompactionModel {
  readonly #deleteRetentionMs: number;
  #batches: AppendedBatch[] = [];
  /** Compaction was never allowed at or above this offset. */
  #untouchedFrom = 0;
  /**
   * By key: the offset of a lost record which may have replaced earlier ones. Of the earlier ones nothing is
   * known.
   */
  readonly #lostAt = new Map<string, number>();
  /** Producers whose last sequence is not known any more, for the same reason. */
  readonly #lostProducers = new Set<number>();
  #logStartOffset = 0;
  /** Everything below this offset is on the device. */
  #floor = 0;
  /** The end of what a killed process had written: it survives unless power fails before the restart. */
  #surviving: number | null = null;

  constructor(deleteRetentionMs: number) {
    this.#deleteRetentionMs = deleteRetentionMs;
  }

  get endOffset(): number {
    return this.#batches.at(-1)?.header.nextOffset ?? 0;
  }

  appended(bytes: Buffer, now: number): void {
    for (const { header, bytes: batch } of batches(Buffer.from(bytes))) {
      const records = readRecords(batch);
      this.#batches.push({ header, bytes: batch, records, appendedAt: now });
    }
  }

  /** Compaction was allowed up to `upTo`, and records below the log start may be gone. */
  touched(upTo: number, logStartOffset: number): void {
    this.#logStartOffset = Math.max(this.#logStartOffset, logStartOffset);
    this.#untouchedFrom = Math.max(this.#untouchedFrom, upTo);
  }

  flushed(upTo: number): void {
    this.#floor = Math.max(this.#floor, upTo);
  }

  /** The log was truncated, but a power loss may undo that until it is synced. */
  mayEndAt(end: number): void {
    this.#floor = Math.min(this.#floor, end);
  }

  killed(writtenEndOffset: number): void {
    this.#surviving = writtenEndOffset;
  }

  crashed(): void {
    this.#surviving = null;
  }

  cut(end: number): void {
    for (const { key } of this.#records(end, this.#untouchedFrom)) this.#lostAt.set(String(key), end);
    const before = this.#fates();
    for (const { header } of this.#batches) {
      const { baseOffset, producerId } = header;
      if (baseOffset >= end && baseOffset < this.#untouchedFrom) this.#lostProducers.add(producerId);
    }
    this.#batches = this.#batches.filter(({ header }) => header.nextOffset <= end);
    this.#loseDecisions(before, end);
    this.#untouchedFrom = Math.min(this.#untouchedFrom, end);
    this.#floor = Math.min(this.#floor, end);
  }

  /** The log was opened again, and has these offsets and segments. */
  recovered({
    endOffset: end,
    logStartOffset,
    segmentBaseOffsets,
  }: Pick<PartitionLog, 'endOffset' | 'logStartOffset' | 'segmentBaseOffsets'>): void {
    const lostPower = this.#surviving === null;
    const expected = this.#surviving ?? end;
    this.#surviving = null;
    if (end !== expected) throw new Error(`the log ends at ${end}, but it was written up to ${expected}`);
    if (end < this.#floor) throw new Error(`the log ends at ${end}, but ${this.#floor} was synced`);
    // What is below the log start may be gone, also a part of a batch: such a log begins anew at its start.
    if (end > Math.max(this.endOffset, this.#logStartOffset))
      throw new Error(`the log ends at ${end}, but only ${this.endOffset} was appended`);
    if (logStartOffset > this.#logStartOffset) {
      throw new Error(`the log starts at ${logStartOffset}, but only ${this.#logStartOffset} was deleted`);
    }
    this.cut(end);
    if (lostPower) this.#loseProducersBelow(segmentBaseOffsets[0] ?? 0);
    // The log is empty, so it does not remember producers either.
    if (end === logStartOffset)
      for (const { header } of this.#batches) this.#lostProducers.add(header.producerId);
  }

  /** The last batch of each producer that wrote with sequences, without markers. */
  lastOfProducers(logStartOffset: number): Buffer[] {
    const last = new Map<number, AppendedBatch>();
    for (const batch of this.#batches) {
      if (batch.header.producerId >= 0 && !batch.header.isControl) last.set(batch.header.producerId, batch);
    }
    return [...last.values()]
      .filter(({ header }) => header.baseOffset >= logStartOffset)
      .filter(({ header }) => !this.#lostProducers.has(header.producerId))
      .map(({ bytes }) => Buffer.from(bytes));
  }

  nextSequence(producerId: number): number {
    const last = this.#batches.findLast(
      ({ header }) => header.producerId === producerId && !header.isControl,
    );
    return last ? last.header.baseSequence + last.header.lastOffsetDelta + 1 : 0;
  }

  isLost(producerId: number): boolean {
    return this.#lostProducers.has(producerId);
  }

  /** The producers that have an open transaction. */
  openTransactions(): number[] {
    const open = new Set<number>();
    for (const { header } of this.#batches) {
      if (header.isControl) open.delete(header.producerId);
      else if (header.isTransactional) open.add(header.producerId);
    }
    return [...open];
  }

  /** Each epoch with records is known with its end offset, also if compaction left none of its records. */
  checkEpochs(log: Pick<PartitionLog, 'endOffset' | 'endOffsetForEpoch'>): void {
    const epochs = new Map<number, number>();
    for (const { header } of this.#batches) epochs.set(header.partitionLeaderEpoch, header.nextOffset);
    const latest = [...epochs.keys()].at(-1);
    for (const [epoch, end] of epochs) {
      const expected = epoch === latest ? log.endOffset : end;
      if (expected <= this.#logStartOffset) continue;
      const answer = log.endOffsetForEpoch(epoch);
      if (answer.epoch === epoch && answer.endOffset === expected) continue;
      throw new Error(`epoch ${epoch} ends at ${JSON.stringify(answer)}, not ${expected}`);
    }
  }

  /** Whether these batches may come from this log. */
  knows(bytes: Buffer): boolean {
    return [...batches(bytes)].every(({ header, bytes: batch }) => {
      const { original, records } = this.#found(header, batch);
      if (original === undefined || identityOf(original.header) !== identityOf(header)) return false;
      // Batches without a producer are told apart by their records.
      return records.every(({ offset, timestamp }) =>
        original.records.some((one) => one.offset === offset && one.timestamp === timestamp),
      );
    });
  }

  /** Throws if a reader got something wrong. */
  check(read: ReadFrom): void {
    const found = [...batches(read.bytes)].map(({ header, bytes }) => this.#found(header, bytes));
    const fates = this.#fates();
    const shown = new Map<number, LogRecord>();
    let next = 0;
    for (const batch of found) {
      const { baseOffset, nextOffset } = batch.header;
      if (baseOffset < next) throw new Error(`offset ${baseOffset} comes after ${next}`);
      next = nextOffset;
      this.#checkBatch(batch, read.offset, shown);
    }
    this.#checkUntouched(read, shown);
    // A marker was lost: its transaction is open again, and the records that it replaced may be gone.
    if (read.lastStableOffset < this.#untouchedFrom) return;
    this.#checkLastValues(read, found, fates);
    this.#checkTombstones(read, shown, fates);
  }

  /**
   * After everything was compacted: no key twice, nothing aborted, no tombstone before the offset. Two records
   * of one key may stay when a log start was above both: DeleteRecords may move the log start into a batch or a
   * segment, and Kafka does not learn the keys before it (`Cleaner.buildOffsetMapForSegment` skips records
   * below the start of the dirty part, which is not below the log start). A power loss may bring back an
   * earlier log start, with which readers see them; a later record of the key replaces both.
   */
  checkCompacted(read: ReadFrom, tombstonesUpTo: number): void {
    const fates = this.#fates();
    const seen = new Map<string, number>();
    for (const { header, bytes } of batches(read.bytes)) {
      if (header.isControl) continue;
      for (const record of readRecords(bytes)) {
        const key = String(record.key);
        const before = seen.get(key);
        if (before !== undefined && record.offset >= this.#logStartOffset)
          throw new Error(`${key} is there at ${before} and at ${record.offset}`);
        seen.set(key, record.offset);
        if (record.offset < read.logStartOffset) continue;
        if (fates.get(header.baseOffset) === 'aborted') throw new Error(`${record.offset} was aborted`);
        if (record.value === null && record.offset < tombstonesUpTo) {
          throw new Error(`the tombstone at ${record.offset} stays`);
        }
      }
    }
  }

  /** Most batches are unchanged; decompressing them again would take most of the time of a check. */
  #found(header: BatchHeader, bytes: Buffer): FoundBatch {
    const original = this.#batches.find((one) => one.header.baseOffset === header.baseOffset);
    const records = original?.bytes.equals(bytes) ? original.records : readRecords(bytes);
    return { header, records, original };
  }

  #checkBatch({ header, records, original }: FoundBatch, from: number, shown: Map<number, LogRecord>): void {
    if (!original) throw new Error(`no batch was appended at ${header.baseOffset}`);
    if (identityOf(header) !== identityOf(original.header)) {
      throw new Error(
        `the batch at ${header.baseOffset} became ${identityOf(header)} from ${identityOf(original.header)}`,
      );
    }
    if (header.recordCount > 0 && header.compression !== original.header.compression) {
      throw new Error(`the batch at ${header.baseOffset} became ${header.compression}`);
    }
    let latest = -1;
    for (const record of records) {
      const before = original.records.find((one) => one.offset === record.offset);
      if (!before || !isSame(before, record)) throw new Error(`the record at ${record.offset} is another`);
      latest = Math.max(latest, Number(record.timestamp));
      if (!header.isControl && record.offset >= from) shown.set(record.offset, record);
    }
    if (header.recordCount > 0 && header.maxTimestamp !== latest) {
      throw new Error(`the batch at ${header.baseOffset} states time ${header.maxTimestamp}, not ${latest}`);
    }
  }

  #checkUntouched(read: ReadFrom, shown: ReadonlyMap<number, LogRecord>): void {
    const from = Math.max(read.offset, this.#untouchedFrom);
    for (const { offset } of this.#records(from, read.endOffset)) {
      if (!shown.has(offset))
        throw new Error(`the record at ${offset} is gone, compaction may begin below ${from}`);
    }
  }

  /**
   * The view of a read_committed consumer: each key has the same last value in the compacted log and in all
   * that was appended.
   */
  #checkLastValues(read: ReadFrom, found: readonly FoundBatch[], fates: ReadonlyMap<number, Fate>): void {
    const expected = new Map<string, LogRecord>();
    for (const { header, records } of this.#batches) {
      if (header.isControl || fates.get(header.baseOffset) !== 'committed') continue;
      for (const record of records) if (isIn(record.offset, read)) expected.set(String(record.key), record);
    }
    const actual = new Map<string, LogRecord>();
    for (const record of readCommitted(found, read)) actual.set(String(record.key), record);
    for (const [key, record] of expected) {
      const got = actual.get(key);
      if (got?.offset === record.offset) continue;
      if ((!got && record.value === null) || this.#isUnknown(record)) continue;
      throw new Error(
        `from ${read.offset} on ${key} is at ${got?.offset}, its last record is at ${record.offset}`,
      );
    }
    for (const [key, record] of actual) {
      if (!expected.has(key)) throw new Error(`${key} at ${record.offset} was never committed`);
    }
  }

  /** The deletion of a key stays readable for delete.retention.ms. */
  #checkTombstones(
    read: ReadFrom,
    shown: ReadonlyMap<number, LogRecord>,
    fates: ReadonlyMap<number, Fate>,
  ): void {
    const last = new Map<string, { readonly record: LogRecord; readonly appendedAt: number }>();
    for (const { header, records, appendedAt } of this.#batches) {
      if (header.isControl || fates.get(header.baseOffset) !== 'committed') continue;
      for (const record of records) last.set(String(record.key), { record, appendedAt });
    }
    for (const { record, appendedAt } of last.values()) {
      if (this.#isUnknown(record)) continue;
      if (record.value !== null || !isIn(record.offset, read) || shown.has(record.offset)) continue;
      const ageMs = read.now - appendedAt;
      if (ageMs < this.#deleteRetentionMs) {
        throw new Error(`the tombstone at ${record.offset} went after ${ageMs} ms`);
      }
    }
  }

  /**
   * After a power loss: segments with a producer's records are gone, and perhaps the snapshot that had its
   * sequence, which was not synced. When a marker of it is left the producer is known without a sequence, and
   * Kafka takes only a batch with sequence 0 (`ProducerAppendInfo.checkSequence`).
   */
  #loseProducersBelow(firstBaseOffset: number): void {
    const withRecords = new Set<number>();
    for (const { header } of this.#batches) {
      if (header.isControl || header.baseOffset < firstBaseOffset) continue;
      withRecords.add(header.producerId);
    }
    for (const { header } of this.#batches) {
      const { isControl, baseOffset, producerId } = header;
      if (isControl && baseOffset >= firstBaseOffset && !withRecords.has(producerId))
        this.#lostProducers.add(producerId);
    }
  }

  /** A marker was lost: compaction has used it, and the transaction may end differently now. */
  #loseDecisions(before: ReadonlyMap<number, Fate>, end: number): void {
    const after = this.#fates();
    for (const { header, records } of this.#batches) {
      if (before.get(header.baseOffset) === after.get(header.baseOffset)) continue;
      for (const { key } of records) this.#lostAt.set(String(key), end);
    }
  }

  #isUnknown(record: LogRecord): boolean {
    return record.offset < (this.#lostAt.get(String(record.key)) ?? 0);
  }

  *#records(from: number, to: number): Generator<LogRecord> {
    for (const { header, records } of this.#batches) {
      if (header.isControl) continue;
      for (const record of records) if (record.offset >= from && record.offset < to) yield record;
    }
  }

  /** Keyed by the base offset of a batch. */
  #fates(): Map<number, Fate> {
    const fates = new Map<number, Fate>();
    const open = new Map<number, number[]>();
    for (const { header, records } of this.#batches) {
      const { producerId, baseOffset } = header;
      if (header.isControl) {
        const marker = records[0] && readEndTransaction(records[0]);
        for (const one of open.get(producerId) ?? []) {
          fates.set(one, marker?.outcome === 'COMMIT' ? 'committed' : 'aborted');
        }
        open.delete(producerId);
      } else if (header.isTransactional) {
        fates.set(baseOffset, 'open');
        open.set(producerId, [...(open.get(producerId) ?? []), baseOffset]);
      } else {
        fates.set(baseOffset, 'committed');
      }
    }
    return fates;
  }
}

function isIn(offset: number, read: ReadFrom): boolean {
  return offset >= read.offset && offset < Math.min(read.endOffset, read.lastStableOffset);
}

/** Filters as a client does: by the aborted transactions of the answer and the markers in the log. */
function* readCommitted(found: readonly FoundBatch[], read: ReadFrom): Generator<LogRecord> {
  const ahead = [...read.aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<number>();
  for (const { header, records } of found) {
    while (ahead[0] && ahead[0].firstOffset <= header.lastOffset) {
      aborted.add(ahead[0].producerId);
      ahead.shift();
    }
    if (header.isControl) {
      if (records[0] && readEndTransaction(records[0])?.outcome === 'ABORT')
        aborted.delete(header.producerId);
      continue;
    }
    if (header.isTransactional && aborted.has(header.producerId)) continue;
    for (const record of records) if (isIn(record.offset, read)) yield record;
  }
}

function isSame(a: LogRecord, b: LogRecord): boolean {
  const same = (x: Buffer | null, y: Buffer | null): boolean =>
    x === null || y === null ? x === y : x.equals(y);
  return (
    a.timestamp === b.timestamp &&
    same(a.key, b.key) &&
    same(a.value, b.value) &&
    a.headers.length === b.headers.length &&
    a.headers.every((header, i) => {
      const other = b.headers[i];
      return other !== undefined && header.key === other.key && same(header.value, other.value);
    })
  );
}

/** The fields of a batch that compaction does not change. */
function identityOf(one: BatchHeader): string {
  return [
    one.lastOffset,
    one.partitionLeaderEpoch,
    one.producerId,
    one.producerEpoch,
    one.baseSequence,
    one.isTransactional,
    one.isControl,
    one.timestampType,
  ].join(' ');
}
