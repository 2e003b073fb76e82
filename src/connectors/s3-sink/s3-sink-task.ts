import type { S3Client } from '../../aws/s3/s3-client.ts';
import { S3Error } from '../../aws/s3/s3-error.ts';
import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { RetriableError } from '../kernel/task-errors.ts';
import { objectFolder, objectStem } from './object-names.ts';
import { TopicPartitionWriter, type WriterOptions } from './topic-partition-writer.ts';

interface Running {
  readonly context: SinkTaskContext;
  readonly s3: S3Client;
  readonly options: WriterOptions;
}

/**
 * Writes the partitions that it has into objects; an offset is committed once all records before it are in
 * S3.
 */
export class S3SinkTask implements SinkTask {
  readonly #makeClient: (world: SinkTaskContext['world']) => S3Client;
  readonly #makeOptions: (world: SinkTaskContext['world']) => WriterOptions;
  readonly #writers = new Map<string, TopicPartitionWriter>();
  #running: Running | null = null;

  constructor(
    makeClient: (world: SinkTaskContext['world']) => S3Client,
    makeOptions: (world: SinkTaskContext['world']) => WriterOptions,
  ) {
    this.#makeClient = makeClient;
    this.#makeOptions = makeOptions;
  }

  async start(context: SinkTaskContext): Promise<void> {
    const s3 = this.#makeClient(context.world);
    const options = this.#makeOptions(context.world);
    this.#running = { context, s3, options };
    await retriable(() => s3.headBucket(options.bucket));
  }

  async open(partitions: readonly TopicPartition[]): Promise<void> {
    const { context, s3, options } = this.#started();
    for (const one of partitions)
      this.#writers.set(partitionKey(one), new TopicPartitionWriter(s3, options, context, one));
    await Promise.all(partitions.map((one) => this.#abortLeftovers(one)));
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    const byPartition = new Map<TopicPartitionWriter, SinkRecord[]>();
    for (const record of records) {
      const writer = this.#writers.get(
        partitionKey({ topic: record.originalTopic, partition: record.originalPartition }),
      );
      if (!writer) continue;
      const list = byPartition.get(writer);
      if (list) list.push(record);
      else byPartition.set(writer, [record]);
    }
    // All end before this does: what goes on alone would meet the next call.
    await all([...byPartition].map(([writer, list]) => retriable(() => writer.write(list))));
    await all([...this.#writers.values()].map((writer) => retriable(() => writer.tick())));
    await this.#relieve();
  }

  async preCommit(offsets: readonly PartitionOffset[]): Promise<readonly PartitionOffset[]> {
    return offsets.flatMap(({ topic, partition, offset: taken }) => {
      const offset = this.#writers.get(partitionKey({ topic, partition }))?.committable(taken) ?? null;
      return offset === null ? [] : [{ topic, partition, offset }];
    });
  }

  async close(partitions: readonly TopicPartition[]): Promise<void> {
    await all(
      partitions.map(async (one) => {
        const writer = this.#writers.get(partitionKey(one));
        this.#writers.delete(partitionKey(one));
        await this.#abandon(writer);
      }),
    );
  }

  async stop(): Promise<void> {
    await all([...this.#writers.values()].map((writer) => this.#abandon(writer)));
    this.#writers.clear();
    this.#running?.s3.close();
  }

  async #relieve(): Promise<void> {
    const { bufferBytes } = this.#started().context;
    for (;;) {
      const held = [...this.#writers.values()]
        .map((writer) => ({ writer, bytes: writer.heldBytes }))
        .sort((one, other) => other.bytes - one.bytes);
      const [largest] = held;
      if (!largest || held.reduce((sum, { bytes }) => sum + bytes, 0) <= bufferBytes) return;
      const { writer } = largest;
      await retriable(() => writer.relieve());
      // It reads again what an earlier task has decided, and holds that until its end.
      if (writer.heldBytes >= largest.bytes) return;
    }
  }

  /** What a task that was killed had begun and not completed is paid for, and nobody else deletes it. */
  async #abortLeftovers({ topic, partition }: TopicPartition): Promise<void> {
    const { context, s3, options } = this.#started();
    const { names, bucket } = options;
    const stem = `${names.directoryDelimiter}${objectStem(names, topic, partition)}`;
    try {
      for (const { key, uploadId } of await s3.openUploads(bucket, objectFolder(names, topic, '')))
        if (key.includes(stem)) await s3.abortMultipart({ bucket, key }, uploadId);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      context.world.log.warn('uploads that an earlier task left could not be aborted', {
        topic,
        partition,
        error: error.message,
      });
    }
  }

  async #abandon(writer: TopicPartitionWriter | undefined): Promise<void> {
    try {
      await writer?.abandon();
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      this.#started().context.world.log.warn('an upload could not be aborted', { error: error.message });
    }
  }

  #started(): Running {
    if (this.#running === null) throw new Error('the task has not started');
    return this.#running;
  }
}

/** Resolves or rejects when all have ended, with the first failure. */
async function all(running: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(running)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function retriable(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof S3Error && error.retriable)
      throw new RetriableError(error.message, { cause: error });
    throw error;
  }
}
