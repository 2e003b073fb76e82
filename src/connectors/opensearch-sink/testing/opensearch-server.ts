import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { fields } from '../answer-fields.ts';

interface Document {
  readonly version: number;
  /** Null: deleted. */
  readonly source: Readonly<Record<string, unknown>> | null;
}

/**
 * What the sink asks of OpenSearch, with answers as OpenSearch 2.19.6 gave them when they were recorded: the
 * error objects are copies of its own. It knows external versions, upserts, data streams, and one type of
 * field: `integer`, by name in an index's mapping.
 */
export class OpenSearchTestServer {
  readonly indexes = new Map<string, Map<string, Document>>();
  readonly mappings = new Map<string, Readonly<Record<string, unknown>>>();
  readonly streams = new Set<string>();
  readonly templates = new Set<string>();
  readonly requests: string[] = [];
  /**
   * Asked before a request is answered: a status to give instead, with OpenSearch's error of a full queue.
   */
  fault: (request: string) => number | null = () => null;
  /** Asked for each operation: whether the queue is full. */
  isBusy: (id: string) => boolean = () => false;
  /** Bytes of a request. */
  most = Number.POSITIVE_INFINITY;
  readonly #server: Server;

  constructor(authorization: string | null = null) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const sent = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString();
      const asked = `${request.method} ${request.url}`;
      this.requests.push(asked);
      const fault = this.fault(asked);
      const answer =
        authorization !== null && request.headers.authorization !== authorization
          ? { status: 401, body: null }
          : fault !== null
            ? { status: fault, body: { error: REJECTED, status: fault } }
            : sent.length > this.most
              ? { status: 413, body: null }
              : this.#answer(request.method ?? '', decodeURIComponent(request.url ?? ''), text);
      const body = answer.body === null ? '' : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  }

  /** Resolves with its address. */
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

  #answer(
    method: string,
    path: string,
    text: string,
  ): { readonly status: number; readonly body: object | null } {
    if (path === '/')
      return { status: 200, body: { version: { distribution: 'opensearch', number: '2.19.6' } } };
    if (path === '/_bulk') return { status: 200, body: this.#bulk(text) };
    const [, first = '', second = ''] = path.split('/');
    if (first === '_index_template') {
      this.templates.add(second);
      return { status: 200, body: { acknowledged: true } };
    }
    if (first === '_data_stream' && method === 'GET')
      return this.streams.has(second)
        ? { status: 200, body: { data_streams: [{ name: second }] } }
        : notFound(second);
    if (first === '_data_stream') {
      const type = 'illegal_argument_exception';
      const reason = `no matching index template found for data stream [${second}]`;
      if (!this.templates.has(second)) return { status: 400, body: { error: { type, reason }, status: 400 } };
      this.streams.add(second);
      this.indexes.set(second, new Map());
      return { status: 200, body: { acknowledged: true } };
    }
    if (second === '_mapping' && method === 'GET')
      return { status: 200, body: { [first]: { mappings: this.mappings.get(first) ?? {} } } };
    if (second === '_mapping') {
      this.mappings.set(first, fields(JSON.parse(text)));
      return { status: 200, body: { acknowledged: true } };
    }
    const { mappings } = fields(JSON.parse(text || '{}'));
    if (method === 'HEAD') return { status: this.indexes.has(first) ? 200 : 404, body: null };
    if (first !== first.toLowerCase())
      return { status: 400, body: { error: { type: 'invalid_index_name_exception' } } };
    this.indexes.set(first, new Map());
    if (mappings !== undefined) this.mappings.set(first, fields(mappings));
    return { status: 200, body: { acknowledged: true, shards_acknowledged: true, index: first } };
  }

  #bulk(text: string): object {
    const lines = text.split('\n').filter((line) => line !== '');
    const items: object[] = [];
    for (let at = 0; at < lines.length; at++) {
      const [[action, meta] = ['', null]] = Object.entries(fields(JSON.parse(lines[at] ?? '')));
      const source = action === 'delete' ? null : JSON.parse(lines[++at] ?? 'null');
      items.push({ [action]: this.#operation(action, fields(meta), source) });
    }
    return { took: 1, errors: true, items };
  }

  #operation(action: string, meta: Readonly<Record<string, unknown>>, source: unknown): object {
    const index = String(meta._index);
    const id = String(meta._id);
    if (this.isBusy(id)) return { _index: index, _id: id, status: 429, error: REJECTED };
    const documents = this.indexes.get(index) ?? new Map<string, Document>();
    this.indexes.set(index, documents);
    const known = documents.get(id);
    const version = typeof meta.version === 'number' ? meta.version : (known?.version ?? 0) + 1;
    const conflict = (reason: string) => ({
      ...{ _index: index, _id: id, status: 409 },
      error: {
        type: 'version_conflict_engine_exception',
        reason: `[${id}]: version conflict, ${reason}`,
        index,
      },
    });
    if (meta.version_type === 'external' && known && known.version >= version)
      return conflict(
        `current version [${known.version}] is higher or equal to the one provided [${version}]`,
      );
    if (action === 'create' && known)
      return conflict(`document already exists (current version [${known.version}])`);
    if (action === 'delete') {
      documents.set(id, { version, source: null });
      const isThere = known?.source !== undefined && known.source !== null;
      return {
        _index: index,
        _id: id,
        _version: version,
        result: isThere ? 'deleted' : 'not_found',
        status: isThere ? 200 : 404,
      };
    }
    const given = fields(action === 'update' ? fields(source).doc : source);
    const wrong = this.#malformed(index, id, given);
    if (wrong !== null) return { _index: index, _id: id, status: 400, error: wrong };
    documents.set(id, { version, source: action === 'update' ? { ...known?.source, ...given } : given });
    return { _index: index, _id: id, _version: version, result: 'created', status: 201 };
  }

  #malformed(index: string, id: string, source: Readonly<Record<string, unknown>>): object | null {
    if (this.streams.has(index) && source['@timestamp'] === undefined) return NO_TIMESTAMP;
    const { properties } = fields(this.mappings.get(index));
    const wrong = Object.entries(source).find(
      ([name, value]) =>
        fields(fields(properties)[name]).type === 'integer' && !Number.isInteger(Number(value)),
    );
    if (!wrong) return null;
    return {
      type: 'mapper_parsing_exception',
      reason: `failed to parse field [${wrong[0]}] of type [integer] in document with id '${id}'. Preview of field's value: '${wrong[1]}'`,
      caused_by: { type: 'number_format_exception', reason: `For input string: "${wrong[1]}"` },
    };
  }
}

const REJECTED = {
  type: 'rejected_execution_exception',
  reason: 'rejected execution of coordinating operation [coordinating_and_primary_bytes=0, replica_bytes=0]',
};
const NO_TIMESTAMP = {
  type: 'mapper_parsing_exception',
  reason: 'failed to parse',
  caused_by: {
    type: 'illegal_argument_exception',
    reason: "documents must contain a single-valued timestamp field '@timestamp' of date type",
  },
};

function notFound(name: string): { status: number; body: object } {
  return {
    status: 404,
    body: { error: { type: 'index_not_found_exception', reason: `no such index [${name}]` }, status: 404 },
  };
}
