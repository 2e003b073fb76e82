import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';

/** An answer takes no longer, except while workers rebalance; then it is asked again. */
const TIMEOUT_MS = 30_000;
/**
 * A connector that is given a configuration may try to reach what it connects: MongoDB's looks for a server
 * for half a minute. Kafka Connect itself ends the wait after 90 s, and says so.
 */
const VALIDATION_MS = 100_000;
const VALIDATION = /\/config(\/validate)?$/;

/** A worker did not answer, or answered with an error that is not what was asked about. */
export class RestError extends Error {
  /** Null when there was no answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** It may be otherwise in a moment: the workers rebalance, or the one that was asked ends. */
  get retriable(): boolean {
    return this.status === null || this.status === 409 || this.status === 503 || this.status === 404;
  }
}

/**
 * `body`: parsed JSON, where whole numbers that a number does not keep are bigint; a text where an error is
 * none, and null for nothing.
 */
export interface WorkerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Requests to one worker, whatever runs in it. */
export class WorkerHttp {
  readonly #base: string;
  readonly #authorization: string;

  constructor(port: number, authorization: string) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#authorization = authorization;
  }

  /** What is answered, null for nothing. Rejects with RestError. */
  async send(method: string, path: string, body?: object): Promise<unknown> {
    const { status, body: answer } = await this.pass(method, path, body);
    if (status < 300) return answer;
    // An error that is no JSON is not Connect's, but of the server before it, which may still start: it
    // counts as no answer.
    if (typeof answer === 'string') throw new RestError(answer, null);
    throw new RestError(messageIn(answer) ?? `the worker answered ${status}`, status);
  }

  /** Whatever is asked, with the answer as it is, errors too. Rejects with RestError when there is none. */
  async pass(method: string, path: string, body?: unknown): Promise<WorkerAnswer> {
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: this.#authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: plainJsonText(body) }),
        signal: AbortSignal.timeout(method === 'PUT' && VALIDATION.test(path) ? VALIDATION_MS : TIMEOUT_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : answerIn(text, response.ok) };
    } catch (error) {
      throw new RestError(error instanceof Error ? error.message : String(error), null, { cause: error });
    }
  }
}

/** Errors of the server before Connect are no JSON. */
function answerIn(text: string, isJson: boolean): unknown {
  try {
    return readPlainJson(text);
  } catch (error) {
    if (isJson || !(error instanceof SyntaxError)) throw error;
    return text;
  }
}

function messageIn(answer: unknown): string | null {
  return typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : null;
}
