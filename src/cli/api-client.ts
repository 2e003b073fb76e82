import { plainJsonText, readPlainJson } from '../base/plain-json.ts';
import { Failure } from './failure.ts';
import { inWordsOfTheCommandLine } from './option-of-field.ts';

/** Longer than any answer of the API takes on a machine that is not overloaded. */
const TIMEOUT_MS = 30_000;

/** How AWS refuses a second resource of a name, which it does not tell. */
const NAME_TAKEN = 'A resource with this name already exists.';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The MSK API over HTTP, as any other client of it sees it. */
export class ApiClient {
  readonly #endpoint: string;
  readonly #timeoutMs: number;

  constructor(endpoint: string, timeoutMs = TIMEOUT_MS) {
    if (!URL.canParse(endpoint))
      throw new Failure('--api must be a URL such as http://127.0.0.1:7070.', { exit: 'usage' });
    this.#timeoutMs = timeoutMs;
    this.#endpoint = endpoint.replace(/\/+$/, '');
  }

  /** The members of a GET travel in the query, those of others in the body. */
  async send(
    method: Method,
    path: readonly string[],
    members?: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    return { ...(await this.#answer(method, path, members)) };
  }

  /** What is answered with a list. Rejects with Failure where the answer is none. */
  async list(
    path: readonly string[],
    members?: Readonly<Record<string, unknown>>,
  ): Promise<readonly unknown[]> {
    const answer = await this.#answer('GET', path, members);
    if (!Array.isArray(answer)) throw this.#foreign();
    return answer;
  }

  /**
   * What IAM answers at the same address to a form, which names an action. Rejects with Failure, whose code
   * is that of IAM's error.
   */
  async form(members: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const response = await this.#fetch('', {
      method: 'POST',
      body: new URLSearchParams(members),
      headers: { accept: 'application/json' },
    });
    const answer = await json(response);
    if (typeof answer !== 'object' || answer === null) throw this.#foreign();
    if (response.ok) return { ...answer };
    const error = 'Error' in answer && typeof answer.Error === 'object' && answer.Error ? answer.Error : {};
    if (!('Code' in error) || !('Message' in error)) throw this.#foreign();
    const { Code: code, Message: said } = error;
    const message = String(said);
    throw new Failure(inWordsOfTheCommandLine(message, message.split(' ')[0] ?? ''), {
      code: String(code),
      exit: code === 'NoSuchEntity' ? 'notFound' : 'failed',
    });
  }

  async #answer(
    method: Method,
    path: readonly string[],
    members?: Readonly<Record<string, unknown>>,
  ): Promise<object> {
    const query = method === 'GET' && members ? `?${new URLSearchParams(texts(members))}` : '';
    const response = await this.#fetch(`${path.map(encodeURIComponent).join('/')}${query}`, {
      method,
      ...(members && method !== 'GET'
        ? { body: plainJsonText(members), headers: { 'content-type': 'application/json' } }
        : {}),
    });
    const answer = await json(response);
    if (typeof answer !== 'object' || answer === null) throw this.#foreign();
    if (!response.ok) {
      const message = 'message' in answer ? String(answer.message) : response.statusText;
      const parameter = 'invalidParameter' in answer ? String(answer.invalidParameter) : null;
      const code = response.headers.get('x-amzn-errortype') ?? String(response.status);
      // What is not there is named by the message itself.
      const isMissing = code === 'NotFoundException';
      const name = members?.clusterName ?? members?.connectorName ?? members?.name;
      const told =
        message === NAME_TAKEN && name !== undefined ? `The name ${String(name)} is taken already.` : message;
      throw new Failure(isMissing ? message : inWordsOfTheCommandLine(told, parameter), {
        code,
        exit: isMissing ? 'notFound' : 'failed',
      });
    }
    return answer;
  }

  #foreign(): Failure {
    return new Failure(
      `${this.#endpoint} does not answer as Millrace does: name another address with --api.`,
      { exit: 'unreachable' },
    );
  }

  /** What is no JSON, as it comes. */
  async text(path: readonly string[]): Promise<string> {
    const response = await this.#fetch(path.join('/'), { method: 'GET' });
    const text = await response.text();
    if (!response.ok) throw new Failure(`${this.#endpoint} answers ${response.status}: ${text}`);
    return text;
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#endpoint}/${path}`, {
        ...request,
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        throw new Failure(
          `${this.#endpoint} did not answer within ${this.#timeoutMs / 1000} s. What was asked for may still be done: look before you ask again.`,
          { cause: error, exit: 'unreachable' },
        );
      if (isBroken(error))
        throw new Failure(
          `${this.#endpoint} ended the connection before it answered. What was asked for may still be done: look before you ask again.`,
          { cause: error, exit: 'unreachable' },
        );
      throw new Failure(
        `No Millrace answers at ${this.#endpoint}: start it with "millrace up", or name another address with --api.`,
        { cause: error, exit: 'unreachable' },
      );
    }
  }
}

/** Whether there was a connection, as fetch tells of one. */
function isBroken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && BROKEN.includes(String(cause.code));
}

const BROKEN = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  // Accepted, or done: there is nothing to say.
  if (text === '' && (response.status === 202 || response.status === 204)) return {};
  try {
    return readPlainJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function texts(members: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)]));
}
