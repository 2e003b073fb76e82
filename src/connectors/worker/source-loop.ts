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
import type { OffsetStore } from './offset-store.ts';
import type { RecordErrors } from './record-errors.ts';
import type { Stage } from './record-failure.ts';
import type { Retries } from './retries.ts';
import type { NamedConverter } from './sink-records.ts';
import type { TaskLoop } from './task-loop.ts';

/** Between attempts at what may go well in a moment. */
const RETRY = { firstMs: 200, lastMs: 10_000 };
/** A commit of a transaction whose answer did not come is asked for again so often. */
const MOST_COMMITS = 10;
/** Of the producer. */
const BUFFER_BYTES = 32 * 1024 ** 2;
/** What a record takes beside its key and value. */
const OVERHEAD_BYTES = 100;

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
}

export interface SourceLoopOptions {
  /** Of the connector. */
  readonly name: string;
  readonly taskId: number;
  /** As Kafka Connect has it, so that whoever ran this task before is fenced: `GROUP-NAME-TASK`. */
  readonly transactionalId: string;
  readonly producer: ProducerOptions;
  /** How long a transaction collects records; 0: each `poll` has one. */
  readonly collectMs: number;
  /** Of topics that are made when they are not there; null: none is made. */
  readonly newTopics: { readonly partitions: number; readonly replicationFactor: number } | null;
}

/** Brings the records of a source's task into Kafka, each with the offset behind it in one transaction. */
export class SourceLoop implements TaskLoop {
  readonly #parts: SourceLoopParts;
  readonly #options: SourceLoopOptions;
  readonly #producer: Producer;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(RETRY);
  readonly #topics = new Set<string>();
  readonly #ofKey = (record: SourceRecord): Uint8Array | null =>
    this.#parts.key.converter.fromConnect(record.keySchema, record.key);
  readonly #ofValue = (record: SourceRecord): Uint8Array | null =>
    this.#parts.value.converter.fromConnect(record.valueSchema, record.value);
  #isWorking = false;
  #progressedAt: number;

  constructor(parts: SourceLoopParts, options: SourceLoopOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#producer = parts.client.producer({ ...options.producer, transactionalId: options.transactionalId });
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
      // Whoever had the task before cannot write any more from here on, so what is stored stays as it is
      // read.
      await this.#producer.begin();
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
        const records = await this.#collected();
        if (records.length > 0) await this.#write(records);
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

  async #collected(): Promise<readonly SourceRecord[]> {
    const { clock } = this.#parts.world;
    const until = clock.monotonic() + this.#options.collectMs;
    let records = await this.#polled();
    while (clock.monotonic() < until && !this.#stopping.signal.aborted)
      records = [...records, ...(await this.#polled())];
    return records;
  }

  async #polled(): Promise<readonly SourceRecord[]> {
    const { world, task } = this.#parts;
    try {
      const records = await task.poll();
      this.#backoff.succeeded();
      return records;
    } catch (error) {
      if (!(error instanceof RetriableError)) throw error;
      const waitMs = error.retryAfterMs ?? this.#backoff.failed();
      world.log.warn(`${this.#options.name} reads again in ${waitMs} ms: ${error.message}`, { error });
      await sleep(world.clock, waitMs);
      return [];
    }
  }

  async #write(records: readonly SourceRecord[]): Promise<void> {
    const { task, offsets } = this.#parts;
    const written: ProducerRecord[] = [];
    // Of each part of the source the last one counts.
    const behind = new Map<string, ProducerRecord>();
    for (const record of records) {
      const made = await this.#made(record);
      if (made) written.push(made);
      behind.set(
        plainJsonText(record.sourcePartition),
        offsets.record(record.sourcePartition, record.sourceOffset),
      );
    }
    await this.#makeTopics(written);
    await this.#producer.begin();
    try {
      await this.#send([...written, ...behind.values()]);
      await this.#commit();
    } catch (error) {
      await this.#abort();
      throw error;
    }
    await task.commit();
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

  async #makeTopics(records: readonly ProducerRecord[]): Promise<void> {
    const { newTopics } = this.#options;
    const missing = new Set(records.flatMap(({ topic }) => (this.#topics.has(topic) ? [] : [topic])));
    if (missing.size === 0) return;
    const { topics } = this.#parts.client.admin;
    const there = new Set((await topics.list()).map(({ name }) => name));
    for (const name of missing) {
      if (!there.has(name)) {
        if (!newTopics)
          throw new Error(
            `The topic ${name} does not exist: create it, or give the connector topic.creation.default.partitions and topic.creation.default.replication.factor.`,
          );
        try {
          await topics.create({ name, ...newTopics, configs: new Map() });
        } catch (error) {
          if (!(error instanceof KafkaClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
        }
      }
      this.#topics.add(name);
    }
  }
}

function sizeOf({ key, value, headers = [] }: ProducerRecord): number {
  let bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += header.key.length * 3 + (header.value?.length ?? 0);
  return bytes;
}
