import { DiskError } from '../base/disk.ts';
import type { LogFile } from './open-files.ts';

/**
 * Entries are collected to this size before they are written: one small write per log write would cost as
 * much.
 */
const PENDING_BYTES = 2048;

const NOTHING = Buffer.alloc(0);

/**
 * Entries of one size in a file, appended and searched, never held in memory as a whole: a broker has
 * thousands of them, so what each keeps is not part of Node's pool, of which it would keep 64 KB. The newest
 * few wait in memory until they are worth a write. What is lost of them in a crash is rebuilt from the log,
 * since an index is only believed below the recovery point, and it is written and synced before that moves.
 */
export class IndexFile {
  readonly #file: LogFile;
  readonly #entryBytes: number;
  #scratch = NOTHING;
  #pending = NOTHING;
  #pendingEntries = 0;
  /** Entries in the file; null until it was looked at. */
  #persisted: number | null = null;
  #wholeEntries = true;
  /** The file goes on after its last entry that counts. */
  #hasForgotten = false;

  constructor(file: LogFile, entryBytes: number) {
    this.#file = file;
    this.#entryBytes = entryBytes;
  }

  get path(): string {
    return this.#file.path;
  }

  get entries(): number {
    return this.#load() + this.#pendingEntries;
  }

  /** False when the file's size is no multiple of its entries': it cannot be believed. */
  get sizeIsWhole(): boolean {
    this.#load();
    return this.#wholeEntries;
  }

  exists(): boolean {
    return this.#pendingEntries > 0 || this.#file.exists();
  }

  /** Entry `n`, valid until the next call. */
  entry(n: number): Buffer {
    const persisted = this.#load();
    if (n >= persisted) {
      const start = (n - persisted) * this.#entryBytes;
      return this.#pending.subarray(start, start + this.#entryBytes);
    }
    if (this.#scratch.length === 0) this.#scratch = Buffer.allocUnsafeSlow(this.#entryBytes);
    const read = this.#file.readNow(n * this.#entryBytes, this.#scratch);
    if (read !== this.#entryBytes) throw new DiskError('EIO', this.#file.path, 'read an entry of');
    return this.#scratch;
  }

  /** Fills the slot of a new entry. */
  append(fill: (slot: Buffer) => void): void {
    this.#load();
    if (this.#pending.length === 0) this.#pending = Buffer.allocUnsafeSlow(PENDING_BYTES);
    let start = this.#pendingEntries * this.#entryBytes;
    if (start + this.#entryBytes > this.#pending.length) {
      this.persist();
      start = 0;
    }
    fill(this.#pending.subarray(start, start + this.#entryBytes));
    this.#pendingEntries++;
  }

  /** Writes what waits. Throws DiskError; the file then ends with a whole entry and the rest still waits. */
  persist(): void {
    if (this.#persisted === null) {
      if (!this.#file.exists()) this.#file.size();
      return;
    }
    if (this.#hasForgotten) this.#cutTo(this.#persisted);
    if (this.#pendingEntries === 0) {
      if (!this.#file.exists()) this.#file.size();
      return;
    }
    const bytes = this.#pending.subarray(0, this.#pendingEntries * this.#entryBytes);
    try {
      this.#file.appendWhole([bytes], bytes.length);
    } catch (error) {
      this.#file.truncate(this.#persisted * this.#entryBytes);
      throw error;
    }
    this.#persisted += this.#pendingEntries;
    this.#pendingEntries = 0;
  }

  /** Nothing is left, in the file neither: it is about to be built anew. */
  clear(): void {
    const isEmpty = this.#load() === 0 && this.#wholeEntries && !this.#hasForgotten;
    this.#pendingEntries = 0;
    if (!isEmpty) this.#cutTo(0);
  }

  /**
   * Forgets all entries but so many. The file is cut by what is written to it next, which is after the device
   * has the end of the log itself: a power loss in between may bring back all of the log, also below its
   * recovery point, where an index is believed that would have lost its end.
   */
  truncateTo(entries: number): void {
    const persisted = this.#load();
    // Half an entry at the end would shift everything that is appended.
    if (!this.#wholeEntries) this.#hasForgotten = true;
    this.#wholeEntries = true;
    if (entries >= persisted) {
      this.#pendingEntries = Math.min(this.#pendingEntries, entries - persisted);
      return;
    }
    this.#pendingEntries = 0;
    this.#persisted = entries;
    this.#hasForgotten = true;
  }

  /**
   * The slot of the last entry for which `isBelow` holds, -1 when there is none; entries are in its order.
   */
  lastWhere(isBelow: (entry: Buffer) => boolean): number {
    let low = -1;
    let high = this.entries - 1;
    while (low < high) {
      const middle = Math.floor((low + high + 1) / 2);
      if (isBelow(this.entry(middle))) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The entries in memory are no longer needed there: the segment gets no more. */
  seal(): void {
    this.persist();
    this.#pending = NOTHING;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): void {
    this.persist();
    this.#file.close();
  }

  /** Closed for good, without what was not written. */
  retire(): void {
    this.#file.retire();
  }

  remove(): void {
    this.#pendingEntries = 0;
    this.#persisted = null;
    this.#hasForgotten = false;
    this.#file.remove();
  }

  #cutTo(entries: number): void {
    this.#file.truncate(entries * this.#entryBytes);
    this.#persisted = entries;
    this.#wholeEntries = true;
    this.#hasForgotten = false;
  }

  #load(): number {
    if (this.#persisted === null) {
      const size = this.#file.size();
      this.#wholeEntries = size % this.#entryBytes === 0;
      this.#persisted = Math.floor(size / this.#entryBytes);
    }
    return this.#persisted;
  }
}
