import type { TopicPartition } from '../../base/topic-partition.ts';
import type { ErrorName } from '../../protocol/errors.ts';

/**
 * What a rebalance asks of a cluster, whichever engine runs it. Every method may be called again after it
 * failed or its answer was lost. Operating errors are thrown as `AdminError`, after retries where these could
 * help; what the cluster refuses for single partitions is a value.
 */
export interface ClusterAdmin {
  /** The partitions of these topics, or of all; topics that do not exist are left out. */
  describePartitions(topics: readonly string[] | null): Promise<readonly PartitionDescription[]>;
  /**
   * Brokers that cannot be asked are left out of sizes and volumes, and named. Null asks for all partitions.
   * With `withinMs` a broker is asked once, and one that has not answered by then is not waited for.
   */
  logSizes(
    brokers: readonly number[],
    partitions: readonly TopicPartition[] | null,
    withinMs?: number,
  ): Promise<{
    readonly sizes: readonly LogSize[];
    readonly volumes: readonly VolumeUse[];
    readonly unreachable: readonly number[];
  }>;
  /** The partitions of which the cluster refused the change; the others are being moved. */
  alterReassignments(targets: readonly ReassignmentTarget[]): Promise<readonly PartitionRefusal[]>;
  /** All reassignments that are under way, whoever asked for them. */
  listReassignments(): Promise<readonly OngoingReassignment[]>;
  /** Names the brokers that cannot be told now. Topics that do not exist are passed over. */
  setThrottles(throttles: Throttles): Promise<{ readonly unreachable: readonly number[] }>;
  /**
   * Makes the first replica the leader; the partitions where that was refused. No refusal where it leads
   * already.
   */
  electPreferred(partitions: readonly TopicPartition[]): Promise<readonly PartitionRefusal[]>;
}

export interface PartitionDescription extends TopicPartition {
  /** In preferred order; while a reassignment is under way both the new and the old ones. */
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** -1 when there is none. */
  readonly leader: number;
}

export interface LogSize extends TopicPartition {
  readonly broker: number;
  readonly sizeInBytes: number;
}

/** The use of the volume of one broker. */
export interface VolumeUse {
  readonly broker: number;
  readonly totalBytes: number;
  /** What clients may still store there. */
  readonly usableBytes: number;
}

export interface ReassignmentTarget extends TopicPartition {
  /** Null ends a reassignment that is under way and takes back what it has done. */
  readonly replicas: readonly number[] | null;
}

export interface OngoingReassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

/** The cluster refused to change this partition. */
export interface PartitionRefusal extends TopicPartition {
  readonly error: ErrorName;
  readonly message: string;
}

/** Kafka's replication quotas: a rate per broker, for the replicas that the topics list. */
export interface Throttles {
  /** Null removes the throttle. */
  readonly bytesPerSecond: number | null;
  readonly brokers: readonly number[];
  readonly topics: readonly TopicThrottle[];
}

export interface TopicThrottle {
  readonly topic: string;
  /** As Kafka spells them, `partition:broker`: whose sending is limited. */
  readonly leaderReplicas: readonly string[];
  /** Whose fetching is limited. */
  readonly followerReplicas: readonly string[];
}

/** An operating error of the administration of a cluster. */
export class AdminError extends Error {
  /** Whether the same call may succeed in a moment. */
  readonly retriable: boolean;
  /** Kafka's error and the broker's own words for it, where it was an answer and is told on. */
  readonly answer: { readonly error: ErrorName; readonly message: string } | null;

  constructor(
    message: string,
    options: ErrorOptions & { readonly retriable: boolean; readonly answer?: AdminError['answer'] },
  ) {
    super(message, options);
    this.retriable = options.retriable;
    this.answer = options.answer ?? null;
  }
}
