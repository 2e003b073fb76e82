import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AwsCredentials } from '../../credentials/aws-credentials.ts';
import { xmlElements, xmlEscaped, xmlText } from '../xml.ts';
import { type SignedRequest, signatureProblem } from './checked-signature.ts';

export const TEST_CREDENTIALS: AwsCredentials = {
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: 'secret/of+the=test',
};
export const TEST_REGION = 'eu-test-1';
const PAGE = 1000;
const LEAST_PART_BYTES = 5 * 1024 ** 2;

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
}

/**
 * S3's protocol, path-style, over objects in memory: puts (also `If-None-Match: *`), gets, lists in pages,
 * deletes, uploads in parts with S3's smallest size. Every signature is checked by AWS's own signer with the
 * body that came.
 */
export class S3TestServer {
  readonly buckets = new Map<string, Map<string, StoredObject>>();
  readonly uploads = new Map<string, Upload>();
  /** Of every request, as `PUT /bucket/key`. */
  readonly requests: string[] = [];
  /** Asked before anything is done: an answer to give instead, or `cut` to end the connection without one. */
  fault: (request: SignedRequest) => Refusal | 'cut' | null = () => null;
  /** Asked after it was done: whether the answer gets lost. */
  losesAnswer: (request: SignedRequest) => boolean = () => false;
  /** Objects on a page of a list. */
  page = PAGE;
  readonly #server: Server;
  #uploadCount = 0;

