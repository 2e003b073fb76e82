import type { ConfigResourceType, ConfigsImage } from '../metadata/configs.ts';
import type { ErrorName } from '../protocol/errors.ts';

export interface ConfigRefusal {
  readonly error: ErrorName;
  readonly message: string;
}

/** One config as it takes effect, as CreateTopics answers it. */
export interface EffectiveConfig {
  readonly name: string;
  /** Null when it is sensitive. */
  readonly value: string | null;
  readonly readOnly: boolean;
  /** Kafka's ConfigSource id: 1 topic, 2 broker, 3 default broker, 4 static broker, 5 default. */
  readonly source: number;
  readonly isSensitive: boolean;
}

/** What is known of the configs themselves: names, types, values, defaults. The controller only keeps what was set. */
export interface ConfigRules {
  /** All that would be set on the resource; null when it may be. */
  validate(
    type: ConfigResourceType,
    name: string,
    configs: ReadonlyMap<string, string>,
  ): ConfigRefusal | null;
  /** Whether the value is a list, to which can be appended. */
  isList(type: ConfigResourceType, configName: string): boolean;
  /** The value of one that was not set; undefined when there is none. */
  defaultValue(type: ConfigResourceType, configName: string): string | undefined;
  /** Of a topic with these overrides, every config as it takes effect. */
  effectiveTopicConfigs(
    overrides: ReadonlyMap<string, string>,
    configs: ConfigsImage,
  ): readonly EffectiveConfig[];
}

/** Accepts everything and knows no defaults; for tests of what does not concern configs. */
export const anyConfig: ConfigRules = {
  validate: () => null,
  isList: () => false,
  defaultValue: () => undefined,
  effectiveTopicConfigs: () => [],
};
