import type { World } from '../../base/world.ts';
import type { Consumer } from '../../kafka-client/consumer/consumer.ts';
import type { ConsumerOptions } from '../../kafka-client/consumer/consumer-options.ts';
import type { SinkTask } from '../kernel/sink-task.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { RecordErrors } from './record-errors.ts';
import type { Retries } from './retries.ts';
import type { SinkRecords } from './sink-records.ts';
import type { SinkTopics, TopicLister } from './sink-topics.ts';

/** What a SinkLoop needs of a KafkaClient. */
export interface SinkClient {
  readonly admin: TopicLister;
  consumer(options: ConsumerOptions): SinkConsumer;
  close(): void;
}

export type SinkConsumer = Pick<
  Consumer,
  'poll' | 'subscribe' | 'changeTopics' | 'seek' | 'pause' | 'resume' | 'commit' | 'close'
>;

export interface SinkLoopParts {
  readonly world: World;
  readonly client: SinkClient;
  readonly task: SinkTask;
  readonly records: SinkRecords;
  readonly errors: RecordErrors;
  /** Of `records`. */
  readonly retries: Retries;
  readonly queue: DeadLetterQueue | null;
}

export interface SinkLoopOptions {
  /** Of the connector. */
  readonly name: string;
  /** Of the class, for the headers of records that it reports. */
  readonly taskClass: string;
  readonly taskId: number;
  readonly topics: SinkTopics;
  /** Where a pattern says which these are, others are looked for so often. */
  readonly topicsEveryMs: number;
  readonly consumer: ConsumerOptions;
  readonly commitEveryMs: number;
  /** Of what the task has taken and not written. */
  readonly bufferBytes: number;
}
