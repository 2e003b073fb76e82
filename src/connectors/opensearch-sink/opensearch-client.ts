import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

export interface OpenSearchOptions {
  /** Tried one after the other, from the one that answered last. */
  readonly urls: readonly string[];
  /** `Basic …`, or null. */
  readonly authorization: string | null;
  readonly timeoutMs: number;
  readonly compresses: boolean;
}

export interface OpenSearchAnswer {
  readonly status: number;
  /** Null where the answer is no JSON. */
  readonly body: unknown;
}

/** No node answered. */
export class NoAnswer extends Error {}

/** HTTP to the nodes of a cluster of OpenSearch or Elasticsearch. */
export class OpenSearchClient {
  readonly #options: OpenSearchOptions;
  #current = 0;

  constructor(options: OpenSearchOptions) {
    this.#options = options;
  }

  /**
   * Resolves with any answer, also of errors. Rejects with NoAnswer when none of the nodes gives one, and
   * when `signal` is aborted.
   */
  async send(
    method: string,
    path: string,
    signal: AbortSignal,
    body?: { readonly text: string; readonly type: 'application/json' | 'application/x-ndjson' },
  ): Promise<OpenSearchAnswer> {
    const { urls, authorization, timeoutMs, compresses } = this.#options;
    const bytes = body && (compresses ? await compress(body.text) : Buffer.from(body.text));
    const failures: string[] = [];
    for (let tries = 0; tries < urls.length; tries++) {
      const url = `${urls[this.#current % urls.length]?.replace(/\/$/, '')}${path}`;
      try {
        const answer = await fetch(url, {
          method,
          headers: {
            ...(authorization === null ? {} : { authorization }),
            ...(body ? { 'content-type': body.type } : {}),
            ...(body && compresses ? { 'content-encoding': 'gzip' } : {}),
          },
          ...(bytes ? { body: bytes } : {}),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        return { status: answer.status, body: parsed(await answer.text()) };
      } catch (error) {
        signal.throwIfAborted();
        failures.push(`${method} ${url} failed: ${reasonOf(error)}`);
        this.#current++;
      }
    }
    throw new NoAnswer(failures.join('; '));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** fetch says only that it failed; why is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
