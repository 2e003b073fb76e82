import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { World } from '../../base/world.ts';
import { AnswerTooLong, type HttpAnswer } from './exchange.ts';
import { S3Error } from './s3-error.ts';
import { type S3Object, s3Uri } from './s3-object.ts';
import { type S3Options, S3Requests } from './s3-requests.ts';
import { xmlElements, xmlEscaped, xmlText } from './xml.ts';

/** What an object is made with. */
export interface PutOptions {
  /** Rejects with an S3Error that `isPreconditionFailed` when there is an object already. */
  readonly ifNoneMatch?: boolean;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Of the user's own, by names in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface S3Head {
  /** Bytes. */
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface S3Listed {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export interface S3Part {
  readonly partNumber: number;
  readonly etag: string;
}

/**
 * Objects in S3, or in a server that speaks its protocol. Every request is signed with its body (Signature
 * Version 4), and sent again with growing waits after what may pass: 409, 429, 500, 502, 503, 504 and
 * connections that end. Every method rejects with S3Error, or with CredentialsError.
 */
export class S3Client {
  readonly #requests: S3Requests;

  constructor(world: Pick<World, 'clock' | 'random'>, options: S3Options) {
    this.#requests = new S3Requests(world, options);
  }

  /** Resolves with the object's ETag once S3 has it. */
  async put(object: S3Object, body: Uint8Array, options: PutOptions = {}): Promise<string> {
    return etagOf(
      await this.#requests.send({
        method: 'PUT',
        ...object,
        body,
        headers: { ...condition(options), ...describing(options) },
      }),
    );
  }

