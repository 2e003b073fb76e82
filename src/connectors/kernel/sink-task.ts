import type { TopicPartition } from '../../base/topic-partition.ts';
import type { World } from '../../base/world.ts';
import type { SinkRecord } from './connect-record.ts';

/** An offset of a partition in Kafka: of the next record to read, as groups commit it. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** What a sink task can ask of the kernel. */
export interface SinkTaskContext {
  readonly world: Pick<World, 'clock' | 'random' | 'log'>;
  /** Of the connector. */
  readonly name: string;
  /** From 0. */
  readonly taskId: number;
  /**
   * So many bytes of records the task may hold that it has taken and not written: its share of
   * `buffer.memory`.
   */
  readonly bufferBytes: number;
  /** Aborted when the task must stop: a `put` that waits for something gives up and rejects. */
  readonly signal: AbortSignal;
  /** The partitions that were opened and not closed since. */
  assignment(): readonly TopicPartition[];
  /** `put` gets no more records of these until `resume`; what the kernel has read of them stays bounded. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** The next record that `put` gets of the partition is the one with this offset. */
  offset(position: PartitionOffset): void;
  /** `preCommit` is called soon, and not first when offset.flush.interval.ms is over. */
  requestCommit(): void;
  /**
   * One record that cannot be written: with errors.tolerance=all it goes to the dead-letter queue, if there
   * is one, and counts as done once this resolves. Rejects otherwise, with what the task then fails with.
   */
  report(record: SinkRecord, error: Error): Promise<void>;
}

/**
 * What a sink connector does, in Kafka Connect's words. The kernel makes one object for each task with its
 * configuration, and calls one method at a time: `start`, then `open`, `put`, `preCommit` and `close` in
 * turn, then `stop`.
 */
export interface SinkTask {
  /** Rejects when the task cannot work. */
  start(context: SinkTaskContext): Promise<void>;
  /** Partitions that are this task's from now on; their next record is at the committed offset. */
  open(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Takes records, in the order of their offsets in each partition; also called without records about every
   * second, so that what waits for time goes on. Rejects with RetriableError: the same records are put again.
   * It need not have written them when it resolves.
   */
  put(records: readonly SinkRecord[]): Promise<void>;
  /**
   * Makes durable what must be, and resolves with the offsets that may be committed: those of `offsets`,
   * which are behind what `put` got, or smaller ones, or fewer partitions. What is not committed is read
   * again after a restart.
   */
  preCommit(offsets: readonly PartitionOffset[]): Promise<readonly PartitionOffset[]>;
  /** Another task has these from now on; `preCommit` was called before. */
  close(partitions: readonly TopicPartition[]): Promise<void>;
  /** Gives everything back. Nothing is called afterwards. Also called where `start` rejected. */
  stop(): Promise<void>;
}
