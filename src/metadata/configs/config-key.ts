import { type ConfigType, type ConfigValue, textOf } from './config-value.ts';

/** Who may change a broker config while the broker runs, as DescribeConfigs and the Admin client know it. */
export type DynamicMode = 'read-only' | 'per-broker' | 'cluster-wide';

/** A broker config that a topic or group config takes its default from; `unitMs` where its unit is not the same. */
export interface BrokerConfigReference {
  readonly name: string;
  readonly unitMs: number;
}

/** One config of Kafka: what validation, DescribeConfigs, and whoever obeys it know of it. */
export interface ConfigKey {
  readonly name: string;
  readonly type: ConfigType;
  /** Kafka's default in its text form; null when the config is unset by default. */
  readonly fallback: string | null;
  /** There is no default; whoever starts the broker gives it. */
  readonly required: boolean;
  readonly doc: string;
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  /** Of broker configs; topic and group configs can always be changed. */
  readonly dynamic: DynamicMode;
  readonly valid: Validate | null;
  /** Told by DescribeConfigs only when somebody set it. */
  readonly internal: boolean;
  /** Where the default comes from, the strongest first. */
  readonly brokerConfigs: readonly BrokerConfigReference[];
  /** Why any value but the default is refused: the config is Kafka's, and what it asks for is not built. */
  readonly refused: string | null;
}

/** Null when the value is allowed, else the whole sentence that says why not. */
export type Validate = (value: ConfigValue, name: string) => string | null;

export interface ConfigOptions {
  readonly importance?: ConfigKey['importance'];
  readonly dynamic?: DynamicMode;
  readonly valid?: Validate;
  readonly internal?: boolean;
  readonly brokerConfigs?: readonly (string | BrokerConfigReference)[];
  readonly refused?: string;
}

export const REQUIRED = Symbol('a config without default');
type Required = typeof REQUIRED;

/** Java's Long.MAX_VALUE, Kafka's way of saying never. */
export const MAX_LONG = 2n ** 63n - 1n;

export const bool = builder<boolean>('BOOLEAN');
export const string = builder<string>('STRING');
export const int = builder<number>('INT');
export const short = builder<number>('SHORT');
export const long = builder<number | bigint>('LONG');
export const double = builder<number>('DOUBLE');
/** The default is written as users write it: values between commas. */
export const list = builder<string>('LIST');
export const className = builder<string>('CLASS');
export const password = builder<string>('PASSWORD');

/** A table as a map by name. */
export function byName(...tables: readonly (readonly ConfigKey[])[]): ReadonlyMap<string, ConfigKey> {
  return new Map(tables.flat().map((key) => [key.name, key]));
}

function builder<Value extends ConfigValue>(type: ConfigType) {
  return (
    name: string,
    fallback: Value | null | Required,
    doc: string,
    options: ConfigOptions = {},
  ): ConfigKey => ({
    name,
    type,
    fallback: fallback === null || fallback === REQUIRED ? null : textOf(type, fallback),
    required: fallback === REQUIRED,
    doc,
    importance: options.importance ?? 'MEDIUM',
    dynamic: options.dynamic ?? 'read-only',
    valid: options.valid ?? null,
    internal: options.internal ?? false,
    brokerConfigs: (options.brokerConfigs ?? []).map((reference) =>
      typeof reference === 'string' ? { name: reference, unitMs: 1 } : reference,
    ),
    refused: options.refused ?? null,
  });
}