  /** The whole object. Rejects when it has more than `most` bytes. */
  async get(object: S3Object, most: number): Promise<Buffer> {
    return (await this.#requests.send({ method: 'GET', ...object, most })).body;
  }

  /**
   * Writes the object into a file that only this user can read; an older file is replaced. Of a version where
   * one is named. Rejects when it has more than `most` bytes.
   */
  async download(
    object: S3Object & { readonly versionId?: string | undefined },
    file: string,
    most: number,
  ): Promise<void> {
    await this.#requests.send({
      method: 'GET',
      ...object,
      query: object.versionId === undefined ? [] : [['versionId', object.versionId]],
      into: async (answer) => {
        if (Number(answer.headers['content-length']) > most)
          throw new AnswerTooLong(`the object has more than ${most} bytes`);
        await pipeline(answer, createWriteStream(file, { mode: 0o600 }));
      },
    });
  }

  /** Null when there is no such object. */
  async head(object: S3Object): Promise<S3Head | null> {
    try {
      const answer = await this.#requests.send({ method: 'HEAD', ...object });
      return {
        size: Number(answer.headers['content-length'] ?? 0),
        etag: etagOf(answer),
        metadata: Object.fromEntries(
          Object.entries(answer.headers).flatMap(([name, value]) =>
            name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), String(value)]] : [],
          ),
        ),
      };
    } catch (error) {
      if (error instanceof S3Error && error.status === 404 && error.code !== 'NoSuchBucket') return null;
      throw error;
    }
  }

  /** Objects whose keys begin with `prefix`, in the order of their keys in UTF-8, page by page. */
  async *list(bucket: string, prefix: string): AsyncGenerator<S3Listed, void, void> {
    let token: string | null = null;
    do {
      const query: [string, string][] = [
        ['list-type', '2'],
        ['prefix', prefix],
      ];
      if (token !== null) query.push(['continuation-token', token]);
      const text: string = (await this.#requests.send({ method: 'GET', bucket, query })).body.toString();
      for (const content of xmlElements(text, 'Contents'))
        yield {
          key: xmlText(content, 'Key') ?? '',
          size: Number(xmlText(content, 'Size')),
          etag: unquoted(xmlText(content, 'ETag') ?? ''),
        };
      token = xmlText(text, 'IsTruncated') === 'true' ? xmlText(text, 'NextContinuationToken') : null;
    } while (token !== null);
  }

  /** Rejects when the bucket is not there, or may not be used with these credentials. */
  async headBucket(bucket: string): Promise<void> {
    await this.#requests.send({ method: 'HEAD', bucket });
  }

  /** Also resolves when there was no such object. */
  async delete(object: S3Object): Promise<void> {
    await this.#requests.send({ method: 'DELETE', ...object });
  }

  /**
   * Begins an object in parts; resolves with the id of the upload. What is never completed or aborted is
   * kept, and paid for.
   */
  async createMultipart(object: S3Object, options: PutOptions = {}): Promise<string> {
    const answer = await this.#requests.send({
      method: 'POST',
      ...object,
      query: [['uploads', '']],
      headers: describing(options),
    });
    const id = xmlText(answer.body.toString(), 'UploadId');
    if (id === null) throw noMeaning('createMultipart', object, answer);
    return id;
  }

  /** Every part but the last needs 5 MiB or more. Resolves with the part's ETag. */
  async uploadPart(
    object: S3Object,
    uploadId: string,
    partNumber: number,
    body: Uint8Array,
  ): Promise<string> {
    return etagOf(
      await this.#requests.send({
        method: 'PUT',
        ...object,
        query: [
          ['partNumber', String(partNumber)],
          ['uploadId', uploadId],
        ],
        body,
      }),
    );
  }

  /** Makes the object of its parts; resolves with its ETag. */
  async completeMultipart(
    object: S3Object,
    uploadId: string,
    parts: readonly S3Part[],
    options: Pick<PutOptions, 'ifNoneMatch'> = {},
  ): Promise<string> {
    const listed = parts.map(
      ({ partNumber, etag }) =>
        `<Part><PartNumber>${partNumber}</PartNumber><ETag>${xmlEscaped(`"${etag}"`)}</ETag></Part>`,
    );
    const answer = await this.#requests.send({
      method: 'POST',
      ...object,
      query: [['uploadId', uploadId]],
      headers: condition(options),
      mayFailLate: true,
      body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join('')}</CompleteMultipartUpload>`,
    });
    const etag = xmlText(answer.body.toString(), 'ETag');
    if (etag === null) throw noMeaning('completeMultipart', object, answer);
    return unquoted(etag);
  }

  /** Its parts are deleted. Also resolves when there is no such upload any more. */
  async abortMultipart(object: S3Object, uploadId: string): Promise<void> {
    try {
      await this.#requests.send({ method: 'DELETE', ...object, query: [['uploadId', uploadId]] });
    } catch (error) {
      if (!(error instanceof S3Error) || error.code !== 'NoSuchUpload') throw error;
    }
  }

  /**
   * Uploads that were begun and neither completed nor aborted, of keys that begin with `prefix`; 1000 at
   * most.
   */
  async openUploads(bucket: string, prefix: string): Promise<{ key: string; uploadId: string }[]> {
    const query = [
      ['uploads', ''],
      ['prefix', prefix],
    ] as const;
    const text = (await this.#requests.send({ method: 'GET', bucket, query })).body.toString();
    return xmlElements(text, 'Upload').map((upload) => ({
      key: xmlText(upload, 'Key') ?? '',
      uploadId: xmlText(upload, 'UploadId') ?? '',
    }));
  }

  /** Ends idle connections. */
  close(): void {
    this.#requests.close();
  }
}

function describing({ contentType, contentEncoding, metadata }: PutOptions): Record<string, string> {
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
    ...Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
  };
}

function condition({ ifNoneMatch }: Pick<PutOptions, 'ifNoneMatch'>): Record<string, string> {
  return ifNoneMatch ? { 'if-none-match': '*' } : {};
}

function etagOf({ headers }: HttpAnswer): string {
  return unquoted(headers.etag ?? '');
}

function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}

function noMeaning(what: string, object: S3Object, { status }: HttpAnswer): S3Error {
  return new S3Error(
    `${what} of ${s3Uri(object)} was answered with ${status}, without what it is asked for`,
    {
      status,
      code: 'UnexpectedAnswer',
    },
  );
}
