import { createWriteStream } from 'node:fs';
import { Agent, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { backoffMs } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { AwsCredentials } from '../credentials/aws-credentials.ts';
import { canonicalQuery } from '../signing/canonical-request.ts';
import { amzDate, authorizationHeader, sha256 } from '../signing/sigv4.ts';
import { AnswerTooLong, exchange, type HttpAnswer } from './exchange.ts';
import { type S3Location, s3Address } from './s3-endpoint.ts';
import { S3Error } from './s3-error.ts';
import { type S3Object, s3Uri } from './s3-object.ts';
import { xmlElements, xmlEscaped, xmlText } from './xml.ts';

/** Of one request, with what SDKs of AWS take as well. */
const ATTEMPTS = 5;
const RETRY = { firstMs: 200, lastMs: 10_000 };
/** A page of a list with 1000 keys of 1024 bytes each, which XML makes longer. */
const MOST_ANSWER_BYTES = 16 * 1024 ** 2;
const IDLE_MS = 30_000;
const EMPTY_SHA256 = sha256('');
/** Requests at a time; further ones wait in line. */
const CONNECTIONS = 16;

export interface S3Options extends S3Location {
  /** Asked at every request, so that new credentials are taken up. Throws CredentialsError. */
  readonly credentials: () => AwsCredentials;
  /** PEM, of the CA of an endpoint; without it the public ones. */
  readonly ca?: string;
  /** Of one request, 5 by default. */
  readonly attempts?: number;
  /**
   * A connection on which nothing moves for so long is given up; 30 seconds by default, since S3 itself waits
   * for 20.
   */
  readonly idleMs?: number;
  /**
   * The wait before the second attempt, 200 by default; each further one is twice as long, up to ten seconds.
   */
  readonly firstRetryMs?: number;
}

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

interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key?: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Bytes of the answer's body that are taken. */
  readonly most?: number;
  readonly into?: (answer: IncomingMessage) => Promise<void>;
  /** An error may follow an answer that began with 200, which S3 sends to keep the connection alive. */
  readonly mayFailLate?: boolean;
}

/**
 * Objects in S3, or in a server that speaks its protocol. Every request is signed with its body (Signature
 * Version 4), and sent again with growing waits after what may pass: 409, 429, 500, 502, 503, 504 and
 * connections that end. Every method rejects with S3Error, or with CredentialsError.
 */
export class S3Client {
  readonly #world: Pick<World, 'clock' | 'random'>;
  readonly #options: S3Options;
  readonly #agents: { readonly 'http:': Agent; readonly 'https:': TlsAgent };

  constructor(world: Pick<World, 'clock' | 'random'>, options: S3Options) {
    this.#world = world;
    this.#options = options;
    const settings = { keepAlive: true, maxSockets: CONNECTIONS };
    this.#agents = {
      'http:': new Agent(settings),
      'https:': new TlsAgent({ ...settings, ...(options.ca === undefined ? {} : { ca: options.ca }) }),
    };
  }

  /** Resolves with the object's ETag once S3 has it. */
  async put(object: S3Object, body: Uint8Array, options: PutOptions = {}): Promise<string> {
    return etagOf(
      await this.#send({
        method: 'PUT',
        ...object,
        body,
        headers: { ...condition(options), ...describing(options) },
      }),
    );
  }

  /** The whole object. Rejects when it has more than `most` bytes. */
  async get(object: S3Object, most: number): Promise<Buffer> {
    return (await this.#send({ method: 'GET', ...object, most })).body;
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
    await this.#send({
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
      const answer = await this.#send({ method: 'HEAD', ...object });
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
      const text: string = (await this.#send({ method: 'GET', bucket, query })).body.toString();
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
    await this.#send({ method: 'HEAD', bucket });
  }

  /** Also resolves when there was no such object. */
  async delete(object: S3Object): Promise<void> {
    await this.#send({ method: 'DELETE', ...object });
  }

  /**
   * Begins an object in parts; resolves with the id of the upload. What is never completed or aborted is
   * kept, and paid for.
   */
  async createMultipart(object: S3Object, options: PutOptions = {}): Promise<string> {
    const answer = await this.#send({
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
      await this.#send({
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
    const answer = await this.#send({
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
      await this.#send({ method: 'DELETE', ...object, query: [['uploadId', uploadId]] });
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
    const text = (await this.#send({ method: 'GET', bucket, query })).body.toString();
    return xmlElements(text, 'Upload').map((upload) => ({
      key: xmlText(upload, 'Key') ?? '',
      uploadId: xmlText(upload, 'UploadId') ?? '',
    }));
  }

  /** Ends idle connections. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #send(request: S3Request): Promise<HttpAnswer> {
    const { attempts = ATTEMPTS, firstRetryMs = RETRY.firstMs } = this.#options;
    for (let failures = 1; ; failures++)
      try {
        return await this.#attempt(request);
      } catch (error) {
        if (!(error instanceof S3Error) || !error.retriable || failures >= attempts) throw error;
        await sleep(
          this.#world.clock,
          backoffMs(failures, { ...RETRY, firstMs: firstRetryMs }, this.#world.random),
        );
      }
  }

  async #attempt(request: S3Request): Promise<HttpAnswer> {
    const { method, bucket, key = '', query = [], most = MOST_ANSWER_BYTES, into } = request;
    const { origin, path } = s3Address(this.#options, bucket, key);
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? null);
    const credentials = this.#options.credentials();
    const at = amzDate(this.#world.clock.now());
    const bodySha256 = body === null ? EMPTY_SHA256 : sha256(body);
    const headers = {
      ...request.headers,
      host: origin.host,
      'x-amz-date': at,
      'x-amz-content-sha256': bodySha256,
      ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
    };
    const authorization = authorizationHeader({ method, path, query, headers, bodySha256 }, credentials, {
      region: this.#options.region,
      service: 's3',
      amzDate: at,
    });
    const asked = canonicalQuery(query);
    const named = `${method} ${s3Uri(request)}`;
    let answer: HttpAnswer;
    try {
      answer = await exchange(
        {
          ...{ method, origin, body },
          path: asked === '' ? path : `${path}?${asked}`,
          headers: { ...headers, authorization },
        },
        this.#agents[origin.protocol === 'https:' ? 'https:' : 'http:'],
        { most, idleMs: this.#options.idleMs ?? IDLE_MS },
        into,
      );
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const code = error instanceof AnswerTooLong ? 'EntityTooLarge' : codeOf(error);
      throw new S3Error(
        `${named} at ${origin.origin} failed: ${said || code}`,
        { status: error instanceof AnswerTooLong ? 200 : null, code },
        { cause: error },
      );
    }
    const isError =
      answer.status >= 300 || (request.mayFailLate && xmlText(answer.body.toString(), 'Code') !== null);
    if (isError) throw this.#refusal(named, request, answer);
    return answer;
  }

  #refusal(named: string, { bucket }: S3Request, { status, headers, body }: HttpAnswer): S3Error {
    const text = body.toString();
    const code = xmlText(text, 'Code') ?? (status === 404 ? 'NotFound' : `HTTP ${status}`);
    const region = headers['x-amz-bucket-region'] ?? xmlText(text, 'Region');
    const said =
      region && region !== this.#options.region
        ? `the bucket ${bucket} is in the region ${region}, and was asked for in ${this.#options.region}`
        : (xmlText(text, 'Message') ?? 'the answer has no text');
    const at = this.#options.endpoint === undefined ? '' : ` at ${this.#options.endpoint}`;
    return new S3Error(`${named}${at} was refused with ${status}, ${code}: ${said}`, { status, code });
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'Unknown';
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
