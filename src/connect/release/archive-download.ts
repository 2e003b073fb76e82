import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../base/clock.ts';
import { isDiskFull, ReleaseError } from './release-error.ts';

/** A release of Apache Kafka has 130 MB. */
const MOST_BYTES = 1024 ** 3;
/** A connection on which nothing comes for so long is given up. */
const IDLE_MS = 60_000;
/** Answers after which the same request may be answered otherwise. */
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);
const OK = 200;
const PARTIAL = 206;
const RANGE_NOT_SATISFIABLE = 416;

export interface ArchiveDownload {
  /** The path of a file, or an http or https URL. */
  readonly location: string;
  /** What people know it as: what follows a ? in a URL may be secret. */
  readonly called: string;
  /** In lower-case hexadecimal digits. */
  readonly sha512: string;
  /** Where the bytes go. What an attempt before has brought there of a URL is not asked for again. */
  readonly file: string;
  /** Bytes that are there, and how many there will be; null where the server does not say. */
  progress(done: number, total: number | null): void;
}

/**
 * Brings an archive to its place and holds it against its checksum: it is there and right when this resolves.
 * Rejects with ReleaseError; what came of a URL by then stays, unless it is wrong or the disk is full.
 */
export async function downloadArchive(
  clock: Clock,
  download: ArchiveDownload,
  signal: AbortSignal,
): Promise<void> {
  const { location, sha512, file, called } = download;
  const isUrl = /^https?:/i.test(location);
  try {
    const digest = createHash('sha512');
    const resumed = isUrl ? await hashed(file, digest) : 0;
    const found = isUrl
      ? await fromUrl(clock, download, resumed, digest, signal)
      : await written(createReadStream(location), download, {
          digest,
          signal,
          at: 0,
          total: await sizeOf(location),
        });
    if (found === sha512) return;
    await rm(file, { force: true });
    if (resumed > 0)
      throw new ReleaseError(`${called} has changed since a part of it came, and is begun again`, true);
    throw new ReleaseError(`${called} has the SHA-512 ${found}, and should have ${sha512}`, false);
  } catch (error) {
    if (error instanceof ReleaseError) throw error;
    // Brokers write to the same disk.
    if (isDiskFull(error)) await rm(file, { force: true });
    if (signal.aborted) throw new ReleaseError('Millrace stopped meanwhile', true, { cause: error });
    throw isDiskFull(error)
      ? new ReleaseError(`the disk is full: ${said(error)}`, true, { cause: error })
      : new ReleaseError(`${called} could not be read: ${said(error)}`, isUrl, { cause: error });
  }
}

/** The SHA-512 of all of it, once it is written. */
async function fromUrl(
  clock: Clock,
  download: ArchiveDownload,
  there: number,
  digest: Hash,
  signal: AbortSignal,
): Promise<string> {
  const idle = new IdleWatch(clock);
  const both = AbortSignal.any([signal, idle.signal]);
  try {
    const headers = { 'accept-encoding': 'identity', ...(there > 0 ? { range: `bytes=${there}-` } : {}) };
    const answer = await fetch(download.location, { headers, signal: both });
    const { status } = answer;
    // All of it was there already, or more than there is: its checksum decides.
    if (status === RANGE_NOT_SATISFIABLE && there > 0) {
      await answer.body?.cancel();
      return digest.digest('hex');
    }
    const goesOn = status === PARTIAL && answer.headers.get('content-range')?.startsWith(`bytes ${there}-`);
    if (!answer.body || (status !== OK && !goesOn)) {
      await answer.body?.cancel();
      throw new ReleaseError(`${download.called} was answered with ${status}`, PASSING_STATUS.has(status));
    }
    const at = goesOn ? there : 0;
    const length = answer.headers.get('content-length');
    return await written(Readable.from(idle.watched(answer.body)), download, {
      digest: goesOn ? digest : createHash('sha512'),
      ...{ signal: both, at, total: length === null ? null : at + Number(length) },
    });
  } catch (error) {
    if (idle.signal.aborted)
      throw new ReleaseError(`${download.called} sent nothing for ${IDLE_MS / 1000} s`, true, {
        cause: error,
      });
    throw error;
  } finally {
    idle.end();
  }
}

async function written(
  source: Readable,
  { called, file, progress }: ArchiveDownload,
  { digest, signal, at, total }: { digest: Hash; signal: AbortSignal; at: number; total: number | null },
): Promise<string> {
  let done = at;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      digest.update(chunk);
      progress(done, total);
      if (done > MOST_BYTES) next(new ReleaseError(`${called} has more than ${MOST_BYTES} bytes`, false));
      else next(null, chunk);
    },
  });
  const flags = at > 0 ? 'a' : 'w';
  await pipeline(source, measured, createWriteStream(file, { flags, mode: 0o600 }), { signal });
  return digest.digest('hex');
}

/** Adds a file to a digest; its size, 0 where it is not there. */
async function hashed(file: string, digest: Hash): Promise<number> {
  const size = await sizeOf(file);
  if (size !== null && size > 0) for await (const chunk of createReadStream(file)) digest.update(chunk);
  return size ?? 0;
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Gives up a connection on which nothing comes. */
class IdleWatch {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #timer: { cancel(): void };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = this.#begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async *watched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      this.#timer.cancel();
      this.#timer = this.#begin();
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  }

  end(): void {
    this.#timer.cancel();
  }

  #begin(): { cancel(): void } {
    return this.#clock.after(IDLE_MS, () => this.#controller.abort());
  }
}

/** `fetch` says why in the cause alone. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
