/** Where a value comes from, as DescribeConfigs numbers it. */
export const configSources = {
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  CLIENT_METRICS_CONFIG: 7,
  GROUP_CONFIG: 8,
} as const;

export type ConfigSource = keyof typeof configSources;

/** A value that was set, or the default, under the name it was set by. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string;
  readonly source: ConfigSource;
}

/** A config in force. */
export interface ResolvedConfig {
  /** As Kafka writes it; null when it is unset. */
  readonly value: string | null;
  readonly source: ConfigSource;
  /** Every level at which it is set, the strongest first. */
  readonly synonyms: readonly ConfigSynonym[];
}
