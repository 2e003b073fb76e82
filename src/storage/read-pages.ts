import { DiskError } from '../base/disk.ts';

const PAGE_BYTES = 16 * 1024;
/** Who goes on where the last read of a file ended gets twice as much, up to this. */
const LOAD_BYTES_MAX = 256 * 1024;
/**
 * What one piece of work may hold beside the last load: it needs few pages at a time, and passes the others
 * once.
 */
const HELD_BYTES_MAX = 4 * 1024 * 1024;

/** A file whose bytes are read off the loop. */
interface PagedFile {
  readonly path: string;
  size(): number;
  /** Resolves with the number of bytes that were read; fewer than asked for at the end of the file. */
  read(at: number, into: Uint8Array): Promise<number>;
}

/** Thrown by a read of bytes that are not there yet; it ends the work, which runs again when they are. */
export class MissingPages extends Error {
  readonly file: PagedFile;
  readonly at: number;
  readonly bytes: number;

  constructor(file: PagedFile, at: number, bytes: number) {
    super(`${file.path} was not read at ${at}`);
    this.file = file;
    this.at = at;
    this.bytes = bytes;
  }
}

/**
 * Pieces of files that were read off the loop for one piece of work (`OpenFiles.onPages`). They are as old as
 * the work: who gives it says when the files have become others.
 */
export class ReadPages {
  readonly #pages = new Map<PagedFile, Map<number, Buffer>>();
  /** Where the last load of each file ended, and how much it was. */
  readonly #loaded = new Map<PagedFile, { readonly end: number; readonly bytes: number }>();
  #heldBytes = 0;

  /** As `readNow`, for bytes that were loaded. Throws MissingPages. */
  read(file: PagedFile, at: number, into: Uint8Array): number {
    const end = Math.min(at + into.length, file.size());
    let filled = 0;
    while (at + filled < end) {
      const position = at + filled;
      const start = position - (position % PAGE_BYTES);
      const page = this.#pages.get(file)?.get(start);
      // A page at the end of a file that grew since is as good as none.
      if (!page || position - start >= page.length) throw new MissingPages(file, start, end - start);
      filled += page.copy(into, filled, position - start, end - start);
    }
    return filled;
  }

  /** Reads what was missing. Rejects with DiskError. */
  async load({ file, at, bytes }: MissingPages): Promise<void> {
    const last = this.#loaded.get(file);
    const ahead = last?.end === at ? Math.min(last.bytes * 2, LOAD_BYTES_MAX) : PAGE_BYTES;
    const wanted = Math.ceil(Math.max(bytes, ahead) / PAGE_BYTES) * PAGE_BYTES;
    const there = Math.min(wanted, file.size() - at);
    const buffer = Buffer.allocUnsafe(wanted);
    const read = await file.read(at, buffer);
    if (read < there) throw new DiskError('EIO', file.path, 'read');
    if (this.#heldBytes > HELD_BYTES_MAX) {
      this.#pages.clear();
      this.#heldBytes = 0;
    }
    this.#heldBytes += wanted;
    const pages = this.#pages.get(file) ?? new Map<number, Buffer>();
    this.#pages.set(file, pages);
    for (let start = 0; start < read; start += PAGE_BYTES)
      pages.set(at + start, buffer.subarray(start, Math.min(read, start + PAGE_BYTES)));
    this.#loaded.set(file, { end: at + wanted, bytes: wanted });
  }

  forget(file: PagedFile): void {
    this.#pages.delete(file);
  }
}
