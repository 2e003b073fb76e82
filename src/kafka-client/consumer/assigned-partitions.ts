import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { CommittedOffset } from '../group-offsets.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { PartitionReader } from './partition-reader.ts';

/** The partitions that a consumer has, each with its reader. */
export class AssignedPartitions {
  readonly #readers = new Map<string, PartitionReader>();

  get partitions(): readonly TopicPartition[] {
    return this.readers.map(({ target }) => target);
  }

  get readers(): readonly PartitionReader[] {
    return [...this.#readers.values()];
  }

  /** By `partitionKey`; it changes with the assignment. */
  get byKey(): ReadonlyMap<string, PartitionReader> {
    return this.#readers;
  }

  has(partition: TopicPartition): boolean {
    return this.#readers.has(partitionKey(partition));
  }

  /** Throws WRONG_STATE for a partition that the consumer does not have. */
  reader(partition: TopicPartition): PartitionReader {
    const reader = this.#readers.get(partitionKey(partition));
    if (reader) return reader;
    const { topic, partition: number } = partition;
    throw new KafkaClientError('WRONG_STATE', `${topic}-${number} is not assigned to this consumer`);
  }

  /** Without an offset it has no position yet. */
  add(partition: TopicPartition, offset: number | null): void {
    const target = { topic: partition.topic, partition: partition.partition };
    const reader = new PartitionReader(target);
    if (offset !== null) reader.seek(offset);
    this.#readers.set(partitionKey(target), reader);
  }

  /** What was fetched of it and not handed out is given up. */
  end(reader: PartitionReader): void {
    reader.end();
    this.#readers.delete(partitionKey(reader.target));
  }

  /** What a group would commit: after the last records that were handed out, where that is known. */
  positions(): CommittedOffset[] {
    return this.readers.flatMap(({ target, position, positionEpoch }) =>
      position === null ? [] : [{ ...target, offset: position, leaderEpoch: positionEpoch }],
    );
  }

  /** What the application has to be told of one of them; told once. Null when there is nothing. */
  takeFailure(): KafkaClientError | null {
    for (const reader of this.#readers.values()) {
      const { failure } = reader;
      if (!failure) continue;
      reader.failure = null;
      return failure;
    }
    return null;
  }
}
