/** An answer takes no longer, except while workers rebalance; then it is asked again. */
const TIMEOUT_MS = 30_000;

/** A worker did not answer, or answered with an error that is not what was asked about. */
export class RestError extends Error {
  /** Null when there was no answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** It may be otherwise in a moment: the workers rebalance, or the one that was asked ends. */
  get isPassing(): boolean {
    return this.status === null || this.status === 409 || this.status === 503 || this.status === 404;
  }
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
    let status: number | null = null;
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: this.#authorization,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      const answer: unknown = text === '' ? null : JSON.parse(text);
      if (response.ok) return answer;
      status = response.status;
      throw new RestError(messageIn(answer) ?? text, status);
    } catch (error) {
      if (error instanceof RestError) throw error;
      throw new RestError(error instanceof Error ? error.message : String(error), status, { cause: error });
    }
  }
}

function messageIn(answer: unknown): string | null {
  return typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : null;
}
