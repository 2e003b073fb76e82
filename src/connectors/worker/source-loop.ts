import { Backoff } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import { plainJsonText } from '../../base/plain-json.ts';
import type { World } from '../../base/world.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import type { Producer } from '../../kafka-client/producer/producer.ts';
import type { ProducerOptions, ProducerRecord } from '../../kafka-client/producer/producer-options.ts';
import type { SourceRecord } from '../kernel/connect-record.ts';
import { headerText } from '../kernel/header-text.ts';
import type { SourceTask } from '../kernel/source-task.ts';
import { RetriableError, TaskStopped } from '../kernel/task-errors.ts';
import { type TransformChain, TransformFailure } from '../transforms/transform-chain.ts';
import type { ActiveTopics } from './active-topics.ts';
import { type NewTopicSettings, NewTopics } from './new-topics.ts';
import type { OffsetStore } from './offset-store.ts';
import type { RecordErrors } from './record-errors.ts';
import type { Stage } from './record-failure.ts';
import { sizeOf } from './record-size.ts';
import type { Retries } from './retries.ts';
import type { NamedConverter } from './sink-records.ts';
import type { TaskLoop } from './task-loop.ts';
import { explained, transactionMs } from './transaction-time.ts';

/** Between attempts at what may go well in a moment. */
const RETRY = { firstMs: 200, lastMs: 10_000 };
/** A commit of a transaction whose answer did not come is asked for again so often. */
const MOST_COMMITS = 10;
/** Of the producer. */
const BUFFER_BYTES = 32 * 1024 ** 2;

export interface SourceLoopParts {
  readonly world: World;
  readonly client: KafkaClient;
  readonly task: SourceTask;
  readonly key: NamedConverter;
  readonly value: NamedConverter;
  readonly transforms: TransformChain;
  readonly errors: RecordErrors;
  /** Of transforms and converters. */
  readonly retries: Retries;
  readonly offsets: OffsetStore;
  readonly activeTopics: Pick<ActiveTopics, 'add'>;
}

export interface SourceLoopOptions {
  /** Of the connector. */
  readonly name: string;
  readonly taskId: number;
  /** As Kafka Connect has it, so that whoever ran this task before is fenced: `GROUP-NAME-TASK`. */
  readonly transactionalId: string;
  readonly producer: ProducerOptions;
  /** How long a transaction takes records after its first ones; 0: those of one `poll`. */
  readonly collectMs: number;
  /** Of topics that are made when they are not there; null: none is made. */
  readonly newTopics: NewTopicSettings | null;
}

/** Brings the records of a source's task into Kafka, each with the offset behind it in one transaction. */
export class SourceLoop implements TaskLoop {
  readonly #parts: SourceLoopParts;
  readonly #options: SourceLoopOptions;
  readonly #producer: Producer;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(RETRY);
  readonly #topics: NewTopics;
  readonly #ofKey = (record: SourceRecord): Uint8Array | null =>
    this.#parts.key.converter.fromConnect(record.keySchema, record.key);
  readonly #ofValue = (record: SourceRecord): Uint8Array | null =>
    this.#parts.value.converter.fromConnect(record.valueSchema, record.value);
  #isWorking = false;
  /** What the task asked for before it is polled again. */
  #waitMs = 0;
  #progressedAt: number;

