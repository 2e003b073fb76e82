import type { Clock, Timer } from '../../base/clock.ts';
import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { PartitionOffset, SinkTask } from '../kernel/sink-task.ts';
import { RetriableError } from '../kernel/task-errors.ts';
import { TestSinkContext } from './sink-task-context.ts';

/** Its time is what a test says; waits take none. */
export class HandClock implements Clock {
  time = Date.UTC(2026, 10, 29, 10);

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(_ms: number, run: () => void): Timer {
    const immediate = setImmediate(run);
    return { cancel: () => clearImmediate(immediate) };
  }

  soon(run: () => void): void {
    setImmediate(run);
  }
}

/** Partitions of Kafka with the offsets that are committed of them: what outlives tasks. */
export class HandKafka {
  readonly records = new Map<string, SinkRecord[]>();
  readonly committed = new Map<string, number>();
  readonly partitions: readonly TopicPartition[];

  constructor(partitions: readonly TopicPartition[]) {
    this.partitions = partitions;
    for (const one of partitions) this.records.set(partitionKey(one), []);
  }

  add(partition: TopicPartition, record: Pick<SinkRecord, 'value'> & Partial<SinkRecord>): void {
    const list = this.records.get(partitionKey(partition)) ?? [];
    const offset = record.offset ?? (list.at(-1)?.offset ?? -1) + 1;
    list.push({
      ...partition,
      ...{ originalTopic: partition.topic, originalPartition: partition.partition, origin: null },
      ...{ key: null, keySchema: null, valueSchema: null, headers: [], timestamp: 0 },
      ...{ timestampType: 'CreateTime', ...record, offset },
    });
  }
}

/** Runs one task by hand, as the kernel does: a batch, a commit, a crash, each when a test says so. */
export class HandKernel {
  readonly context: TestSinkContext;
  readonly #kafka: HandKafka;
  readonly #task: SinkTask;
  readonly #next = new Map<string, number>();
  /** Of each partition what is behind the last record that the task has taken, or that was left out. */
  readonly #taken = new Map<string, number>();
  /** What was put and rejected. */
  #again: readonly SinkRecord[] | null = null;

  constructor(kafka: HandKafka, task: SinkTask, clock: Clock) {
    this.#kafka = kafka;
    this.#task = task;
    this.context = new TestSinkContext(clock);
  }

  async start(): Promise<void> {
    await this.#task.start(this.context);
    for (const one of this.#kafka.partitions)
      this.#next.set(partitionKey(one), this.#kafka.committed.get(partitionKey(one)) ?? 0);
    await this.#task.open(this.#kafka.partitions);
  }

  /** Up to so many records of each partition. False when the task asks for them again. */
  async put(most: number): Promise<boolean> {
    const records =
      this.#again ?? this.#kafka.partitions.flatMap((one) => this.#batch(partitionKey(one), most));
    try {
      await this.#task.put(records);
      this.#again = null;
      for (const { originalTopic: topic, originalPartition: partition, offset } of records)
        this.#taken.set(partitionKey({ topic, partition }), offset + 1);
      return true;
    } catch (error) {
      if (!(error instanceof RetriableError)) throw error;
      this.#again = records;
      return false;
    } finally {
      for (const position of this.context.rewound.splice(0)) {
        this.#next.set(partitionKey(position), position.offset);
        this.#taken.set(partitionKey(position), position.offset);
      }
    }
  }

  /** Records before this offset reach no task: a transform has left them out. */
  leaveOut(partition: TopicPartition, before: number): void {
    this.#next.set(partitionKey(partition), before);
    this.#taken.set(partitionKey(partition), before);
  }

  /** Puts until every record was put and no partition is read again. */
  async putAll(most = 1000): Promise<void> {
    do {
      while (!(await this.put(most)));
    } while (
      this.#kafka.partitions.some(
        (one) =>
          (this.#next.get(partitionKey(one)) ?? 0) <=
          (this.#kafka.records.get(partitionKey(one))?.at(-1)?.offset ?? -1),
      )
    );
  }

  async commit(): Promise<void> {
    const offsets: PartitionOffset[] = this.#kafka.partitions.flatMap((one) => {
      const offset = this.#taken.get(partitionKey(one));
      return offset === undefined ? [] : [{ ...one, offset }];
    });
    for (const one of await this.#task.preCommit(offsets))
      this.#kafka.committed.set(partitionKey(one), one.offset);
  }

  async stop(): Promise<void> {
    await this.commit();
    await this.#task.close(this.#kafka.partitions);
    await this.#task.stop();
  }

  #batch(name: string, most: number): SinkRecord[] {
    const from = this.#next.get(name) ?? 0;
    const batch = (this.#kafka.records.get(name) ?? []).filter(({ offset }) => offset >= from).slice(0, most);
    const last = batch.at(-1);
    if (last) this.#next.set(name, last.offset + 1);
    return batch;
  }
}
