import type { ErrorName } from '../../protocol/errors.ts';
import type { CommittedOffset } from './offset-map.ts';
import type { GroupRecord } from './records.ts';

/**
 * A group of any kind, as far as its committed offsets, lists and its end are concerned. How members come,
 * work and go is the matter of its kind.
 */
export interface Group {
  readonly groupId: string;
  /**
   * As Kafka's brokers spell it (KIP-848); clients that compare it as it is, such as @platformatic/kafka,
   * rely on that.
   */
  readonly type: 'classic' | 'consumer' | 'share' | 'streams';
  /** As Kafka names it for this kind; `Empty` in every kind: without members. */
  readonly state: string;
  /** Null for a simple group: offsets committed without ever joining. */
  readonly protocolType: string | null;
  /** Whether a member may still need the committed offsets of this topic; in doubt, yes. */
  isSubscribedTo(topic: string): boolean;
  /** Why the group takes no commit from this caller now; null when it does. */
  refusesCommit(committer: Committer, commit: CommitRequest): ErrorName | null;
  /** Why the group tells this caller no offsets; null when it does. */
  refusesFetch(reader: OffsetReader): ErrorName | null;
  /** Why no offsets may be deleted now, whatever the topic; null when they may. */
  refusesOffsetDelete(): ErrorName | null;
  /** From when, in milliseconds since 1970, the retention of an offset counts; null while none expires. */
  retentionStart(): ((offset: CommittedOffset) => number) | null;
  /** What ends the group in the log; its offsets are not among it. */
  tombstones(): GroupRecord[];
}

/** Whom an offset commit says it comes from. */
export interface Committer {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Or member epoch. -1: not a member, but an administrator or a consumer that assigns itself. */
  readonly generation: number;
}

export interface CommitRequest {
  readonly transactional: boolean;
  /** False for OffsetCommit before version 9, which speaks of generations of classic groups only. */
  readonly knowsEpochs: boolean;
  readonly topics: readonly {
    readonly name: string;
    readonly topicId: string;
    readonly partitions: readonly { readonly partitionIndex: number }[];
  }[];
}

/** Whom an offset fetch says it comes from; null and -1 when it does not. */
export interface OffsetReader {
  readonly memberId: string | null;
  readonly memberEpoch: number;
}