  constructor(parts: SourceLoopParts, options: SourceLoopOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#producer = parts.client.producer({
      ...options.producer,
      transactionalId: options.transactionalId,
      transactionTimeoutMs: transactionMs(options.collectMs),
    });
    this.#topics = new NewTopics(parts.client.admin.topics, options.newTopics);
    this.#progressedAt = parts.world.clock.monotonic();
  }

  get isWorking(): boolean {
    return this.#isWorking;
  }

  get progressedAt(): number {
    return this.#progressedAt;
  }

  stop(): void {
    this.#stopping.abort();
    this.#parts.retries.stop();
  }

  async run(): Promise<void> {
    const { world, client, task, offsets } = this.#parts;
    const { name, taskId } = this.#options;
    const { signal } = this.#stopping;
    try {
      // From here on nobody who had the task before can write: what is stored stays as it is read.
      try {
        await this.#producer.begin();
      } catch (error) {
        throw explained(error, this.#options.collectMs);
      }
      await this.#producer.abort();
      await offsets.load(client, signal);
      await task.start({
        world,
        name,
        taskId,
        signal,
        offset: async (partition) => offsets.offset(partition),
      });
      this.#isWorking = true;
      while (!signal.aborted) {
        const records = await this.#polled();
        if (records.length > 0) await this.#transaction(records);
        await this.#untilAgain();
        this.#progressedAt = world.clock.monotonic();
      }
    } catch (error) {
      // What it was at is read again when it starts.
      if (!(error instanceof TaskStopped)) throw error;
    } finally {
      try {
        await task.stop();
      } finally {
        await this.#producer.close();
        client.close();
      }
    }
  }

  /** The next records; none where the task asks for time, which `#untilAgain` gives it. */
  async #polled(): Promise<readonly SourceRecord[]> {
    const { world, task } = this.#parts;
    try {
      const records = await task.poll();
      this.#backoff.succeeded();
      return records;
    } catch (error) {
      if (!(error instanceof RetriableError)) throw error;
      this.#waitMs = error.retryAfterMs ?? this.#backoff.failed();
      world.log.warn(`${this.#options.name} reads again in ${this.#waitMs} ms: ${error.message}`, { error });
      return [];
    }
  }

  async #untilAgain(): Promise<void> {
    const waitMs = this.#waitMs;
    this.#waitMs = 0;
    if (waitMs > 0) await sleep(this.#parts.world.clock, waitMs);
  }

  /**
   * These records, and those that the task has within `collectMs`, with the offsets behind them. Each poll is
   * sent before the next one, as Kafka Connect does it: no more is held than one of them and what the
   * producer buffers.
   */
  async #transaction(first: readonly SourceRecord[]): Promise<void> {
    const { world, task } = this.#parts;
    const { clock } = world;
    const until = clock.monotonic() + this.#options.collectMs;
    // Of each part of the source the last one counts.
    const behind = new Map<string, ProducerRecord>();
    await this.#producer.begin();
    try {
      await this.#write(first, behind);
      // A task that asks for time does not get it from an open transaction, which has an end of its own.
      while (clock.monotonic() < until && !this.#stopping.signal.aborted && this.#waitMs === 0) {
        await this.#write(await this.#polled(), behind);
        this.#progressedAt = clock.monotonic();
      }
      await this.#send([...behind.values()]);
      await this.#commit();
    } catch (error) {
      await this.#abort();
      throw error;
    }
    await task.commit();
  }

  /** `behind`: gets the offsets. */
  async #write(records: readonly SourceRecord[], behind: Map<string, ProducerRecord>): Promise<void> {
    const { offsets, activeTopics } = this.#parts;
    const written: ProducerRecord[] = [];
    for (const record of records) {
      const made = await this.#made(record);
      if (made) written.push(made);
      behind.set(
        plainJsonText(record.sourcePartition),
        offsets.record(record.sourcePartition, record.sourceOffset),
      );
    }
    await this.#topics.have(written.map(({ topic }) => topic));
    await this.#send(written);
    for (const { topic } of written) activeTopics.add(topic);
  }

  /**
   * Null where a transform leaves it out, and where it cannot be transformed or converted, and that is
   * tolerated.
   */
  async #made(original: SourceRecord): Promise<ProducerRecord | null> {
    const { key, value, transforms, errors, retries } = this.#parts;
    let stage: Stage = 'KEY_CONVERTER';
    try {
      let record = transforms.apply(original, retries);
      if (record instanceof Promise) record = await record;
      if (record === null) return null;
      let keyBytes = retries.run(this.#ofKey, record);
      if (keyBytes instanceof Promise) keyBytes = await keyBytes;
      stage = 'VALUE_CONVERTER';
      let valueBytes = retries.run(this.#ofValue, record);
      if (valueBytes instanceof Promise) valueBytes = await valueBytes;
      return {
        topic: record.topic,
        key: keyBytes,
        value: valueBytes,
        headers: record.headers.map((header) => ({
          key: header.key,
          value: header.value === null ? null : Buffer.from(headerText(header.value, header.schema)),
        })),
        ...(record.partition === null ? {} : { partition: record.partition }),
        ...(record.timestamp === null ? {} : { timestamp: record.timestamp }),
      };
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TaskStopped) throw error;
      const { className } = stage === 'KEY_CONVERTER' ? key : value;
      await errors.failed(
        error instanceof TransformFailure
          ? { ...error.failure, record: null }
          : { stage, className, error, record: null },
      );
      return null;
    }
  }

  /**
   * All at once, as far as the producer has room for them in their order; the first error counts, once all
   * have an end.
   */
  async #send(records: readonly ProducerRecord[]): Promise<void> {
    const share = (this.#options.producer.bufferBytes ?? BUFFER_BYTES) / 4;
    const failures: unknown[] = [];
    const sent: Promise<unknown>[] = [];
    let bytes = 0;
    for (const record of records) {
      if (failures.length > 0) break;
      const own = sizeOf(record);
      bytes += own;
      if (bytes > share) {
        // Less than half of its buffer is taken then, and nothing of it before a record that alone takes more
        // than a share.
        await (own > share ? this.#producer.flush() : this.#producer.room());
        bytes = own;
      }
      sent.push(this.#producer.send(record).catch((error: unknown) => failures.push(error)));
    }
    await Promise.all(sent);
    if (failures.length > 0) throw failures[0];
  }

  async #commit(): Promise<void> {
    for (let times = 1; ; times++)
      try {
        await this.#producer.commit();
        return;
      } catch (error) {
        if (!(error instanceof KafkaClientError && error.retriable) || times >= MOST_COMMITS) throw error;
      }
  }

  async #abort(): Promise<void> {
    try {
      await this.#producer.abort();
    } catch (error) {
      // Whoever has the task next aborts it, or it is fenced already.
      if (!(error instanceof KafkaClientError)) throw error;
      this.#parts.world.log.warn(
        `A transaction of ${this.#options.name} could not be aborted: ${error.message}`,
        {
          error,
        },
      );
    }
  }
}
