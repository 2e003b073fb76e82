import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import type { Producer } from '../../kafka-client/producer/producer.ts';
import { javaClassOf, type RecordFailure } from './record-failure.ts';

const PREFIX = '__connect.errors.';

interface QueueOptions {
  readonly topic: string;
  readonly replicationFactor: number;
  readonly hasHeaders: boolean;
  /** Of the connector. */
  readonly name: string;
  readonly taskId: number;
  /** Of records that are on their way there; a single larger one is taken all the same. */
  readonly bufferBytes: number;
}

/**
 * The topic of records that could not be written elsewhere: as they were, and in headers why, under Kafka
 * Connect's names.
 */
export class DeadLetterQueue {
  readonly #client: KafkaClient;
  readonly #producer: Producer;
  readonly #options: QueueOptions;
  #isMade: Promise<void> | null = null;

  constructor(client: KafkaClient, options: QueueOptions) {
    this.#client = client;
    this.#producer = client.producer({ bufferBytes: options.bufferBytes });
    this.#options = options;
  }

  /** Resolves when the record is there; rejects with a KafkaClientError. */
  async send(
    failure: RecordFailure & { readonly record: NonNullable<RecordFailure['record']> },
  ): Promise<void> {
    this.#isMade ??= this.#make();
    await this.#isMade;
    const { record } = failure;
    const timestamp = Number(record.timestamp);
    for (;;)
      try {
        await this.#producer.send({
          topic: this.#options.topic,
          key: record.key,
          value: record.value,
          headers: [...record.headers, ...(this.#options.hasHeaders ? this.#headers(failure) : [])],
          ...(timestamp >= 0 ? { timestamp } : {}),
        });
        return;
      } catch (error) {
        if (!(error instanceof KafkaClientError && error.code === 'BUFFER_FULL')) throw error;
        await this.#producer.room();
      }
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  async #make(): Promise<void> {
    const { topic: name, replicationFactor } = this.#options;
    const topics = await this.#client.admin.topics.list();
    if (topics.some((topic) => topic.name === name)) return;
    try {
      await this.#client.admin.topics.create({ name, partitions: 1, replicationFactor, configs: new Map() });
    } catch (error) {
      if (!(error instanceof KafkaClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }

  #headers({ stage, className, error, record }: RecordFailure) {
    const { name, taskId } = this.#options;
    const texts: Record<string, string> = {
      topic: record?.topic ?? '',
      partition: String(record?.partition ?? ''),
      offset: String(record?.offset ?? ''),
      'connector.name': name,
      'task.id': String(taskId),
      stage,
      'class.name': className,
      'exception.class.name': javaClassOf(error),
      'exception.message': error.message,
      'exception.stacktrace': error.stack ?? '',
    };
    return Object.entries(texts).map(([key, text]) => ({ key: `${PREFIX}${key}`, value: Buffer.from(text) }));
  }
}
