import { type Disk, DiskError, type File } from '../base/disk.ts';
import { MissingPages, type ReadPages } from './read-pages.ts';

/**
 * A broker may hold more files than the process may have open. A LogFile is a path that opens itself when it
 * is used; the one used longest ago is closed when there are too many. File descriptors run out (EMFILE) also
 * because of connections: then others are closed first, and only a process with nothing left to close sees
 * the error.
 */
export class OpenFiles {
  readonly #disk: Disk;
  readonly #limit: number;
  /** In the order of use, the longest ago first. */
  readonly #open = new Map<LogFile, File>();
  /**
   * Syncs and asynchronous reads go on behind the loop's back: such a file is closed at the end of the last
   * of them.
   */
  readonly #busy = new Map<File, number>();
  /** Reads of the work that runs now are answered from here. */
  #pages: ReadPages | null = null;

  constructor(disk: Disk, limit: number) {
    this.#disk = disk;
    this.#limit = limit;
  }

  /** `create`: made at first use when it is missing. */
  file(path: string, mode: 'write' | 'create'): LogFile {
    return new LogFile(this, path, mode);
  }

  get disk(): Disk {
    return this.#disk;
  }

  get count(): number {
    return this.#open.size;
  }

  use(logFile: LogFile): File {
    const open = this.#open.get(logFile);
    if (open) {
      this.#open.delete(logFile);
      this.#open.set(logFile, open);
      return open;
    }
    if (logFile.isRetired) throw new DiskError('ENOENT', logFile.path, 'open what its log has let go of');
    if (this.#open.size >= this.#limit) this.#closeOldest();
    const file = this.#openOrMakeRoom(logFile);
    this.#open.set(logFile, file);
    return file;
  }

  async busy<T>(logFile: LogFile, work: (file: File) => Promise<T>): Promise<T> {
    const file = this.use(logFile);
    this.#busy.set(file, (this.#busy.get(file) ?? 0) + 1);
    try {
      return await work(file);
    } finally {
      const left = (this.#busy.get(file) ?? 1) - 1;
      if (left > 0) this.#busy.set(file, left);
      else {
        this.#busy.delete(file);
        if (this.#open.get(logFile) !== file) file.close();
      }
    }
  }

  close(logFile: LogFile): void {
    const file = this.#open.get(logFile);
    if (!file) return;
    this.#open.delete(logFile);
    if (!this.#busy.has(file)) file.close();
  }

  readNow(logFile: LogFile, at: number, into: Uint8Array): number {
    return this.#pages ? this.#pages.read(logFile, at, into) : this.use(logFile).readNow(at, into);
  }

  /** The file's bytes change: what was read of it is old. */
  changes(logFile: LogFile): void {
    this.#pages?.forget(logFile);
  }

  /**
   * Runs work that reads files, without waiting for the device on the loop: every `readNow` is answered from
   * pages that were read before. Where one is missing, the work is given up, the page is read off the loop,
   * and the work begins again; so it must not change anything before its last read. Null when `holds`, which
   * is asked before each attempt, says that the files are not what they were. Rejects with DiskError, and
   * with what the work throws.
   */
  async onPages<T>(pages: ReadPages, work: () => T, holds: () => boolean): Promise<T | null> {
    while (holds()) {
      try {
        return this.#runOn(pages, work);
      } catch (error) {
        if (!(error instanceof MissingPages)) throw error;
        try {
          await pages.load(error);
        } catch (loadError) {
          // Of a file that went meanwhile nothing else can be expected.
          if (holds()) throw loadError;
        }
      }
    }
    return null;
  }

  /** Runs a part of such work that changes files, on the loop. */
  offPages(work: () => void): void {
    this.#runOn(null, work);
  }

  #runOn<T>(pages: ReadPages | null, work: () => T): T {
    const before = this.#pages;
    this.#pages = pages;
    try {
      return work();
    } finally {
      this.#pages = before;
    }
  }

  #openOrMakeRoom(logFile: LogFile): File {
    for (;;) {
      try {
        return this.#disk.open(logFile.path, logFile.mode);
      } catch (error) {
        if (!(error instanceof DiskError && error.code === 'EMFILE' && this.#closeOldest())) throw error;
      }
    }
  }

  #closeOldest(): boolean {
    for (const [logFile, file] of this.#open) {
      if (this.#busy.has(file)) continue;
      this.close(logFile);
      return true;
    }
    return false;
  }
}

export class LogFile {
  readonly path: string;
  readonly mode: 'write' | 'create';
  readonly #files: OpenFiles;
  #isRetired = false;

  constructor(files: OpenFiles, path: string, mode: 'write' | 'create') {
    this.#files = files;
    this.path = path;
    this.mode = mode;
  }

  exists(): boolean {
    return this.#files.disk.exists(this.path);
  }

  size(): number {
    return this.#files.use(this).size();
  }

  readNow(at: number, into: Uint8Array): number {
    return this.#files.readNow(this, at, into);
  }

  /** Off the loop, for what may be cold. */
  read(at: number, into: Uint8Array): Promise<number> {
    return this.#files.busy(this, (file) => file.read(at, into));
  }

  /**
   * Appends everything or throws: a write that came back short is continued, and one that takes nothing is a
   * full disk. What did get there is left for the caller to cut.
   */
  appendWhole(parts: readonly Uint8Array[], totalBytes: number): void {
    const file = this.#files.use(this);
    this.#files.changes(this);
    let rest = parts;
    let left = totalBytes;
    while (left > 0) {
      const written = file.appendNow(rest);
      if (written === left) return;
      if (written <= 0) throw new DiskError('ENOSPC', this.path, 'append');
      left -= written;
      rest = after(rest, written);
    }
  }

  truncate(size: number): void {
    this.#files.changes(this);
    this.#files.use(this).truncate(size);
  }

  sync(): Promise<void> {
    return this.#files.busy(this, (file) => file.sync());
  }

  close(): void {
    this.#files.close(this);
  }

  /**
   * Closed for good. The path may lead to a file of another log by now (a topic that is made again), where a
   * sync or a read that is still under way must change nothing.
   */
  retire(): void {
    this.#isRetired = true;
    this.close();
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Removes the file; one that is gone already is no error. */
  remove(): void {
    this.#files.changes(this);
    this.close();
    if (this.exists()) this.#files.disk.remove(this.path);
  }
}

function after(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = bytes;
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length;
    else {
      rest.push(skip > 0 ? part.subarray(skip) : part);
      skip = 0;
    }
  }
  return rest;
}
