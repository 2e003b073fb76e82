import { IndexFile } from './index-file.ts';
import type { LogFile } from './open-files.ts';

export const OFFSET_ENTRY_BYTES = 8;
/**
 * A segment of this size without an entry has lost them, or holds one huge batch and is rebuilt in no time.
 */
const SURELY_INDEXED_BYTES = 4 * 1024 * 1024;

/**
 * `.index`: where batches lie, about one entry per `index.interval.bytes`. An entry is two int32: the last
 * offset of a batch relative to the segment's base offset, and the position of that batch's first byte. Both
 * grow strictly.
 */
export class OffsetIndex {
  readonly #file: IndexFile;
  readonly #baseOffset: number;
  readonly #maxEntries: number;

  constructor(file: LogFile, baseOffset: number, maxBytes: number) {
    this.#file = new IndexFile(file, OFFSET_ENTRY_BYTES);
    this.#baseOffset = baseOffset;
    this.#maxEntries = Math.floor(maxBytes / OFFSET_ENTRY_BYTES);
  }

  get file(): IndexFile {
    return this.#file;
  }

  get entries(): number {
    return this.#file.entries;
  }

  get isFull(): boolean {
    return this.#file.entries >= this.#maxEntries;
  }

  append(entry: OffsetPosition): void {
    this.#file.append((slot) => {
      slot.writeInt32BE(entry.offset - this.#baseOffset, 0);
      slot.writeInt32BE(entry.position, 4);
    });
  }

  at(n: number): OffsetPosition {
    const entry = this.#file.entry(n);
    return { offset: this.#baseOffset + entry.readInt32BE(0), position: entry.readInt32BE(4) };
  }

  /** The last entry; the beginning of the segment when there is none. */
  last(): OffsetPosition {
    const { entries } = this.#file;
    return entries === 0 ? { offset: this.#baseOffset, position: 0 } : this.at(entries - 1);
  }

  /** The greatest entry at or below the offset; the beginning of the segment when there is none. */
  lookup(offset: number): OffsetPosition {
    const relative = offset - this.#baseOffset;
    const slot = this.#file.lastWhere((entry) => entry.readInt32BE(0) <= relative);
    return slot < 0 ? { offset: this.#baseOffset, position: 0 } : this.at(slot);
  }

  /** Drops every entry at or above the offset. */
  truncateTo(offset: number): void {
    const relative = offset - this.#baseOffset;
    this.#file.truncateTo(this.#file.lastWhere((entry) => entry.readInt32BE(0) < relative) + 1);
  }

  /** What a look at the ends can tell: a file of zeros, a torn one, one that points beyond its segment. */
  isPlausible(segmentBytes: number): boolean {
    if (!this.#file.sizeIsWhole) return false;
    const { entries } = this.#file;
    if (entries === 0) return segmentBytes < SURELY_INDEXED_BYTES;
    const last = this.at(entries - 1);
    if (last.offset < this.#baseOffset || last.position >= segmentBytes) return false;
    if (entries === 1) return last.position > 0;
    const first = this.at(0);
    return first.offset < last.offset && first.position < last.position && first.position > 0;
  }
}

export interface OffsetPosition {
  readonly offset: number;
  readonly position: number;
}
