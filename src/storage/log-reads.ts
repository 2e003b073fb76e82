import { DiskError } from '../base/disk.ts';
import { RecordError } from '../protocol/records/record-error.ts';
import { AbortedSearch } from './aborted-search.ts';
import type { FileRead, ReadLimits } from './collected-batches.ts';
import type { LogState } from './log-state.ts';
import { ReadPages } from './read-pages.ts';
import { type TimestampedOffset, TimestampSearch } from './timestamp-search.ts';
import type { AbortedTxn } from './txn-index.ts';

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

/** A read off the loop, of whoever waits (`isUrgent`) or catches up. */
export interface ColdWish extends ReadWish {
  readonly isUrgent: boolean;
  readonly withAborted: boolean;
}

export type ColdRecords = ReadRecords & { readonly abortedTransactions: readonly AbortedTxn[] };

/** What is read of a log: from memory, or from the files on or off the loop. */
export class LogReads {
  readonly #state: LogState;

  constructor(state: LogState) {
    this.#state = state;
  }

  /**
   * Whole batches from the one that holds `offset`, from memory or, on the loop, from the file: for starting,
   * and for logs that are small. Never what is not written. OFFSET_OUT_OF_RANGE outside [logStartOffset,
   * endOffset]; CORRUPT_MESSAGE when the batch at the offset is damaged on disk.
   */
  read(offset: number, wish: ReadWish): ReadRecords | ReadError {
    const fromTail = this.readTail(offset, wish);
    if (fromTail) return fromTail;
    try {
      return this.#whole(this.#state.reader.readNow(offset, this.#limits(wish)));
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** The same from memory alone; null when the file must be read. */
  readTail(offset: number, wish: ReadWish): ReadRecords | ReadError | null {
    if (this.#isOutOfRange(offset)) return { error: 'OFFSET_OUT_OF_RANGE' };
    const limits = this.#limits(wish);
    if (offset >= limits.upTo || (limits.maxBytes <= 0 && !limits.minOneBatch)) return NOTHING;
    return this.#state.tail.read(offset, limits);
  }

  /**
   * The same from the file, off the loop; with `withAborted` also the aborted transactions that touch it,
   * which are those of the segments that the bytes came from. Null when meanwhile the log was cut, compacted,
   * closed or lost old segments, or its start moved: what was read may be of two logs then, and the caller
   * asks again.
   */
  async readCold(offset: number, wish: ColdWish): Promise<ColdRecords | ReadError | null> {
    if (this.#isOutOfRange(offset)) return { error: 'OFFSET_OUT_OF_RANGE' };
    const holds = this.#state.asItIs();
    const limits = this.#limits(wish);
    try {
      const read = await this.#state.reader.read(offset, limits, { isUrgent: wish.isUrgent, holds });
      if (!read) return null;
      if (!wish.withAborted || read.sizeInBytes === 0)
        return { abortedTransactions: [], ...this.#whole(read) };
      const aborted = this.#abortedSearch(offset, read.nextOffset);
      const isComplete = await this.#onPages(new ReadPages(), aborted, holds).catch(ending(read));
      if (isComplete) return { abortedTransactions: aborted.found, ...this.#whole(read) };
      read.release();
      return null;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** About how many bytes, up to `enough`, a read from the offset would give; without reading files. */
  availableBytes(
    offset: number,
    { enough, upTo }: { readonly enough: number; readonly upTo: number },
  ): number {
    const inTail = this.#state.tail.read(offset, { maxBytes: enough, upTo, minOneBatch: true });
    if (!inTail) return enough;
    inTail.release();
    return inTail.sizeInBytes;
  }

  /**
   * ListOffsets by timestamp: the first record at or after it, of what is written; `largest` (ListOffsets
   * -3): the first record with the largest timestamp. `found` is null where there is none. Reads files off
   * the loop; `changed` as `readCold` has null.
   */
  async findTimestamp(
    timestamp: number | bigint | 'largest',
  ): Promise<{ readonly found: TimestampedOffset | null } | ReadError | 'changed'> {
    const holds = this.#state.asItIs();
    const { files } = this.#state.shared;
    const pages = new ReadPages();
    try {
      const search = await files.onPages(pages, () => this.#searchTimestamp(timestamp), holds);
      if (!search) return 'changed';
      const isComplete = await this.#onPages(pages, search, holds);
      return isComplete ? { found: search.found } : 'changed';
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** The aborted transactions that a read_committed reader of [fetchOffset, upTo) must know. */
  abortedTransactions(fetchOffset: number, upTo: number): AbortedTxn[] {
    return whole(this.#abortedSearch(fetchOffset, upTo));
  }

  #isOutOfRange(offset: number): boolean {
    const { logStartOffset, endOffset } = this.#state.bounds;
    return offset < logStartOffset || offset > endOffset;
  }

  #limits({ maxBytes, upTo, minOneBatch }: ReadWish): ReadLimits {
    const { writtenEndOffset } = this.#state.bounds;
    return { maxBytes, upTo: Math.min(upTo ?? writtenEndOffset, writtenEndOffset), minOneBatch };
  }

  #whole(read: FileRead): ReadRecords | ReadError {
    if (read.damagedAt === null) return read;
    this.#state.faults.reportDamage(read.damagedAt);
    if (read.sizeInBytes > 0) return read;
    read.release();
    return { error: 'CORRUPT_MESSAGE' };
  }

  #failed(error: unknown): ReadError {
    // Compressed records are not opened when they are written.
    if (error instanceof RecordError) return { error: 'CORRUPT_MESSAGE' };
    if (!(error instanceof DiskError)) throw error;
    this.#state.faults.report('read', error);
    return { error: 'KAFKA_STORAGE_ERROR' };
  }

  #searchTimestamp(timestamp: number | bigint | 'largest'): TimestampSearch {
    const { segments, bounds } = this.#state;
    return timestamp === 'largest'
      ? TimestampSearch.forLargest(segments)
      : TimestampSearch.firstAtOrAfter(segments, timestamp, bounds.logStartOffset);
  }

  #abortedSearch(fetchOffset: number, upTo: number): AbortedSearch {
    return new AbortedSearch(this.#state.segments.from(fetchOffset), { fetchOffset, upTo });
  }

  /**
   * Takes every step of a search off the loop, and one that opened a batch in a turn of its own. False when
   * the files became others.
   */
  async #onPages(
    pages: ReadPages,
    search: { step(): boolean; readonly hasOpened?: boolean },
    holds: () => boolean,
  ): Promise<boolean> {
    const { clock } = this.#state.world;
    for (;;) {
      const isDone = await this.#state.shared.files.onPages(pages, () => search.step(), holds);
      if (isDone !== false) return isDone === true;
      if (search.hasOpened) await new Promise<void>((done) => clock.soon(done));
    }
  }
}

const NOTHING: ReadRecords = { parts: [], sizeInBytes: 0, heldBytes: 0, release() {} };

/** Takes every step of a search on the loop. */
function whole<T>(search: { step(): boolean; readonly found: T }): T {
  while (!search.step());
  return search.found;
}

/** Gives back what was read when more of it cannot be. */
function ending(read: FileRead): (error: unknown) => never {
  return (error) => {
    read.release();
    throw error;
  };
}
