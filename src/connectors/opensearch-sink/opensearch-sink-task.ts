import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { DataError } from '../kernel/task-errors.ts';
import { errorText, fields } from './answer-fields.ts';
import { bulkResult } from './bulk-item.ts';
import { type BulkOperation, bulkOperation, type OperationStyle } from './bulk-operation.ts';
import { Indices, type Retried } from './indices.ts';
import { OpenSearchClient, type OpenSearchOptions } from './opensearch-client.ts';
import { type Attempt, type RequestRetryLimits, retried } from './retries.ts';

export interface OpenSearchSinkOptions {
  readonly client: OpenSearchOptions;
  readonly style: OperationStyle;
  readonly mapsSchemas: boolean;
  /** Records of one bulk request, and its bytes. */
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly maxInFlight: number;
  /** How long less than a batch may wait for more. */
  readonly lingerMs: number;
  readonly maxBuffered: number;
  readonly retries: RequestRetryLimits;
  readonly malformed: 'fail' | 'ignore' | 'warn';
}

/** What a document takes beside its text: what it was made of, and its copies in a request. */
const COPIES = 4;

interface Running {
  readonly context: SinkTaskContext;
  readonly client: OpenSearchClient;
  readonly indices: Indices;
}

/**
 * Writes records into indexes by bulk requests. Offsets are committed once OpenSearch has answered for all
 * records before them.
 */
export class OpenSearchSinkTask implements SinkTask {
  readonly #options: OpenSearchSinkOptions;
  #running: Running | null = null;
  #waiting: BulkOperation[] = [];
  #waitingBytes = 0;
  /** By the clock that never jumps: since when the first of them has waited. */
  #waitingSince = 0;

  constructor(options: OpenSearchSinkOptions) {
    this.#options = options;
  }

