import { Backoff } from '../../base/backoff.ts';
import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { Consumer } from '../../kafka-client/consumer/consumer.ts';
import type { ConsumedRecord, ConsumerOptions } from '../../kafka-client/consumer/consumer-options.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { JavaPattern } from '../kernel/java-pattern.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { RetriableError, TaskStopped } from '../kernel/task-errors.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { partitionRuns } from './partition-runs.ts';
import type { RecordErrors } from './record-errors.ts';
import type { Retries } from './retries.ts';
import type { SinkRecords } from './sink-records.ts';
import type { TaskLoop } from './task-loop.ts';

/** A task is called so often even without records. */
const IDLE_MS = 1_000;
/** While its partitions are not known, or it is to be stopped. */
const POLL_MS = 200;
/** Between attempts to put the same records. */
const RETRY = { firstMs: 200, lastMs: 30_000 };

/** What it needs of a KafkaClient. */
export interface SinkClient {
  readonly admin: { readonly topics: Pick<KafkaClient['admin']['topics'], 'list'> };
  consumer(options: ConsumerOptions): SinkConsumer;
  close(): void;
}

type SinkConsumer = Pick<
  Consumer,
  'poll' | 'subscribe' | 'changeTopics' | 'seek' | 'pause' | 'resume' | 'commit' | 'close'
>;

/** Which topics a sink reads. */
export type SinkTopics = { readonly names: readonly string[] } | { readonly pattern: JavaPattern };

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

/**
 * Brings records of Kafka to a sink's task, and commits what the task has made durable. Everything that calls
 * the task waits in one line, because a consumer tells of a rebalance whenever it comes.
 */
export class SinkLoop implements TaskLoop {
  readonly #parts: SinkLoopParts;
  readonly #options: SinkLoopOptions;
  readonly #consumer: SinkConsumer;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(RETRY);
  readonly #assigned = new Map<string, TopicPartition>();
  /** Of each partition what follows the last record that the task took. */
  readonly #taken = new Map<string, PartitionOffset>();
  /** The same, once it has taken what is pending. */
  readonly #afterPut = new Map<string, PartitionOffset>();
  readonly #committed = new Map<string, number>();
  readonly #pausedByTask = new Set<string>();
  /** That it has subscribed to. */
  #topics: readonly string[] = [];
  #topicsAt = 0;
  #rewinds: PartitionOffset[] = [];
  /** What the task did not take yet, and will be given again. */
  #pending: readonly SinkRecord[] = [];
  #retryAt = 0;
  #commitAt = 0;
  #calledAt = 0;
  #hasJoined = false;
  #progressedAt: number;
  #line: Promise<unknown> = Promise.resolve();
  #failure: unknown = null;

