import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import {
  type Disk,
  DiskError,
  type DiskErrorCode,
  type File,
  type FileSystemSpace,
  fileSystemSpace,
} from '../base/disk.ts';
import { makeFolder } from './make-folder.ts';

const FLAGS = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT,
} as const;

export class NodeDisk implements Disk {
  open(path: string, mode: 'read' | 'write' | 'create'): File {
    const descriptor = attempt('open', path, () => openSync(path, FLAGS[mode], 0o600));
    return new NodeFile({ path, descriptor, writable: mode !== 'read' });
  }

  exists(path: string): boolean {
    return existsSync(path);
  }

  list(path: string): string[] {
    return attempt('list', path, () => readdirSync(path).sort());
  }

  makeDirectory(path: string): void {
    attempt('make directory', path, () => makeFolder(path));
  }

  rename(from: string, to: string): void {
    attempt('rename', from, () => renameSync(from, to));
  }

  remove(path: string): void {
    attempt('remove', path, () => unlinkSync(path));
  }

  removeDirectory(path: string): void {
    attempt('remove directory', path, () => rmSync(path, { recursive: true, force: true }));
  }

  syncDirectory(path: string): Promise<void> {
    return new Promise((done, fail) => {
      const descriptor = attempt('open', path, () => openSync(path, constants.O_RDONLY));
      fsync(descriptor, (error) => {
        closeSync(descriptor);
        if (error) fail(diskError('sync', path, error));
        else done();
      });
    });
  }

  space(path: string): FileSystemSpace {
    return fileSystemSpace(attempt('stat', path, () => statfsSync(path)));
  }
}

/**
 * One open file. A writable file has one owner, so its size is kept here and appends go to that position
 * (O_APPEND would turn every positioned write into an append on Linux).
 */
class NodeFile implements File {
  readonly path: string;
  readonly #descriptor: number;
  readonly #writable: boolean;
  #size: number;
  /**
   * Calls in the thread pool; the descriptor may be reused by another file as soon as it is closed, so they
   * come first.
   */
  #pending = 0;
  #closed = false;

  constructor(opened: { path: string; descriptor: number; writable: boolean }) {
    this.path = opened.path;
    this.#descriptor = opened.descriptor;
    this.#writable = opened.writable;
    this.#size = this.#statSize();
  }

  size(): number {
    if (!this.#writable) this.#size = this.#statSize();
    return this.#size;
  }

  readNow(at: number, into: Uint8Array): number {
    return attempt('read', this.path, () => readSync(this.#open(), into, 0, into.length, at));
  }

  read(at: number, into: Uint8Array): Promise<number> {
    return this.#inPool('read', (done) => read(this.#open(), into, 0, into.length, at, done));
  }

  appendNow(parts: readonly Uint8Array[]): number {
    const written = attempt('append', this.path, () => this.#write(parts));
    this.#size += written;
    return written;
  }

  writeNow(at: number, bytes: Uint8Array): void {
    const written = attempt('write', this.path, () => writeSync(this.#open(), bytes, 0, bytes.length, at));
    this.#size = Math.max(this.#size, at + written);
    if (written !== bytes.length) throw new DiskError('ENOSPC', this.path, 'write');
  }

  sync(): Promise<void> {
    return this.#inPool('sync', (done) => fdatasync(this.#open(), (error) => done(error, undefined)));
  }

  truncate(size: number): void {
    attempt('truncate', this.path, () => ftruncateSync(this.#open(), size));
    this.#size = size;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeWhenIdle();
  }

  #write(parts: readonly Uint8Array[]): number {
    const [only] = parts;
    if (only === undefined) return 0;
    if (parts.length === 1) return writeSync(this.#open(), only, 0, only.length, this.#size);
    return writevSync(this.#open(), parts, this.#size);
  }

  #open(): number {
    if (this.#closed) throw new DiskError('EOTHER', this.path, 'use closed');
    return this.#descriptor;
  }

  #statSize(): number {
    return attempt('stat', this.path, () => fstatSync(this.#descriptor).size);
  }

  #inPool<T>(action: string, start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      start((error, value) => {
        this.#pending--;
        this.#closeWhenIdle();
        if (error) reject(diskError(action, this.path, error));
        else resolve(value);
      });
      // After `start`, which throws for a closed file.
      this.#pending++;
    });
  }

  #closeWhenIdle(): void {
    if (this.#closed && this.#pending === 0) attempt('close', this.path, () => closeSync(this.#descriptor));
  }
}

function attempt<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw diskError(action, path, cause);
  }
}

const CODES: { readonly [code: string]: DiskErrorCode } = {
  ENOENT: 'ENOENT',
  ENOTDIR: 'ENOENT',
  EEXIST: 'EEXIST',
  ENOSPC: 'ENOSPC',
  EDQUOT: 'ENOSPC',
  EFBIG: 'ENOSPC',
  EIO: 'EIO',
  EMFILE: 'EMFILE',
  ENFILE: 'EMFILE',
  EACCES: 'EACCES',
  EPERM: 'EACCES',
  EROFS: 'EROFS',
};

function diskError(action: string, path: string, cause: unknown): DiskError {
  if (cause instanceof DiskError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new DiskError(CODES[code] ?? 'EOTHER', path, action, { cause });
}
