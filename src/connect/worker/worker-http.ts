import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';
import type { Holder } from './connection-holder.ts';
import { HeldConnections } from './held-connections.ts';

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
  readonly #connections: HeldConnections;

  /** `worker`: the process that is given the authorization, and no other one. */
  constructor(port: number, authorization: string, worker: Holder) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#authorization = authorization;
    this.#connections = new HeldConnections(port, worker);
  }

  /** Connections are closed when nothing is awaited on them any more. Nothing is sent after it. */
  close(): void {
    this.#connections.close();
  }

  /** What is answered, null for nothing. Rejects with RestError. */
  async send(method: string, path: string, body?: object): Promise<unknown> {
    const { status, body: answer } = await this.pass(method, path, body);
    if (status < 300) return answer;
    // An error that is no JSON, or nothing, is not Connect's, but of the server before it, which may still
    // start or be ending: it counts as no answer.
    if (answer === null) throw new RestError(`the worker answered ${status} without a word`, null);
    if (typeof answer === 'string') throw new RestError(answer, null);
    throw new RestError(messageIn(answer) ?? withoutReason(status), status);
  }

  /** Whatever is asked, with the answer as it is, errors too. Rejects with RestError when there is none. */
  async pass(method: string, path: string, body?: unknown): Promise<WorkerAnswer> {
    const limitMs = method === 'PUT' && VALIDATION.test(path) ? VALIDATION_MS : TIMEOUT_MS;
    const limit = AbortSignal.timeout(limitMs);
    try {
      const { status, text: answer } = await this.#exchange(method, path, body, limit);
      return { status, body: answer === '' ? null : answerIn(answer, status < 300) };
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const why = limit.aborted ? `the worker did not answer within ${limitMs / 1_000} s` : said;
      throw new RestError(why, null, { cause: error });
    }
  }

  #exchange(method: string, path: string, body: unknown, signal: AbortSignal) {
    return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
      const headers = {
        authorization: this.#authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const { agent } = this.#connections;
      const asked = request(new URL(`${this.#base}${path}`), { method, headers, agent, signal }, (answer) => {
        text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, text: said }), reject);
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : plainJsonText(body));
    });
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

/** Null where it has none: of an exception without a message Kafka Connect tells its status alone. */
function messageIn(answer: unknown): string | null {
  const message =
    typeof answer === 'object' && answer !== null && 'message' in answer ? answer.message : null;
  return message === null ? null : String(message);
}

function withoutReason(status: number): string {
  return `the worker answered ${status} without a reason: its log has the exception`;
}