  async start(context: SinkTaskContext): Promise<void> {
    const client = new OpenSearchClient(this.#options.client);
    const retriedHere: Retried = (attempt) =>
      retried(context.world, this.#options.retries, context.signal, attempt);
    const { style, mapsSchemas } = this.#options;
    const indices = new Indices(
      client,
      { isDataStream: style.dataStream !== null, mapsSchemas, compactsMaps: style.compactsMaps },
      context.signal,
      retriedHere,
    );
    this.#running = { context, client, indices };
    await retriedHere(async () => {
      const { status, body } = await client.send('GET', '/', context.signal);
      if (status === 401 || status === 403)
        throw new Error(
          `${this.#options.client.urls.join(', ')} refuses these credentials with ${status}: connection.username and connection.password say others.`,
        );
      return status < 300
        ? { value: null }
        : { again: `GET / was answered with ${status}: ${errorText(fields(body).error)}` };
    });
  }

  async open(): Promise<void> {}

  async put(records: readonly SinkRecord[]): Promise<void> {
    const { context, indices } = this.#started();
    const { style, batchSize, maxBuffered, lingerMs } = this.#options;
    const {
      bufferBytes,
      world: { clock },
    } = context;
    for (const record of records)
      try {
        const operation = bulkOperation(record, style);
        if (operation === null) continue;
        await indices.prepare(style.indexOf(record.topic), record.valueSchema);
        if (this.#waiting.length === 0) this.#waitingSince = clock.monotonic();
        this.#waiting.push(operation);
        this.#waitingBytes += COPIES * operation.text.length;
        if (this.#waiting.length >= Math.max(maxBuffered, batchSize) || this.#waitingBytes >= bufferBytes)
          await this.#sendWaiting();
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        await context.report(record, error);
      }
    const hasWaited = clock.monotonic() - this.#waitingSince >= lingerMs;
    if (hasWaited || this.#waiting.length >= batchSize) await this.#sendWaiting();
  }

  async preCommit(offsets: readonly PartitionOffset[]): Promise<readonly PartitionOffset[]> {
    // A task that is stopped sends nothing any more: what waits is read again.
    if (this.#waiting.length > 0 && this.#started().context.signal.aborted) return [];
    await this.#sendWaiting();
    return offsets;
  }

  /**
   * What waits of them still was not committed: who has them now writes it, and perhaps what comes after it.
   */
  async close(partitions: readonly TopicPartition[]): Promise<void> {
    const gone = new Set(partitions.map(partitionKey));
    this.#waiting = this.#waiting.filter(
      ({ record: { originalTopic: topic, originalPartition: partition } }) =>
        !gone.has(partitionKey({ topic, partition })),
    );
    this.#waitingBytes = this.#waiting.reduce((sum, { text }) => sum + COPIES * text.length, 0);
  }

  async stop(): Promise<void> {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  async #sendWaiting(): Promise<void> {
    const batches = this.#batches(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    const { style, maxInFlight } = this.#options;
    // Upserts have no version that would put them in order again.
    const atOnce = style.writeMethod === 'upsert' ? 1 : maxInFlight;
    const send = async (): Promise<void> => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) await this.#send(batch);
    };
    const settled = await Promise.allSettled(Array.from({ length: atOnce }, send));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #batches(operations: readonly BulkOperation[]): BulkOperation[][] {
    const batches: BulkOperation[][] = [];
    let batch: BulkOperation[] = [];
    let bytes = 0;
    for (const operation of operations) {
      if (
        batch.length >= this.#options.batchSize ||
        (batch.length > 0 && bytes + operation.text.length > this.#options.batchBytes)
      ) {
        batches.push(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(operation);
      bytes += operation.text.length;
    }
    if (batch.length > 0) batches.push(batch);
    return batches;
  }

  async #send(batch: readonly BulkOperation[]): Promise<void> {
    const { context, client } = this.#started();
    let left = batch;
    await retried(context.world, this.#options.retries, context.signal, async (): Promise<Attempt<null>> => {
      const body = { text: left.map(({ text }) => text).join(''), type: 'application/x-ndjson' as const };
      const { status, body: answer } = await client.send('POST', '/_bulk', context.signal, body);
      const { error, items } = fields(answer);
      const said = `POST /_bulk was answered with ${status}: ${errorText(error)}`;
      if (status === 413) return this.#sendSmaller(left, said);
      if (status === 429 || status >= 500) return { again: said };
      if (status >= 300 || !Array.isArray(items) || items.length !== left.length) throw new Error(`${said}.`);
      const before = left.length;
      let reason = '';
      const again: BulkOperation[] = [];
      for (const [at, operation] of left.entries()) {
        const result = bulkResult(items[at]);
        if (result.type === 'done') continue;
        if (result.type === 'failed') throw new Error(`OpenSearch refuses documents: ${result.reason}.`);
        if (result.type === 'malformed') await this.#malformed(operation.record, result.reason);
        else {
          again.push(operation);
          reason = result.reason;
        }
      }
      left = again;
      return left.length === 0 ? { value: null } : { again: reason, hasProgress: left.length < before };
    });
  }

  /** The request is larger than the server takes: in halves, down to one document. */
  async #sendSmaller(batch: readonly BulkOperation[], said: string): Promise<Attempt<null>> {
    const [only] = batch;
    const half = Math.ceil(batch.length / 2);
    if (only && batch.length === 1) await this.#malformed(only.record, said);
    else for (const part of [batch.slice(0, half), batch.slice(half)]) await this.#send(part);
    return { value: null };
  }

  async #malformed(record: SinkRecord, reason: string): Promise<void> {
    const { context } = this.#started();
    const { topic, partition, offset } = record;
    if (this.#options.malformed === 'fail') return context.report(record, new DataError(reason));
    const level = this.#options.malformed === 'warn' ? 'warn' : 'debug';
    context.world.log[level]('a document was refused and is left out', { topic, partition, offset, reason });
  }

  #started(): Running {
    if (this.#running === null) throw new Error('the task has not started');
    return this.#running;
  }
}
