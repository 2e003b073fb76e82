import type { ConnectorPort, ConnectorStatus, PartStatus, Validation } from './connector-port.ts';
import { RestError, type WorkerAnswer, type WorkerHttp } from './worker-http.ts';

/** The REST interface of one worker of Kafka Connect. Every method rejects with RestError. */
export class ConnectRest implements ConnectorPort {
  readonly #http: WorkerHttp;

  constructor(http: WorkerHttp) {
    this.#http = http;
  }

  async validate(name: string, configuration: Readonly<Record<string, string>>): Promise<Validation> {
    const type = encodeURIComponent(configuration['connector.class'] ?? '');
    const path = `/connector-plugins/${type}/config/validate`;
    let answer: Record<string, unknown>;
    try {
      answer = fields(await this.#http.send('PUT', path, { ...configuration, name }));
    } catch (error) {
      if (!(error instanceof RestError) || error.retriable) throw error;
      // A worker that is ending answers with errors, too, which say nothing of the connector: it must serve.
      await this.#http.send('GET', '/connectors');
      // Its class cannot be loaded, or fails at this.
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

  async config(name: string): Promise<Readonly<Record<string, string>> | null> {
    const answer = await this.#found('GET', `/connectors/${encodeURIComponent(name)}/config`);
    if (answer === null) return null;
    return Object.fromEntries(Object.entries(fields(answer)).map(([key, value]) => [key, String(value)]));
  }

  async setConfig(
    name: string,
    configuration: Readonly<Record<string, string>>,
    isPaused = false,
  ): Promise<void> {
    await this.#http.send('PUT', `/connectors/${encodeURIComponent(name)}/config`, configuration);
    if (isPaused) await this.pause(name);
  }

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
    await this.#http.send('PUT', `/connectors/${encodeURIComponent(name)}/pause`);
  }

  async stop(name: string): Promise<void> {
    await this.#http.send('PUT', `/connectors/${encodeURIComponent(name)}/stop`);
  }

  async resume(name: string): Promise<void> {
    await this.#http.send('PUT', `/connectors/${encodeURIComponent(name)}/resume`);
  }

  async restart(name: string, onlyFailed: boolean): Promise<void> {
    await this.#http.send(
      'POST',
      `/connectors/${encodeURIComponent(name)}/restart?includeTasks=true&onlyFailed=${onlyFailed}`,
    );
  }

  /** Whatever else is asked, with the answer as it is: secrets of the connector may be in it. */
  pass(method: string, path: string, body: unknown): Promise<WorkerAnswer> {
    return this.#http.pass(method, path, body);
  }

  async #found(method: string, path: string): Promise<unknown> {
    try {
      return await this.#http.send(method, path);
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return null;
      throw error;
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
