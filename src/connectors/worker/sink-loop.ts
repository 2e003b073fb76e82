import { Backoff } from '../../base/backoff.ts';
import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { PartitionOffset, SinkTaskContext } from '../kernel/sink-task.ts';
import { RetriableError, TaskStopped } from '../kernel/task-errors.ts';
import { partitionRuns } from './partition-runs.ts';
import type { SinkConsumer, SinkLoopOptions, SinkLoopParts } from './sink-loop-options.ts';
import { SinkOffsets } from './sink-offsets.ts';
import { TopicWatch } from './sink-topics.ts';
import { TaskLine } from './task-line.ts';
import type { TaskLoop } from './task-loop.ts';

/** A task is called so often even without records. */
const IDLE_MS = 1_000;
/** While its partitions are not known, or it is to be stopped. */
const POLL_MS = 200;
/** Between attempts to put the same records. */
const RETRY = { firstMs: 200, lastMs: 30_000 };

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
  readonly #line = new TaskLine();
  readonly #topics: TopicWatch;
  readonly #assigned = new Map<string, TopicPartition>();
  readonly #offsets = new SinkOffsets();
  readonly #pausedByTask = new Set<string>();
  #rewinds: PartitionOffset[] = [];
  /** What the task did not take yet, and will be given again. */
  #pending: readonly SinkRecord[] = [];
  #retryAt = 0;
  #commitAt = 0;
  #calledAt = 0;
  #hasJoined = false;
  #progressedAt: number;

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
    this.#topics = new TopicWatch(
      { clock: parts.world.clock, admin: parts.client.admin },
      { topics: options.topics, everyMs: options.topicsEveryMs },
    );
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
      this.#consumer.subscribe(await this.#topics.look(), {
        assigned: (partitions) => this.#line.run(() => this.#open(partitions)),
        revoked: (partitions) => this.#line.run(() => this.#close(partitions, true)),
        lost: (partitions) => this.#line.run(() => this.#close(partitions, false)),
      });
      this.#commitAt = this.#now() + this.#options.commitEveryMs;
      while (!this.#stopping.signal.aborted) await this.#turn();
      await this.#line.run(() => this.#close([...this.#assigned.values()], true));
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
    if (this.#topics.isDue) await this.#lookForTopics();
    const consumed = await this.#consumer.poll(this.#pollMs());
    await this.#line.run(async () => {
      const records = await this.#given(consumed);
      if (records !== null) await this.#put(records);
      // Before the next poll: what that one reads is put, wherever it begins.
      this.#rewind();
      if (this.#now() >= this.#commitAt) await this.#commit();
    });
    this.#progressedAt = this.#now();
  }

  async #lookForTopics(): Promise<void> {
    try {
      const topics = await this.#topics.changed();
      if (topics) this.#consumer.changeTopics(topics);
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
        this.#offsets.given(key, { topic, partition, offset: offset + 1 });
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
    this.#offsets.took();
  }

  #resumeAll(): void {
    this.#consumer.resume(
      [...this.#assigned].flatMap(([key, partition]) => (this.#pausedByTask.has(key) ? [] : [partition])),
    );
  }

  /** Commits what the task says is durable. What cannot be committed now is committed the next time. */
  async #commit(): Promise<void> {
    this.#commitAt = this.#now() + this.#options.commitEveryMs;
    const { taken } = this.#offsets;
    if (taken.length === 0) return;
    const fresh = this.#offsets.toCommit(await this.#parts.task.preCommit(taken));
    if (fresh.length === 0) return;
    try {
      await this.#consumer.commit(fresh);
      this.#offsets.committed(fresh);
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
      this.#pausedByTask.delete(key);
    }
    this.#offsets.forget(gone);
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
      this.#offsets.rewind(one);
      this.#pending = this.#pending.filter(
        ({ originalTopic, originalPartition }) =>
          partitionKey({ topic: originalTopic, partition: originalPartition }) !== key,
      );
    }
    this.#rewinds = [];
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
