import { assert } from '../../base/assert.ts';
import type { Obedience } from './config-obedience.ts';
import { type ConfigType, type ConfigValue, parseStoredValue, textOf } from './config-value.ts';

/** Who may change a broker config while the broker runs, as DescribeConfigs and the Admin client know it. */
type DynamicMode = 'read-only' | 'per-broker' | 'cluster-wide';

/**
 * A broker config that a topic or group config takes its default from; `unitMs` where its unit is not the
 * same.
 */
interface BrokerConfigReference {
  readonly name: string;
  readonly unitMs: number;
}

/**
 * One config of Kafka: what validation, DescribeConfigs, and whoever obeys it know of it. `Value` is what its
 * readers get.
 */
export interface ConfigKey<Value = unknown> {
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
  readonly obedience: Obedience;
  /**
   * A valid text, or one that an older release took, as readers want it; null is the text of a config that is
   * unset and has no default.
   */
  valueOf(text: string | null): Value;
}

/** Null when the value is allowed, else the whole sentence that says why not. */
export type Validate = (value: ConfigValue, name: string) => string | null;

interface ConfigOptions {
  readonly importance?: ConfigKey['importance'];
  readonly dynamic?: DynamicMode;
  readonly valid?: Validate;
  readonly internal?: boolean;
  readonly brokerConfigs?: readonly (string | BrokerConfigReference)[];
}

export const REQUIRED = Symbol('a config without default');
type Required = typeof REQUIRED;

/** Java's Long.MAX_VALUE, Kafka's way of saying never. */
export const MAX_LONG = 2n ** 63n - 1n;

/**
 * What readers of a config of each type get. A number beyond 2^53 is the largest safe integer: Kafka's
 * "never".
 */
export const bool = builder<boolean, boolean>('BOOLEAN', (value) => value === true);
export const string = builder<string, string>('STRING', String);
export const int = builder<number, number>('INT', safeNumber);
export const short = builder<number, number>('SHORT', safeNumber);
export const long = builder<number | bigint, number>('LONG', safeNumber);
export const double = builder<number, number>('DOUBLE', Number);
/** The default is written as users write it: values between commas. */
export const list = builder<string, readonly string[]>('LIST', (value) =>
  typeof value === 'object' ? value : [],
);
export const className = builder<string, string>('CLASS', String);
export const password = builder<string, string>('PASSWORD', String);

/** Tables, each with one key a property, as one map by name. */
export function byName(
  ...tables: readonly Readonly<Record<string, ConfigKey>>[]
): ReadonlyMap<string, ConfigKey> {
  return new Map(tables.flatMap((table) => Object.values(table)).map((key) => [key.name, key]));
}

function safeNumber(value: ConfigValue): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number(value), Number.MAX_SAFE_INTEGER));
}

function builder<Default extends ConfigValue, Value>(
  type: ConfigType,
  convert: (value: ConfigValue) => Value,
) {
  function build(
    name: string,
    fallback: Default,
    doc: string,
    obedience: Obedience,
    options?: ConfigOptions,
  ): ConfigKey<Value>;
  function build(
    name: string,
    fallback: null | Required,
    doc: string,
    obedience: Obedience,
    options?: ConfigOptions,
  ): ConfigKey<Value | null>;
  function build(
    name: string,
    fallback: Default | null | Required,
    doc: string,
    obedience: Obedience,
    options: ConfigOptions = {},
  ): ConfigKey<Value | null> {
    return {
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
      obedience,
      valueOf(text) {
        if (text === null) return null;
        const parsed = parseStoredValue(type, text);
        assert('value' in parsed, `${name} has a value that was not checked: ${text}`);
        return convert(parsed.value);
      },
    };
  }
  return build;
}
