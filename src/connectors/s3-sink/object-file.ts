import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { S3Client, S3Part } from '../../aws/s3/s3-client.ts';
import { S3Error } from '../../aws/s3/s3-error.ts';
import type { S3Object } from '../../aws/s3/s3-object.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { ObjectEncoder, ObjectFormat } from './formats/object-format.ts';
import { Pieces } from './pieces.ts';

/** S3 takes no smaller part, but as the last one. */
export const LEAST_PART_BYTES = 5 * 1024 ** 2;
/** S3 takes no more; one is left for the end. */
const MOST_PARTS = 9_999;
/**
 * So much is compressed at once, as a gzip member of its own: a stream for each object would hold 256 kB of
 * every one.
 */
const MEMBER_BYTES = 1024 ** 2;
const compress = promisify(gzip);

export interface ObjectFileOptions {
  readonly format: ObjectFormat;
  /** Null: not compressed. */
  readonly gzipLevel: number | null;
  /** From so many bytes on they are uploaded. */
  readonly partBytes: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * An object that grows in memory and, from the size of a part on, in S3; nobody sees it there before it is
 * stored whole.
 */
export class ObjectFile {
  readonly object: S3Object;
  readonly #s3: S3Client;
  readonly #options: ObjectFileOptions;
  readonly #encoder: ObjectEncoder;
  /** Not compressed yet. */
  readonly #raw = new Pieces();
  /** As they are uploaded. */
  readonly #ready = new Pieces();
  #uploadId: string | null = null;
  readonly #parts: S3Part[] = [];
  #isEnded = false;
  #isStored = false;

  constructor(s3: S3Client, object: S3Object, options: ObjectFileOptions) {
    this.#s3 = s3;
    this.object = object;
    this.#options = options;
    this.#encoder = options.format.begin();
  }

  get heldBytes(): number {
    return this.#encoder.heldBytes + this.#raw.length + this.#ready.length;
  }

  /** A part of it is in S3, so what is said of the object there cannot change any more. */
  get isInParts(): boolean {
    return this.#uploadId !== null;
  }

  get isFull(): boolean {
    return this.#parts.length >= MOST_PARTS;
  }

  /** There is enough to compress or to upload: `flush`. */
  get isDue(): boolean {
    return this.#ready.length >= this.#options.partBytes || this.#raw.length >= MEMBER_BYTES;
  }

  /** Throws DataError, and then nothing of the record is in the object. */
  add(record: SinkRecord): void {
    this.#hold(this.#encoder.encode(record));
  }

  /**
   * Compresses what is due, and uploads a part where there is enough for one; `least`: fewer bytes than the
   * configured part also do.
   */
  async flush(least = this.#options.partBytes): Promise<void> {
    await this.#compress();
    if (this.#ready.length < least) return;
    this.#uploadId ??= await this.#s3.createMultipart(this.object, this.#described());
    await this.#uploadPart(this.#uploadId);
  }

  /** No record comes any more. */
  async end(): Promise<void> {
    if (!this.#isEnded) this.#hold(this.#encoder.end());
    this.#isEnded = true;
    await this.#compress();
  }

  /**
   * Makes the object, if there is none under its key; `stored` says further things of it, which one in parts
   * cannot have. False when there is one. May be called again when it rejected with S3Error, or resolved.
   */
  async store(stored: Readonly<Record<string, string>>): Promise<boolean> {
    if (this.#isStored) return true;
    try {
      if (this.#uploadId === null) {
        const options = { ...this.#described(), ifNoneMatch: true };
        const metadata = { ...this.#options.metadata, ...stored };
        await this.#s3.put(this.object, this.#ready.joined(), { ...options, metadata });
      } else {
        if (this.#ready.length > 0) await this.#uploadPart(this.#uploadId);
        await this.#s3.completeMultipart(this.object, this.#uploadId, this.#parts, { ifNoneMatch: true });
      }
      this.#isStored = true;
      this.#uploadId = null;
      return true;
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      if (error.isPreconditionFailed) return false;
      // Completed before: the answer to it got lost.
      if (error.code === 'NoSuchUpload' && (await this.#s3.head(this.object)) !== null) return false;
      throw error;
    }
  }

  /** Nothing of it is left in S3, unless it was stored. */
  async abandon(): Promise<void> {
    if (this.#uploadId !== null) await this.#s3.abortMultipart(this.object, this.#uploadId);
    this.#uploadId = null;
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    (this.#options.gzipLevel === null ? this.#ready : this.#raw).add(bytes);
  }

  async #compress(): Promise<void> {
    const { gzipLevel } = this.#options;
    if (this.#raw.length === 0 || gzipLevel === null) return;
    const member = await compress(this.#raw.joined(), { level: gzipLevel });
    this.#raw.clear();
    this.#ready.add(member);
  }

  async #uploadPart(uploadId: string): Promise<void> {
    const partNumber = this.#parts.length + 1;
    const etag = await this.#s3.uploadPart(this.object, uploadId, partNumber, this.#ready.joined());
    this.#parts.push({ partNumber, etag });
    this.#ready.clear();
  }

  #described(): { readonly contentType: string; readonly metadata: Readonly<Record<string, string>> } {
    const { format, gzipLevel, metadata } = this.#options;
    return { contentType: gzipLevel === null ? format.contentType : 'application/gzip', metadata };
  }
}