  constructor(parts: SinkLoopParts, options: SinkLoopOptions) {
    this.#parts = parts;
    this.#options = options;
    const { name, taskId } = options;
    this.#consumer = parts.client.consumer({
      ...options.consumer,
      groupId: `connect-${name}`,
      // A task that is started again goes on at once with the partitions that it had (KIP-345).
      instanceId: `connect-${name}-${taskId}`,
    });
    this.#progressedAt = parts.world.clock.monotonic();
  }

  get isWorking(): boolean {
    return this.#hasJoined;
  }

  get progressedAt(): number {
    return this.#progressedAt;
  }

  stop(): void {
    this.#stopping.abort();
    this.#parts.retries.stop();
  }

  async run(): Promise<void> {
    const { task, client, queue } = this.#parts;
    try {
      await task.start(this.#context());
      this.#topics = await this.#wantedTopics();
      this.#consumer.subscribe(this.#topics, {
        assigned: (partitions) => this.#inLine(() => this.#open(partitions)),
        revoked: (partitions) => this.#inLine(() => this.#close(partitions, true)),
        lost: (partitions) => this.#inLine(() => this.#close(partitions, false)),
      });
      this.#commitAt = this.#now() + this.#options.commitEveryMs;
      while (!this.#stopping.signal.aborted) await this.#turn();
      await this.#inLine(() => this.#close([...this.#assigned.values()], true));
    } finally {
      try {
        await task.stop();
      } finally {
        await this.#consumer.close({ leaves: true });
        await queue?.close();
        client.close();
      }
    }
  }

  async #turn(): Promise<void> {
    if (this.#now() >= this.#topicsAt) await this.#lookForTopics();
    const consumed = await this.#consumer.poll(this.#pollMs());
    await this.#inLine(async () => {
      this.#throwFailure();
      const records = await this.#given(consumed);
      if (records !== null) await this.#put(records);
      // Before the next poll: what that one reads is put, wherever it begins.
      this.#rewind();
      if (this.#now() >= this.#commitAt) await this.#commit();
    });
    this.#progressedAt = this.#now();
  }

  /** By their names now. Rejects with a KafkaClientError. */
  async #wantedTopics(): Promise<readonly string[]> {
    const { topics, topicsEveryMs } = this.#options;
    this.#topicsAt = 'names' in topics ? Number.POSITIVE_INFINITY : this.#now() + topicsEveryMs;
    if ('names' in topics) return topics.names;
    const all = await this.#parts.client.admin.topics.list();
    return all.flatMap(({ name, isInternal }) => (!isInternal && topics.pattern.matches(name) ? [name] : []));
  }

  async #lookForTopics(): Promise<void> {
    try {
      const topics = await this.#wantedTopics();
      if (topics.join() === this.#topics.join()) return;
      this.#topics = topics;
      this.#consumer.changeTopics(topics);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      // It reads on, and looks again.
      this.#parts.world.log.warn(
        `New topics of ${this.#options.name} could not be looked for: ${error.message}`,
        {
          error,
        },
      );
    }
  }

  #pollMs(): number {
    const now = this.#now();
    const until = Math.min(this.#commitAt, this.#pending.length > 0 ? this.#retryAt : now + POLL_MS);
    return Math.max(0, Math.min(POLL_MS, until - now));
  }

  /** What the task is to be given now; null: nothing, it is not time yet. */
  async #given(consumed: readonly ConsumedRecord[]): Promise<readonly SinkRecord[] | null> {
    const own = partitionRuns(consumed).filter(({ key }) => this.#assigned.has(key));
    if (own.length > 0) {
      const records = await this.#made(own.flatMap((run) => run.records));
      if (records === null) return null;
      // Those that were left out are dealt with, too.
      for (const { key, last } of own) {
        const { topic, partition, offset } = last;
        this.#afterPut.set(key, { topic, partition, offset: offset + 1 });
      }
      this.#pending = this.#pending.length === 0 ? records : [...this.#pending, ...records];
      return this.#pending;
    }
    if (this.#pending.length > 0) return this.#now() >= this.#retryAt ? this.#pending : null;
    return this.#assigned.size > 0 && this.#now() - this.#calledAt >= IDLE_MS ? [] : null;
  }

  /** Null: the task stops, and reads them again when it starts. */
  async #made(consumed: readonly ConsumedRecord[]): Promise<readonly SinkRecord[] | null> {
    try {
      return await this.#parts.records.of(consumed);
    } catch (error) {
      if (!(error instanceof TaskStopped)) throw error;
      return null;
    }
  }

  async #put(records: readonly SinkRecord[]): Promise<void> {
    this.#calledAt = this.#now();
    try {
      await this.#parts.task.put(records);
    } catch (error) {
      if (!(error instanceof RetriableError) || this.#stopping.signal.aborted) throw error;
      const waitMs = error.retryAfterMs ?? this.#backoff.failed();
      this.#parts.world.log.warn(`${this.#options.name} tries again in ${waitMs} ms: ${error.message}`, {
        error,
      });
      this.#pending = records;
      this.#retryAt = this.#now() + waitMs;
      this.#consumer.pause([...this.#assigned.values()]);
      return;
    }
    this.#backoff.succeeded();
    if (this.#pending.length > 0 || this.#retryAt > 0) this.#resumeAll();
    this.#pending = [];
    this.#retryAt = 0;
    for (const [key, offset] of this.#afterPut) this.#taken.set(key, offset);
    this.#afterPut.clear();
  }

  #resumeAll(): void {
    this.#consumer.resume(
      [...this.#assigned].flatMap(([key, partition]) => (this.#pausedByTask.has(key) ? [] : [partition])),
    );
  }

  /** Commits what the task says is durable. What cannot be committed now is committed the next time. */
  async #commit(): Promise<void> {
    this.#commitAt = this.#now() + this.#options.commitEveryMs;
    const offsets = [...this.#taken.values()];
    if (offsets.length === 0) return;
    const durable = await this.#parts.task.preCommit(offsets);
    const fresh = durable.filter((one) => {
      const key = partitionKey(one);
      const taken = this.#taken.get(key);
      return taken !== undefined && one.offset <= taken.offset && one.offset !== this.#committed.get(key);
    });
    if (fresh.length === 0) return;
    try {
      await this.#consumer.commit(fresh);
      for (const one of fresh) this.#committed.set(partitionKey(one), one.offset);
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      // A rebalance, or a group without a coordinator: the records are read again, or committed with the next
      // ones.
      this.#parts.world.log.warn(
        `Offsets of ${this.#options.name} could not be committed: ${error.message}`,
        { error },
      );
    }
  }

  async #open(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.#assigned.set(partitionKey(partition), partition);
    this.#hasJoined = true;
    if (partitions.length === 0) return;
    await this.#parts.task.open(partitions);
    if (this.#pending.length > 0) this.#consumer.pause(partitions);
  }

  /** `commits`: they are this member's still. */
  async #close(partitions: readonly TopicPartition[], commits: boolean): Promise<void> {
    if (partitions.length === 0) return;
    if (commits) await this.#commit();
    await this.#parts.task.close(partitions);
    const gone = new Set(partitions.map(partitionKey));
    for (const key of gone) {
      this.#assigned.delete(key);
      this.#taken.delete(key);
      this.#afterPut.delete(key);
      this.#committed.delete(key);
      this.#pausedByTask.delete(key);
    }
    this.#pending = this.#pending.filter(
      ({ originalTopic, originalPartition }) =>
        !gone.has(partitionKey({ topic: originalTopic, partition: originalPartition })),
    );
    this.#rewinds = this.#rewinds.filter((one) => !gone.has(partitionKey(one)));
  }

  #rewind(): void {
    for (const one of this.#rewinds) {
      const key = partitionKey(one);
      this.#consumer.seek(one, one.offset);
      this.#taken.set(key, one);
      this.#afterPut.delete(key);
      this.#pending = this.#pending.filter(
        ({ originalTopic, originalPartition }) =>
          partitionKey({ topic: originalTopic, partition: originalPartition }) !== key,
      );
    }
    this.#rewinds = [];
  }

  /**
   * Runs when what was asked before is done. What fails ends the task, also where the consumer asked for it.
   */
  #inLine(work: () => Promise<void>): Promise<void> {
    const done = this.#line.then(work);
    this.#line = done.catch((error: unknown) => {
      this.#failure ??= error;
    });
    return done;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #now(): number {
    return this.#parts.world.clock.monotonic();
  }

  #context(): SinkTaskContext {
    const { world, errors } = this.#parts;
    const { name, taskId, taskClass, bufferBytes } = this.#options;
    return {
      ...{ world, name, taskId, bufferBytes },
      signal: this.#stopping.signal,
      assignment: () => [...this.#assigned.values()],
      pause: (partitions) => {
        for (const partition of partitions) this.#pausedByTask.add(partitionKey(partition));
        this.#consumer.pause(partitions);
      },
      resume: (partitions) => {
        for (const partition of partitions) this.#pausedByTask.delete(partitionKey(partition));
        if (this.#pending.length === 0) this.#consumer.resume(partitions);
      },
      offset: (position) => {
        this.#rewinds.push(position);
      },
      requestCommit: () => {
        this.#commitAt = 0;
      },
      report: (record, error) =>
        errors.failed({ stage: 'TASK_PUT', className: taskClass, error, record: record.origin }),
    };
  }
}
