import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** More of a log is not looked at, however many lines are asked for. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The end of a file that grows, and what comes to it. */
export class FileTail {
  readonly #file: string;
  #position = 0;
  /** A line that is not whole yet. */
  #rest = Buffer.alloc(0);

  /** What the file has now does not come from `more`, but from `last`. */
  constructor(file: string) {
    this.#file = file;
  }

  /** The lines that are there, at most so many of the last; to be called first, and once. */
  last(count: number): string[] {
    return count === 0 ? this.#skip() : this.#read().slice(-count);
  }

  /** The lines that came since. A file that became shorter was begun anew, and is read from its beginning. */
  more(): string[] {
    return this.#read();
  }

  #skip(): string[] {
    this.#open((descriptor) => {
      this.#position = fstatSync(descriptor).size;
    });
    return [];
  }

  #read(): string[] {
    const lines: string[] = [];
    this.#open((descriptor) => {
      const { size } = fstatSync(descriptor);
      if (size < this.#position) this.#begin(0);
      if (size - this.#position > MOST_BYTES) this.#begin(size - MOST_BYTES);
      const isCut = this.#position > 0 && this.#rest.length === 0 && size - this.#position === MOST_BYTES;
      const bytes = Buffer.alloc(size - this.#position);
      const length = readSync(descriptor, bytes, 0, bytes.length, this.#position);
      this.#position += length;
      const all = Buffer.concat([this.#rest, bytes.subarray(0, length)]);
      const end = all.lastIndexOf(0x0a) + 1;
      this.#rest = all.subarray(end);
      const text = all.subarray(0, end).toString();
      lines.push(...text.split('\n').slice(isCut ? 1 : 0, -1));
    });
    return lines;
  }

  #begin(position: number): void {
    this.#position = position;
    this.#rest = Buffer.alloc(0);
  }

  /** A file that is not there, or not any more, has nothing. */
  #open(read: (descriptor: number) => void): void {
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, 'r');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      this.#begin(0);
      return;
    }
    try {
      read(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
