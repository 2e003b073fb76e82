import type { BrokerLevels } from './broker-levels.ts';
import type { ConfigKey } from './config-key.ts';
import type { ConfigSource, ConfigSynonym, ResolvedConfig } from './config-source.ts';
import { textOf } from './config-value.ts';
import { readConfig } from './validate-config.ts';

/**
 * A config of a topic or group in force: what was set for it, else the broker config that it takes its
 * default from, else Kafka's default.
 */
export function resolveConfig(
  key: ConfigKey,
  overrides: ReadonlyMap<string, string>,
  source: Extract<ConfigSource, 'TOPIC_CONFIG' | 'GROUP_CONFIG' | 'CLIENT_METRICS_CONFIG'>,
  broker: BrokerLevels,
): ResolvedConfig {
  const own = overrides.get(key.name);
  const inherited = inheritedSynonyms(key, source, broker);
  if (own === undefined) {
    return {
      value: inheritedValue(key, broker),
      source: inherited[0]?.source ?? 'DEFAULT_CONFIG',
      synonyms: inherited,
    };
  }
  const value = ownValue(key, own);
  return { value, source, synonyms: [{ name: key.name, value, source }, ...inherited] };
}

function ownValue(key: ConfigKey, own: string): string {
  const read = readConfig(key, own);
  return 'value' in read ? textOf(key.type, read.value) : own;
}

function inheritedSynonyms(key: ConfigKey, source: ConfigSource, broker: BrokerLevels): ConfigSynonym[] {
  const [reference] = key.brokerConfigs;
  if (reference) return broker.synonyms(reference.name);
  // Of groups Kafka tells the default as a level of its own, of topics it does not.
  if (source !== 'GROUP_CONFIG' || key.fallback === null) return [];
  return [{ name: key.name, value: key.fallback, source: 'DEFAULT_CONFIG' }];
}

/** The first of the broker configs that is set at all, in the unit of the topic's. */
function inheritedValue(key: ConfigKey, broker: BrokerLevels): string | null {
  for (const { name, unitMs } of key.brokerConfigs) {
    const value = broker.value(name);
    if (value === null) continue;
    if (unitMs === 1) return value;
    // -1 is no limit in every unit.
    return Number(value) < 0 ? '-1' : String(Number(value) * unitMs);
  }
  return key.fallback;
}

/**
 * The configs of a topic in force, as the types that code works with: `new
 * ResolvedTopicConfig(image.configs.get('topic', name), new BrokerLevels({ configs: image.configs, brokerId,
 * properties })).get(topicKeys.segmentBytes)`.
 */
export class ResolvedTopicConfig {
  readonly #overrides: ReadonlyMap<string, string>;
  readonly #broker: BrokerLevels;

  constructor(overrides: ReadonlyMap<string, string>, broker: BrokerLevels) {
    this.#overrides = overrides;
    this.#broker = broker;
  }

  get<Value>(key: ConfigKey<Value>): Value {
    const own = this.#overrides.get(key.name);
    return key.valueOf(own === undefined ? inheritedValue(key, this.#broker) : ownValue(key, own));
  }
}
