import { ArchiveError } from '../plugins/archive.ts';

const BLOCK = 512;
/** The archive of a release has some thousand. */
const MOST_ENTRIES = 100_000;
/** It unpacks to 250 MB. */
const MOST_BYTES = 2 * 1024 ** 3;
/** Of a name that stands in an entry of its own: file systems take 4,096. */
const MOST_NAME_BYTES = 64 * 1024;

export interface TarEntry {
  /** With `/` between folders; never absolute, and without `..`. */
  readonly name: string;
  readonly isFile: boolean;
  /** Bytes. */
  readonly size: number;
  /** The content, once; what is left of it is passed over. */
  readonly content: AsyncIterable<Buffer>;
}

/**
 * Visits the entries of a tar archive (POSIX, with the long names of GNU and of pax) one after the other.
 * `called`: what people know it as. Rejects with ArchiveError, and with what reading the source rejects with.
 */
export async function readTar(
  source: AsyncIterable<Buffer>,
  called: string,
  visit: (entry: TarEntry) => Promise<void>,
): Promise<void> {
  const bytes = new ByteReader(source, called);
  const total = { entries: 0, bytes: 0 };
  let longName: string | null = null;
  for (;;) {
    const header = await bytes.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (!isHeader(header)) throw new ArchiveError(`${called} is no tar archive, or is broken.`);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = sizeIn(header);
    total.entries++;
    total.bytes += size;
    if (total.entries > MOST_ENTRIES || total.bytes > MOST_BYTES)
      throw new ArchiveError(`${called} has more in it than the release of Apache Kafka that it should be.`);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (type === 'L' || type === 'x') {
      if (size > MOST_NAME_BYTES) throw new ArchiveError(`${called} has a name of ${size} bytes.`);
      const text = await bytes.exactly(size);
      longName = type === 'L' ? textIn(text) : (paxPath(text) ?? longName);
      await bytes.skip(padding);
      continue;
    }
    const name = longName ?? nameIn(header);
    longName = null;
    if (name.startsWith('/') || name.includes('\0') || name.split('/').includes('..'))
      throw new ArchiveError(`${called} is refused at its entry ${name}: it leads out of its folder.`);
    const rest = { bytes: size };
    await visit({
      ...{ name, size, isFile: type === '0' || type === '\0' },
      content: bytes.upTo(rest),
    });
    await bytes.skip(rest.bytes + padding);
  }
}

/** Bytes of a stream, so many at a time. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #called: string;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>, called: string) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#called = called;
  }

  async exactly(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = size; missing > 0; ) {
      const part = await this.#next(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(size: number): Promise<void> {
    for (let missing = size; missing > 0; ) missing -= (await this.#next(missing)).length;
  }

  /** `rest` says how many bytes there are, and what is left of them. */
  async *upTo(rest: { bytes: number }): AsyncGenerator<Buffer> {
    while (rest.bytes > 0) {
      const part = await this.#next(rest.bytes);
      rest.bytes -= part.length;
      yield part;
    }
  }

  async #next(most: number): Promise<Buffer> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) throw new ArchiveError(`${this.#called} ends in the middle of an entry.`);
      this.#chunk = value;
    }
    const part = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }
}

/** The sum of its bytes is in it, with blanks where the sum stands. */
function isHeader(header: Buffer): boolean {
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 32 : byte;
  return sum === numberIn(header.subarray(148, 156));
}

function nameIn(header: Buffer): string {
  const name = textIn(header.subarray(0, 100));
  const isPosix = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isPosix ? textIn(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal digits; of 8 GiB and more, which none of ours has, another form. */
function sizeIn(header: Buffer): number {
  const size = numberIn(header.subarray(124, 136));
  return Number.isSafeInteger(size) ? size : MOST_BYTES + 1;
}

function numberIn(field: Buffer): number {
  return Number.parseInt(textIn(field).trim(), 8);
}

function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Of records `LENGTH KEYWORD=VALUE\n`; null where there is none of a path. */
function paxPath(records: Buffer): string | null {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records.toString('utf8'))?.[1] ?? null;
}
