/** What the group coordinator can be told, under the broker config that tells it. Defaults are Kafka's. */
export interface GroupConfig {
  /** `group.initial.rebalance.delay.ms`: how long the first member of an empty group waits for others. */
  readonly initialRebalanceDelayMs: number;
  /** `group.min.session.timeout.ms` */
  readonly minSessionTimeoutMs: number;
  /** `group.max.session.timeout.ms` */
  readonly maxSessionTimeoutMs: number;
  /** `group.max.size` */
  readonly maxSize: number;
  /** `offset.metadata.max.bytes`; Kafka counts characters, so do we. */
  readonly offsetMetadataMaxBytes: number;
  /** `offsets.retention.minutes`, in milliseconds. */
  readonly offsetsRetentionMs: number;
  /** `offsets.retention.check.interval.ms` */
  readonly offsetsRetentionCheckIntervalMs: number;
  /** `offsets.commit.timeout.ms`: how long an answer waits until its records are replicated. */
  readonly offsetCommitTimeoutMs: number;
  readonly consumer: ConsumerGroupsConfig;
  readonly streams: StreamsGroupsConfig;
  readonly share: ShareGroupsConfig;
}

/** The same for groups of the consumer protocol (KIP-848). */
export interface ConsumerGroupsConfig {
  /** `group.consumer.assignors`: by name; the first is the default. */
  readonly assignors: readonly string[];
  /** `group.consumer.max.size` */
  readonly maxSize: number;
  /**
   * `group.consumer.migration.policy`: whether members of both protocols may share a group, and which way it
   * changes then.
   */
  readonly migration: { readonly upgrade: boolean; readonly downgrade: boolean };
  /** `group.consumer.regex.refresh.interval.ms` */
  readonly expressionRefreshMs: number;
  /** What is in force for one group now. */
  of(groupId: string): ConsumerGroupConfig;
}

/** What can be told to one consumer group, under the group config that tells it. */
export interface ConsumerGroupConfig {
  /** `consumer.session.timeout.ms` */
  readonly sessionTimeoutMs: number;
  /** `consumer.heartbeat.interval.ms` */
  readonly heartbeatIntervalMs: number;
  /** `consumer.assignment.interval.ms`: the least time between two assignments. */
  readonly assignmentIntervalMs: number;
}

/** The same for groups of the streams protocol (KIP-1071). */
export interface StreamsGroupsConfig {
  /** `group.streams.max.size` */
  readonly maxSize: number;
  /** What is in force for one group now. */
  of(groupId: string): StreamsGroupConfig;
}

/** What can be told to one streams group, under the group config that tells it. */
export interface StreamsGroupConfig {
  /** `streams.session.timeout.ms` */
  readonly sessionTimeoutMs: number;
  /** `streams.heartbeat.interval.ms` */
  readonly heartbeatIntervalMs: number;
  /** `streams.assignment.interval.ms`: the least time between two assignments. */
  readonly assignmentIntervalMs: number;
  /** `streams.initial.rebalance.delay.ms`: how long the first member of an empty group waits for others. */
  readonly initialRebalanceDelayMs: number;
  /** `streams.num.standby.replicas` */
  readonly standbyReplicas: number;
}

/** The same for share groups (KIP-932). */
export interface ShareGroupsConfig {
  /** `group.share.max.size` */
  readonly maxSize: number;
  /** `group.share.initialize.retry.interval.ms` */
  readonly initializeRetryIntervalMs: number;
  /** What is in force for one group now. */
  of(groupId: string): ShareGroupConfig;
}

/** What can be told to one share group, under the group config that tells it. */
interface ShareGroupConfig {
  /** `share.session.timeout.ms` */
  readonly sessionTimeoutMs: number;
  /** `share.heartbeat.interval.ms` */
  readonly heartbeatIntervalMs: number;
  /** `share.assignment.interval.ms`: the least time between two assignments. */
  readonly assignmentIntervalMs: number;
}

export const DEFAULT_GROUP_CONFIG: GroupConfig = {
  initialRebalanceDelayMs: 3000,
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 30 * 60_000,
  maxSize: 2147483647,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMs: 7 * 24 * 60 * 60_000,
  offsetsRetentionCheckIntervalMs: 10 * 60_000,
  offsetCommitTimeoutMs: 5000,
  consumer: {
    assignors: ['uniform', 'range'],
    maxSize: 2147483647,
    migration: { upgrade: true, downgrade: true },
    expressionRefreshMs: 600_000,
    of: () => ({ sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5000, assignmentIntervalMs: 1000 }),
  },
  streams: {
    maxSize: 2147483647,
    of: () => ({
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 5000,
      assignmentIntervalMs: 1000,
      initialRebalanceDelayMs: 3000,
      standbyReplicas: 0,
    }),
  },
  share: {
    maxSize: 200,
    initializeRetryIntervalMs: 30_000,
    of: () => ({ sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5000, assignmentIntervalMs: 1000 }),
  },
};

/**
 * A new member cannot send heartbeats before its first JoinGroup is answered, so a client that went away
 * meanwhile shows only by not coming back. Kafka gives it this long.
 */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60_000;

/**
 * Member ids handed out by MEMBER_ID_REQUIRED that nobody has joined with yet. A client that asks again and
 * again would otherwise fill the memory until its sessions end.
 */
export const MAX_PENDING_MEMBERS = 10_000;
