import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, open, type ZipFile } from 'yauzl';
import { ArchiveTotals } from './archive-totals.ts';

/** What a file system says of a name: it is another entry's, below a file, or too long. */
const NAME_ERRORS = ['EEXIST', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'];

/** An archive that cannot be read, or must not be unpacked; the message names it and the entry. */
export class ArchiveError extends Error {}

export interface ArchiveEntry {
  /** With `/` between folders; relative, without `..`. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Rejects with ArchiveError when they are more than `most`. */
  bytes(most: number): Promise<Buffer>;
  /**
   * Makes the file and the folders that it is in; rejects with ArchiveError when it is there, or cannot be
   * where it is named.
   */
  writeTo(file: string): Promise<void>;
}

/**
 * Visits the entries of a ZIP or JAR file one after the other. `called`: what people know it as. `totals`: of
 * the archives that are read with it. Rejects with ArchiveError.
 */
export async function readArchive(
  file: string,
  called: string,
  visit: (entry: ArchiveEntry) => Promise<void>,
  totals = new ArchiveTotals(),
): Promise<void> {
  const zip = await opened(file, called);
  totals.begin(zip.fileSize);
  try {
    for (;;) {
      const entry = await nextEntry(zip, called);
      if (entry === null) return;
      const refusal = totals.add(entry);
      if (refusal) throw new ArchiveError(`${called} is refused at its entry ${entry.fileName}: ${refusal}.`);
      await visit(new ZipEntry(zip, entry, called));
    }
  } finally {
    zip.close();
  }
}

/** Unpacks all of it below a folder. Rejects with ArchiveError. */
export async function unpack(file: string, called: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  await readArchive(file, called, async (entry) => {
    if (entry.isFolder) return;
    const target = join(folder, entry.name);
    await entry.writeTo(target);
    files.push(target);
  });
  return files;
}

class ZipEntry implements ArchiveEntry {
  readonly #zip: ZipFile;
  readonly #entry: Entry;
  readonly #called: string;

  constructor(zip: ZipFile, entry: Entry, called: string) {
    this.#zip = zip;
    this.#entry = entry;
    this.#called = called;
  }

  get name(): string {
    return this.#entry.fileName;
  }

  get isFolder(): boolean {
    return this.name.endsWith('/');
  }

  async bytes(most: number): Promise<Buffer> {
    if (this.#entry.uncompressedSize > most)
      throw this.#wrong(`it has ${this.#entry.uncompressedSize} bytes, and ${most} are the most`);
    try {
      const chunks: Buffer[] = [];
      await pipeline(await this.#stream(), this.#checked(), async (source) => {
        for await (const chunk of source) chunks.push(Buffer.from(chunk));
      });
      return Buffer.concat(chunks);
    } catch (error) {
      throw this.#wrong(error);
    }
  }

  async writeTo(file: string): Promise<void> {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      await pipeline(
        await this.#stream(),
        this.#checked(),
        createWriteStream(file, { flags: 'wx', mode: 0o600 }),
      );
    } catch (error) {
      if (isSystemError(error) && !NAME_ERRORS.includes(error.code ?? '')) throw error;
      throw this.#wrong(error);
    }
  }

  #stream(): Promise<Readable> {
    return new Promise((resolve, reject) =>
      this.#zip.openReadStream(this.#entry, (error, stream) => (error ? reject(error) : resolve(stream))),
    );
  }

  /** Of these bytes, as they pass; yauzl leaves the checksum to whoever reads. */
  #checked(): Transform {
    let sum = 0;
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sum = crc32(chunk, sum);
        done(null, chunk);
      },
      flush: (done) => done(sum === this.#entry.crc32 ? null : new Error('its checksum is wrong')),
    });
  }

  #wrong(problem: unknown): ArchiveError {
    const said = problem instanceof Error ? problem.message : String(problem);
    return new ArchiveError(`${this.#called} cannot be read at its entry ${this.name}: ${said}.`, {
      cause: problem,
    });
  }
}

function opened(file: string, called: string): Promise<ZipFile> {
  return new Promise((resolve, reject) =>
    open(file, { lazyEntries: true, autoClose: false, strictFileNames: true }, (error, zip) => {
      if (!error) resolve(zip);
      else if (isSystemError(error)) reject(error);
      else reject(new ArchiveError(`${called} is no ZIP archive: ${error.message}.`, { cause: error }));
    }),
  );
}

function nextEntry(zip: ZipFile, called: string): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (run: () => void): void => {
      zip.removeAllListeners();
      run();
    };
    zip.once('entry', (entry: Entry) => settle(() => resolve(entry)));
    zip.once('end', () => settle(() => resolve(null)));
    zip.once('error', (error: Error) =>
      settle(() =>
        reject(new ArchiveError(`${called} is a broken archive: ${error.message}.`, { cause: error })),
      ),
    );
    zip.readEntry();
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
