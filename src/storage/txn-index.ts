import { readInt64, writeInt64 } from '../protocol/records/int64.ts';
import { IndexFile } from './index-file.ts';
import type { LogFile } from './open-files.ts';

const TXN_ENTRY_BYTES = 34;
const VERSION = 0;

/** A transaction of one producer that was aborted in this partition, from its first record to its marker. */
export interface AbortedTxn {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** What the last stable offset became with the marker: a search may stop beyond it. */
  readonly lastStableOffset: number;
}

/**
 * `.txnindex`: the aborted transactions whose marker lies in this segment. The file exists only when there is
 * one.
 */
export class TxnIndex {
  readonly #file: IndexFile;
  /** Null until it was looked for: every read_committed fetch asks. */
  #exists: boolean | null = null;

  constructor(file: LogFile) {
    this.#file = new IndexFile(file, TXN_ENTRY_BYTES);
  }

  get exists(): boolean {
    this.#exists ??= this.#file.exists();
    return this.#exists;
  }

  get file(): IndexFile {
    return this.#file;
  }

  append(aborted: AbortedTxn): void {
    this.#exists = true;
    this.#file.append((slot) => {
      slot.writeInt16BE(VERSION, 0);
      writeInt64(slot, 2, aborted.producerId);
      writeInt64(slot, 10, aborted.firstOffset);
      writeInt64(slot, 18, aborted.lastOffset);
      writeInt64(slot, 26, aborted.lastStableOffset);
    });
  }

  *[Symbol.iterator](): Generator<AbortedTxn> {
    for (let n = 0; n < this.entries; n++) yield this.at(n);
  }

  get entries(): number {
    return this.exists ? this.#file.entries : 0;
  }

  /** Drops every transaction whose marker is at or above the offset. */
  truncateTo(offset: number): void {
    if (!this.exists) return;
    this.#file.truncateTo(this.#file.lastWhere((entry) => readInt64(entry, 18) < offset) + 1);
  }

  persist(): void {
    if (this.exists) this.#file.persist();
  }

  reset(): void {
    this.#file.remove();
    this.#exists = false;
  }

  isPlausible(baseOffset: number): boolean {
    if (!this.exists) return true;
    if (!this.#file.sizeIsWhole) return false;
    for (const txn of this) {
      if (txn.lastOffset < baseOffset || txn.firstOffset > txn.lastOffset) return false;
    }
    return true;
  }

  at(n: number): AbortedTxn {
    const entry = this.#file.entry(n);
    return {
      producerId: readInt64(entry, 2),
      firstOffset: readInt64(entry, 10),
      lastOffset: readInt64(entry, 18),
      lastStableOffset: readInt64(entry, 26),
    };
  }
}
