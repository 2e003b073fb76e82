import type { TopicPartition } from '../../base/topic-partition.ts';
import type { NewRecord } from '../../protocol/records/record.ts';

export type AssignorName = 'range' | 'cooperative-sticky';

export interface ConsumerOptions {
  /** With it the consumer commits offsets for the group; with `subscribe` it becomes a member. */
  readonly groupId?: string;
  /** Whether records of open and aborted transactions are left out. Default: read_committed. */
  readonly isolation?: 'read_committed' | 'read_uncommitted';
  /**
   * Where to begin without a committed offset, or when the log does not hold the offset. `none` rejects.
   * Default: latest.
   */
  readonly offsetReset?: 'earliest' | 'latest' | 'none';
  /** How long a broker waits for `minBytes`. Default: 500. */
  readonly maxWaitMs?: number;
  /** Default: 1. */
  readonly minBytes?: number;
  /** Of one answer; a single larger batch comes all the same. Default: 8,388,608. */
  readonly fetchBytes?: number;
  /** Of one partition in one answer; likewise. Default: 1,048,576. */
  readonly partitionBytes?: number;
  /**
   * What is fetched and not handed out, and what `poll` returned last, of all partitions together; a single
   * larger batch of a broker comes all the same. Default: 33,554,432.
   */
  readonly bufferBytes?: number;
  /** What `poll` returns at most. Default: 500. */
  readonly pollRecords?: number;
  /**
   * Makes the member static (KIP-345): it keeps its partitions when it is back within the session's timeout.
   */
  readonly instanceId?: string;
  /** In the order the member prefers them. Default: range, cooperative-sticky, as Java's. */
  readonly assignors?: readonly AssignorName[];
  /** A member that the group hears nothing of for so long is out. Default: 45,000. */
  readonly sessionTimeoutMs?: number;
  /** Default: 3,000. */
  readonly heartbeatMs?: number;
  /**
   * A member that does not poll for so long leaves the group; others wait so long for it. Default: 300,000.
   */
  readonly pollTimeoutMs?: number;
}

export interface ConsumedRecord extends TopicPartition, Pick<NewRecord, 'timestamp'> {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
}
