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

export interface PartStatus {
  readonly state: string;
  /** `host:port` of the worker that has it. */
  readonly worker: string;
  /** The exception with its stack, when it failed. */
  readonly trace: string | null;
}

export interface ConnectorStatus {
  readonly connector: PartStatus;
  readonly tasks: readonly (PartStatus & { readonly id: number })[];
}

export interface Validation {
  /** Empty when nothing is wrong. */
  readonly errors: readonly string[];
  /** Of every property that the connector's definition has, by name: `PASSWORD`, `STRING`. */
  readonly types: ReadonlyMap<string, string>;
}

/** The REST interface of one worker. Every method rejects with RestError. */
export class ConnectRest {
  readonly #base: string;
  readonly #authorization: string;

  constructor(port: number, authorization: string) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#authorization = authorization;
  }

  /** Answers once the worker is a member of its group. */
  async connectors(): Promise<void> {
    await this.#send('GET', '/connectors');
  }

  /** What the connector itself says of its configuration. */
  async validate(name: string, configuration: Readonly<Record<string, string>>): Promise<Validation> {
    const type = encodeURIComponent(configuration['connector.class'] ?? '');
    const path = `/connector-plugins/${type}/config/validate`;
    let answer: Record<string, unknown>;
    try {
      answer = fields(await this.#send('PUT', path, { ...configuration, name }));
    } catch (error) {
      // Its class cannot be loaded, or fails at this.
      if (!(error instanceof RestError) || error.isPassing) throw error;
      return { errors: [error.message], types: new Map() };
    }
    const configs = Array.isArray(answer.configs) ? answer.configs.map(fields) : [];
    return {
      errors: configs.flatMap(({ value }) => {
        const { errors } = fields(value);
        return Array.isArray(errors) ? errors.map(String) : [];
      }),
      types: new Map(
        configs.map(({ definition }) => [String(fields(definition).name), String(fields(definition).type)]),
      ),
    };
  }

  /** Null when there is no such connector. */
  async config(name: string): Promise<Readonly<Record<string, string>> | null> {
    const answer = await this.#found('GET', `/connectors/${encodeURIComponent(name)}/config`);
    if (answer === null) return null;
    return Object.fromEntries(Object.entries(fields(answer)).map(([key, value]) => [key, String(value)]));
  }

  async setConfig(name: string, configuration: Readonly<Record<string, string>>): Promise<void> {
    await this.#send('PUT', `/connectors/${encodeURIComponent(name)}/config`, configuration);
  }

  /** Null before the workers know of it. */
  async status(name: string): Promise<ConnectorStatus | null> {
    const answer = await this.#found('GET', `/connectors/${encodeURIComponent(name)}/status`);
    if (answer === null) return null;
    const { connector, tasks } = fields(answer);
    return {
      connector: partStatus(connector),
      tasks: (Array.isArray(tasks) ? tasks : []).map((task: unknown) => ({
        ...partStatus(task),
        id: Number(fields(task).id),
      })),
    };
  }

  async pause(name: string): Promise<void> {
    await this.#send('PUT', `/connectors/${encodeURIComponent(name)}/pause`);
  }

  /** Its tasks end; unlike those of a paused connector they are not there any more. */
  async stop(name: string): Promise<void> {
    await this.#send('PUT', `/connectors/${encodeURIComponent(name)}/stop`);
  }

  async resume(name: string): Promise<void> {
    await this.#send('PUT', `/connectors/${encodeURIComponent(name)}/resume`);
  }

  /** The connector with its tasks. */
  async restart(name: string, onlyFailed: boolean): Promise<void> {
    await this.#send(
      'POST',
      `/connectors/${encodeURIComponent(name)}/restart?includeTasks=true&onlyFailed=${onlyFailed}`,
    );
  }

  async #found(method: string, path: string): Promise<unknown> {
    try {
      return await this.#send(method, path);
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return null;
      throw error;
    }
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
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
      throw new RestError(String(fields(answer).message ?? text), status);
    } catch (error) {
      if (error instanceof RestError) throw error;
      throw new RestError(error instanceof Error ? error.message : String(error), status, { cause: error });
    }
  }
}

function partStatus(value: unknown): PartStatus {
  const { state, worker_id, trace } = fields(value);
  return { state: String(state), worker: String(worker_id), trace: typeof trace === 'string' ? trace : null };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
