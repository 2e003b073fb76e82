import { DiskError, readWhole } from '../base/disk.ts';
import { fileName, offsetInName, suffix } from './file-names.ts';
import type { OpenFiles } from './open-files.ts';
import type { ProducerEntry } from './producer-entry.ts';
import { readProducerSnapshot, writeProducerSnapshot } from './producer-snapshot.ts';

/**
 * The producer snapshots in one log's folder: one at the base offset of each segment that was rolled to, so
 * that a recovery reads one segment and not all of them, and one at the end after a clean stop.
 */
export class ProducerSnapshots {
  readonly #files: OpenFiles;
  readonly #directory: string;
  #offsets: number[];

  constructor(files: OpenFiles, directory: string, names: readonly string[]) {
    this.#files = files;
    this.#directory = directory;
    this.#offsets = names
      .map((name) => offsetInName(name, suffix.producerSnapshot))
      .filter((offset) => offset !== null)
      .sort((a, b) => a - b);
  }

  has(offset: number): boolean {
    return this.#offsets.includes(offset);
  }

  /** The newest sound one at or below the offset. Damaged ones on the way are removed. */
  latest(upTo: number): { readonly offset: number; readonly entries: ProducerEntry[] } | null {
    for (;;) {
      const offset = this.#offsets.findLast((candidate) => candidate <= upTo);
      if (offset === undefined) return null;
      const bytes = readWhole(this.#files.disk, this.#path(offset));
      const entries = bytes === null ? null : readProducerSnapshot(bytes);
      if (entries !== null) return { offset, entries };
      this.#remove(offset);
    }
  }

  /** Into the page cache; `sync` makes it last. Throws DiskError, and then there is none. */
  write(offset: number, entries: Iterable<ProducerEntry>): void {
    const bytes = writeProducerSnapshot(entries);
    const file = this.#files.disk.open(this.#path(offset), 'create');
    try {
      file.truncate(0);
      const written = file.appendNow([bytes]);
      if (written !== bytes.length) throw new DiskError('ENOSPC', this.#path(offset), 'write');
    } catch (error) {
      file.truncate(0);
      throw error;
    } finally {
      file.close();
    }
    if (!this.has(offset)) this.#offsets = [...this.#offsets, offset].sort((a, b) => a - b);
  }

  async sync(offset: number): Promise<void> {
    if (!this.has(offset) || !this.#files.disk.exists(this.#path(offset))) return;
    const file = this.#files.disk.open(this.#path(offset), 'write');
    try {
      await file.sync();
    } finally {
      file.close();
    }
  }

  removeAbove(offset: number): void {
    for (const one of this.#offsets.filter((candidate) => candidate > offset)) this.#remove(one);
  }

  /** Both exclusive: the segments that began there are part of another now. */
  removeBetween(from: number, to: number): void {
    for (const one of this.#offsets.filter((candidate) => candidate > from && candidate < to))
      this.#remove(one);
  }

  removeBelow(offset: number): void {
    for (const one of this.#offsets.filter((candidate) => candidate < offset)) this.#remove(one);
  }

  #remove(offset: number): void {
    this.#offsets = this.#offsets.filter((candidate) => candidate !== offset);
    const path = this.#path(offset);
    if (this.#files.disk.exists(path)) this.#files.disk.remove(path);
  }

  #path(offset: number): string {
    return `${this.#directory}/${fileName(offset, suffix.producerSnapshot)}`;
  }
}
