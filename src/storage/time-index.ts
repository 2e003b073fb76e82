import { readInt64, writeInt64 } from '../protocol/records/int64.ts';
import { IndexFile } from './index-file.ts';
import type { LogFile } from './open-files.ts';

export const TIME_ENTRY_BYTES = 12;

/**
 * `.timeindex`: the largest timestamp so far, and the last offset of the batch that holds it, relative to the
 * base offset (int64, int32). Timestamps grow strictly; offsets do not fall. One slot is kept free for the
 * entry that is written when the segment is closed.
 */
export class TimeIndex {
  readonly #file: IndexFile;
  readonly #baseOffset: number;
  readonly #maxEntries: number;

  constructor(file: LogFile, baseOffset: number, maxBytes: number) {
    this.#file = new IndexFile(file, TIME_ENTRY_BYTES);
    this.#baseOffset = baseOffset;
    this.#maxEntries = Math.floor(maxBytes / TIME_ENTRY_BYTES);
  }

  get file(): IndexFile {
    return this.#file;
  }

  get entries(): number {
    return this.#file.entries;
  }

  get isFull(): boolean {
    return this.#file.entries >= this.#maxEntries - 1;
  }

  /** Kept only when the timestamp is larger than the last. */
  maybeAppend(entry: TimestampOffset): void {
    const last = this.last();
    if (entry.timestamp <= last.timestamp || entry.offset < last.offset) return;
    this.#file.append((slot) => {
      writeInt64(slot, 0, entry.timestamp);
      slot.writeInt32BE(entry.offset - this.#baseOffset, 8);
    });
  }

  at(n: number): TimestampOffset {
    const entry = this.#file.entry(n);
    return { timestamp: readInt64(entry, 0), offset: this.#baseOffset + entry.readInt32BE(8) };
  }

  /** Timestamp -1 when there is none. */
  last(): TimestampOffset {
    const { entries } = this.#file;
    return entries === 0 ? { timestamp: -1, offset: this.#baseOffset } : this.at(entries - 1);
  }

  /** The last entry whose timestamp is at or below the target: everything before it is older. */
  lookup(timestamp: number): TimestampOffset {
    const slot = this.#file.lastWhere((entry) => readInt64(entry, 0) <= timestamp);
    return slot < 0 ? { timestamp: -1, offset: this.#baseOffset } : this.at(slot);
  }

  /** Drops every entry whose batch ends at or above the offset. */
  truncateTo(offset: number): void {
    const relative = offset - this.#baseOffset;
    this.#file.truncateTo(this.#file.lastWhere((entry) => entry.readInt32BE(8) < relative) + 1);
  }

  isPlausible(): boolean {
    if (!this.#file.sizeIsWhole) return false;
    const { entries } = this.#file;
    // A segment that was closed in order ends with its largest timestamp; without any, a rebuild is quick.
    if (entries === 0) return false;
    const last = this.at(entries - 1);
    if (last.offset < this.#baseOffset || last.timestamp < 0) return false;
    // Zeros: no batch that is stamped with the first millisecond of 1970 gets an index entry of its own.
    if (entries === 1) return last.timestamp > 0 || last.offset > this.#baseOffset;
    const first = this.at(0);
    return first.timestamp < last.timestamp && first.offset <= last.offset;
  }
}

export interface TimestampOffset {
  readonly timestamp: number;
  readonly offset: number;
}
