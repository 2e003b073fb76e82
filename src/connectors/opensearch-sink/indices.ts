import type { Schema } from '../kernel/schema.ts';
import { errorText, fields } from './answer-fields.ts';
import { mappingOf } from './mapping.ts';
import type { OpenSearchAnswer, OpenSearchClient } from './opensearch-client.ts';
import type { Attempt } from './retries.ts';

/** Another task was faster. */
const EXISTS = 'resource_already_exists_exception';

/** A request that is sent again after what may pass. */
export type Retried = <T>(attempt: () => Promise<Attempt<T>>) => Promise<T>;

interface IndicesOptions {
  readonly isDataStream: boolean;
  /** Indexes get their mapping from the schema of their first record. */
  readonly mapsSchemas: boolean;
  readonly compactsMaps: boolean;
}

/** Sees to it that indexes and data streams are there before documents come, each once. */
export class Indices {
  readonly #client: OpenSearchClient;
  readonly #options: IndicesOptions;
  readonly #signal: AbortSignal;
  readonly #retried: Retried;
  /** By their names: whether nothing is left to do also for records with a schema. */
  readonly #ready = new Map<string, boolean>();

  constructor(client: OpenSearchClient, options: IndicesOptions, signal: AbortSignal, retriedBy: Retried) {
    this.#client = client;
    this.#options = options;
    this.#signal = signal;
    this.#retried = retriedBy;
  }

  /** Rejects when it cannot be made. */
  async prepare(name: string, schema: Schema | null): Promise<void> {
    const wantsMapping = this.#options.mapsSchemas && schema?.type === 'STRUCT';
    const known = this.#ready.get(name);
    if (known === true || (known === false && !wantsMapping)) return;
    if (this.#options.isDataStream) await this.#makeDataStream(name);
    else if (known === undefined) await this.#makeIndex(name);
    if (wantsMapping && schema && !this.#options.isDataStream) await this.#map(name, schema);
    this.#ready.set(name, wantsMapping || !this.#options.mapsSchemas);
  }

  async #makeIndex(name: string): Promise<void> {
    if ((await this.#ask('HEAD', `/${encodeURIComponent(name)}`)).status !== 404) return;
    await this.#ask('PUT', `/${encodeURIComponent(name)}`, {}, [EXISTS]);
  }

  /** Only where there is no mapping yet: what somebody has said of fields stays. */
  async #map(name: string, schema: Schema): Promise<void> {
    const path = `/${encodeURIComponent(name)}/_mapping`;
    const [index] = Object.values(fields((await this.#ask('GET', path)).body));
    if (Object.keys(fields(fields(fields(index).mappings).properties)).length > 0) return;
    await this.#ask('PUT', path, mappingOf(schema, this.#options.compactsMaps));
  }

  /**
   * OpenSearch makes data streams only of templates: where none fits, there is one of the stream's own name.
   */
  async #makeDataStream(name: string): Promise<void> {
    const path = `/_data_stream/${encodeURIComponent(name)}`;
    if ((await this.#ask('GET', path)).status !== 404) return;
    const first = await this.#ask('PUT', path, undefined, ['illegal_argument_exception', EXISTS]);
    if (first.status === 200) return;
    if (fields(fields(first.body).error).type === EXISTS) return;
    await this.#ask('PUT', `/_index_template/${encodeURIComponent(name)}`, {
      ...{ index_patterns: [name], data_stream: {}, priority: 100 },
    });
    await this.#ask('PUT', path, undefined, [EXISTS]);
  }

  /** Rejects with errors other than 404 and those of the types `but`. */
  #ask(method: string, path: string, body?: object, but: readonly string[] = []): Promise<OpenSearchAnswer> {
    return this.#retried(async (): Promise<Attempt<OpenSearchAnswer>> => {
      const sent = body && { text: JSON.stringify(body), type: 'application/json' as const };
      const answer = await this.#client.send(method, path, this.#signal, sent);
      const { error } = fields(answer.body);
      const said = `${method} ${path} was answered with ${answer.status}: ${errorText(error)}`;
      if (answer.status === 429 || answer.status >= 500) return { again: said };
      const isRefused = answer.status >= 400 && answer.status !== 404;
      if (isRefused && !but.includes(String(fields(error).type))) throw new Error(`${said}.`);
      if (answer.status === 404 && method === 'PUT') throw new Error(`${said}.`);
      return { value: answer };
    });
  }
}