  constructor(credentials: AwsCredentials = TEST_CREDENTIALS, region = TEST_REGION) {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response, credentials, region).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    });
    // A connection that it ends while a slow test sends the next request looks like a failure of S3.
    this.#server.keepAliveTimeout = 0;
  }

  /** Resolves with its endpoint. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${port}`));
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => {
      this.#server.close(() => done());
    });
  }

  createBucket(name: string): Map<string, StoredObject> {
    const bucket = new Map<string, StoredObject>();
    this.buckets.set(name, bucket);
    return bucket;
  }

  /** The keys of a bucket, sorted. */
  keys(bucket: string): string[] {
    return [...(this.buckets.get(bucket)?.keys() ?? [])].sort();
  }

  /** Throws when it is not there. */
  object(bucket: string, key: string): StoredObject {
    const found = this.buckets.get(bucket)?.get(key);
    if (!found) throw new Error(`no object ${key} in ${bucket}`);
    return found;
  }

  async #answer(
    message: IncomingMessage,
    response: ServerResponse,
    credentials: AwsCredentials,
    region: string,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const [path = '', query = ''] = (message.url ?? '').split(/\?(.*)/s);
    const request: SignedRequest = {
      ...{ method: message.method ?? '', path, query: new URLSearchParams(query) },
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
      ),
      body: Buffer.concat(chunks),
    };
    this.requests.push(`${request.method} ${message.url}`);
    const fault = this.fault(request);
    if (fault === 'cut') {
      response.destroy();
      return;
    }
    const problem = await signatureProblem(request, credentials, region);
    const refusal = fault ?? (problem === null ? null : { status: 403, code: problem });
    if (refusal) return refuse(response, refusal);
    const done = this.#do(request);
    if (this.losesAnswer(request)) response.destroy();
    else if ('code' in done) refuse(response, done);
    else response.writeHead(done.status, done.headers).end(request.method === 'HEAD' ? undefined : done.body);
  }

  #do(
    request: SignedRequest,
  ): { status: number; headers: Record<string, string>; body: string | Buffer } | Refusal {
    const [, bucketName = '', ...rest] = request.path.split('/');
    const key = decodeURIComponent(rest.join('/'));
    const bucket = this.buckets.get(bucketName);
    if (!bucket) return { status: 404, code: 'NoSuchBucket' };
    const { method, query, body, headers } = request;
    const answer = (text: string | Buffer, more: Record<string, string> = {}, status = 200) => ({
      ...{ status, body: text },
      headers: { 'content-length': String(Buffer.byteLength(text)), ...more },
    });
    const object = bucket.get(key);
    if (key === '' && method === 'GET' && query.has('uploads'))
      return answer(this.#openUploads(bucketName, query));
    if (key === '' && method === 'GET') return answer(this.#list(bucket, query));
    if (key === '') return answer('');
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${++this.#uploadCount}`;
      this.uploads.set(id, { bucket: bucketName, key, headers: kept(headers), parts: new Map() });
      return answer(
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const uploadId = query.get('uploadId');
    if (uploadId !== null) {
      const upload = this.uploads.get(uploadId);
      if (!upload || upload.bucket !== bucketName || upload.key !== key)
        return { status: 404, code: 'NoSuchUpload' };
      if (method === 'DELETE') {
        this.uploads.delete(uploadId);
        return answer('', {}, 204);
      }
      if (method === 'PUT') {
        const etag = md5(body);
        upload.parts.set(Number(query.get('partNumber')), { body: Buffer.from(body), etag });
        return answer('', { etag: `"${etag}"` });
      }
      if (headers['if-none-match'] === '*' && object) return { status: 412, code: 'PreconditionFailed' };
      const made = completed(upload, Buffer.from(body).toString());
      if ('code' in made) return made;
      bucket.set(key, made);
      this.uploads.delete(uploadId);
      return answer(
        `<CompleteMultipartUploadResult><ETag>&quot;${made.etag}&quot;</ETag></CompleteMultipartUploadResult>`,
      );
    }
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && object) return { status: 412, code: 'PreconditionFailed' };
      const etag = md5(body);
      bucket.set(key, { body: Buffer.from(body), etag, headers: kept(headers) });
      return answer('', { etag: `"${etag}"` });
    }
    if (method === 'DELETE') {
      bucket.delete(key);
      return answer('', {}, 204);
    }
    if (!object) return { status: 404, code: 'NoSuchKey' };
    return answer(object.body, { ...object.headers, etag: `"${object.etag}"` });
  }

  #list(bucket: ReadonlyMap<string, StoredObject>, query: URLSearchParams): string {
    const after = query.get('continuation-token') ?? '';
    const all = [...bucket]
      .filter(([key]) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const shown = all.slice(0, this.page);
    const contents = shown.map(
      ([key, { body, etag }]) =>
        `<Contents><Key>${xmlEscaped(key)}</Key><Size>${body.length}</Size><ETag>&quot;${etag}&quot;</ETag></Contents>`,
    );
    const more = all.length > shown.length;
    const token = more
      ? `<NextContinuationToken>${xmlEscaped(shown.at(-1)?.[0] ?? '')}</NextContinuationToken>`
      : '';
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}${token}</ListBucketResult>`;
  }

  #openUploads(bucketName: string, query: URLSearchParams): string {
    const open = [...this.uploads].filter(
      ([, { bucket, key }]) => bucket === bucketName && key.startsWith(query.get('prefix') ?? ''),
    );
    return `<ListMultipartUploadsResult>${open.map(([id, { key }]) => `<Upload><Key>${xmlEscaped(key)}</Key><UploadId>${id}</UploadId></Upload>`).join('')}</ListMultipartUploadsResult>`;
  }
}

function completed(upload: Upload, xml: string): StoredObject | Refusal {
  const numbers = xmlElements(xml, 'Part').map((part) => ({
    number: Number(xmlText(part, 'PartNumber')),
    etag: (xmlText(part, 'ETag') ?? '').replaceAll('"', ''),
  }));
  const parts = numbers.map(({ number, etag }) => {
    const part = upload.parts.get(number);
    return part?.etag === etag ? part : null;
  });
  if (parts.length === 0 || parts.includes(null)) return { status: 400, code: 'InvalidPart' };
  const whole = parts.filter((part) => part !== null);
  if (whole.slice(0, -1).some(({ body }) => body.length < LEAST_PART_BYTES))
    return { status: 400, code: 'EntityTooSmall' };
  const body = Buffer.concat(whole.map((part) => part.body));
  return { body, etag: `${md5(body)}-${whole.length}`, headers: upload.headers };
}

function kept(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name.startsWith('x-amz-meta-') || name === 'content-type' || name === 'content-encoding',
    ),
  );
}

function refuse(response: ServerResponse, { status, code }: Refusal): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>The test server says ${code}.</Message></Error>`,
    );
}

function md5(body: Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}
