/**
 * The file system as the core sees it. Calls into and out of the page cache are synchronous, because they
 * measured faster and cheaper than the thread pool and leave no room for interleaving; what waits for the
 * device (`sync`, cold `read`) is asynchronous. Paths are absolute, separated by '/'. Every failure is a
 * DiskError.
 */
export interface Disk {
  /** `read`: must exist, never written. `write`: must exist. `create`: made when missing. */
  open(path: string, mode: 'read' | 'write' | 'create'): File;
  exists(path: string): boolean;
  /** Names (not paths) of the entries of a folder, sorted; ENOENT when it is missing. */
  list(path: string): string[];
  /** Makes the folder and its parents; no error when it exists. */
  makeDirectory(path: string): void;
  /** Atomic; replaces the target. Durable only after `syncDirectory` of the folder. */
  rename(from: string, to: string): void;
  /** Removes a file; ENOENT when it is missing. */
  remove(path: string): void;
  /** Removes a folder and all below it; no error when it is missing. */
  removeDirectory(path: string): void;
  /** Makes creations, renames and removals in the folder durable. */
  syncDirectory(path: string): Promise<void>;
  /** The room in the file system that holds the path. */
  space(path: string): FileSystemSpace;
}

export interface File {
  readonly path: string;
  size(): number;
  /** Reads from the page cache, as many bytes as there are up to `into.length`; returns how many. */
  readNow(at: number, into: Uint8Array): number;
  /** The same off the loop, for data that may be cold. */
  read(at: number, into: Uint8Array): Promise<number>;
  /**
   * Appends at the end, gathered into one write. Returns the bytes written, which MAY BE FEWER than given
   * without an error (a full disk does that): the caller compares, and cuts the file back to what was whole.
   */
  appendNow(parts: readonly Uint8Array[]): number;
  /** Overwrites at a position; throws when it comes back short. */
  writeNow(at: number, bytes: Uint8Array): void;
  /**
   * fdatasync: when it resolves, every byte appended before the call survives a power loss. After a failure
   * nothing is known.
   */
  sync(): Promise<void>;
  truncate(size: number): void;
  close(): void;
}

export type DiskErrorCode = 'ENOENT' | 'EEXIST' | 'ENOSPC' | 'EIO' | 'EMFILE' | 'EACCES' | 'EROFS' | 'EOTHER';

export class DiskError extends Error {
  readonly code: DiskErrorCode;
  readonly path: string;
  constructor(code: DiskErrorCode, path: string, action: string, options?: ErrorOptions) {
    super(`${action} ${path}: ${code}`, options);
    this.code = code;
    this.path = path;
  }
}

/** The whole content of a small file, or null when there is none. */
export function readWhole(disk: Disk, path: string): Buffer | null {
  if (!disk.exists(path)) return null;
  const file = disk.open(path, 'read');
  try {
    const content = Buffer.allocUnsafe(file.size());
    let at = 0;
    while (at < content.length) {
      const n = file.readNow(at, content.subarray(at));
      if (n === 0) break;
      at += n;
    }
    return content.subarray(0, at);
  } finally {
    file.close();
  }
}

/** The replacement of a file that is under way, by path. */
const replacements = new WeakMap<Disk, Map<string, Promise<void>>>();

/**
 * Replaces a small file so that a crash leaves the old content or the new, never a mix: temporary file, sync,
 * rename. Replacements of one file come one after the other, whoever asks: they share the temporary file, and
 * one that found no room for its content would have another put an empty file into place. Rejects with
 * DiskError.
 */
export function writeWhole(disk: Disk, path: string, content: Uint8Array): Promise<void> {
  const underWay = replacements.get(disk) ?? new Map<string, Promise<void>>();
  replacements.set(disk, underWay);
  const before = underWay.get(path);
  const replace = () => replaced(disk, path, content);
  const replacing = before ? before.then(replace, replace) : replace();
  underWay.set(path, replacing);
  const ended = () => {
    if (underWay.get(path) === replacing) underWay.delete(path);
  };
  replacing.then(ended, ended);
  return replacing;
}

async function replaced(disk: Disk, path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = disk.open(temporary, 'create');
  try {
    file.truncate(0);
    const written = file.appendNow([content]);
    if (written !== content.length) throw new DiskError('ENOSPC', temporary, 'write');
    await file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  await disk.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
}

/** In bytes. What a file system keeps back for root counts as neither free nor there, as in `df`. */
export interface FileSystemSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Of statfs(2)'s numbers of blocks: all, free ones, and those of them that everybody may have. */
export function fileSystemSpace(stat: {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}): FileSystemSpace {
  const { bsize, blocks, bfree, bavail } = stat;
  return { freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize };
}
