import { Agent, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { backoffMs } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { AwsCredentials } from '../credentials/aws-credentials.ts';
import { canonicalQuery } from '../signing/canonical-request.ts';
import { amzDate, authorizationHeader, sha256 } from '../signing/sigv4.ts';
import { AnswerTooLong, exchange, type HttpAnswer } from './exchange.ts';
import { type S3Endpoint, s3Address } from './s3-endpoint.ts';
import { S3Error } from './s3-error.ts';
import { s3Uri } from './s3-object.ts';
import { xmlText } from './xml.ts';

/** Of one request, with what SDKs of AWS take as well. */
const ATTEMPTS = 5;
const RETRY = { firstMs: 200, lastMs: 10_000 };
/** A page of a list with 1000 keys of 1024 bytes each, which XML makes longer. */
const MOST_ANSWER_BYTES = 16 * 1024 ** 2;
const IDLE_MS = 30_000;
const EMPTY_SHA256 = sha256('');
/** Requests at a time; further ones wait in line. */
const CONNECTIONS = 16;

export interface S3Options extends S3Endpoint {
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

/** One request, before it is signed. */
export interface S3Request {
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
 * Sends requests to S3, or to a server that speaks its protocol: each signed with its body (Signature Version
 * 4), and sent again with growing waits after what may pass.
 */
export class S3Requests {
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

  /** Resolves with an answer that is no error. Rejects with S3Error, or with CredentialsError. */
  async send(request: S3Request): Promise<HttpAnswer> {
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

  /** Ends idle connections. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'Unknown';
}
