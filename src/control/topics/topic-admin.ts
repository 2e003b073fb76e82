/**
 * What the topics operations ask of a running cluster. Everything rejects with AdminError, which has the
 * broker's answer where there was one.
 */
export interface TopicAdmin {
  /** Every topic of the cluster, sorted by name. */
  list(): Promise<readonly TopicDescription[]>;
  /** Null when the cluster has no such topic. */
  describe(topic: string): Promise<TopicDescription | null>;
  /** Every config of a topic with the value in force, and whether it was set for this topic. */
  configs(topic: string): Promise<readonly TopicConfigEntry[]>;
  /** Resolves when brokers tell of the topic. */
  create(topic: RequestedTopic): Promise<void>;
  /** `count`: how many partitions there shall be. Resolves when brokers tell of them. */
  createPartitions(topic: string, count: number): Promise<void>;
  alterConfigs(topic: string, changes: readonly TopicConfigChange[]): Promise<void>;
  /** Resolves when brokers do not tell of the topic any more. */
  remove(topic: string): Promise<void>;
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: readonly TopicPartitionDescription[];
}

interface TopicPartitionDescription {
  readonly partition: number;
  /** -1 when there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicConfigEntry {
  readonly name: string;
  readonly value: string;
  readonly isOfTopic: boolean;
}

export interface RequestedTopic {
  readonly name: string;
  readonly partitionCount: number;
  readonly replicationFactor: number;
  readonly configs: ReadonlyMap<string, string>;
}

/** Null takes back what was set for the topic. */
export interface TopicConfigChange {
  readonly name: string;
  readonly value: string | null;
}
