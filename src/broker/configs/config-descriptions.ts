import { hashMapOrder } from '../../base/java-hash-order.ts';
import { brokerConfig, brokerConfigs } from '../../metadata/configs/broker-configs.ts';
import { BrokerLevels } from '../../metadata/configs/broker-levels.ts';
import { clientMetricsConfigs } from '../../metadata/configs/client-metrics-configs.ts';
import { documentation } from '../../metadata/configs/config-documentation.ts';
import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import {
  type ConfigSource,
  configSources,
  type ResolvedConfig,
} from '../../metadata/configs/config-source.ts';
import type { ConfigType } from '../../metadata/configs/config-value.ts';
import { groupConfigs } from '../../metadata/configs/group-configs.ts';
import { resolveConfig } from '../../metadata/configs/resolve-config.ts';
import { topicConfigs } from '../../metadata/configs/topic-configs.ts';
import { CLUSTER_DEFAULT, type ConfigsImage } from '../../metadata/configs.ts';
import type { DescribeConfigsResponse } from '../../protocol/messages/32-describe-configs.ts';

type Config = DescribeConfigsResponse['results'][number]['configs'][number];

/** DescribeConfigs' numbers of types. */
const TYPE_IDS: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
};

// Kafka tells configs in the order of the hash map that it keeps them in. Clients' own tests know which of a
// topic comes first (rdkafka-ruby's want compression.type).
const TOPIC_KEYS = inOrder(topicConfigs);
const GROUP_KEYS = inOrder(groupConfigs);
const CLIENT_METRICS_KEYS = inOrder(clientMetricsConfigs);

function inOrder(table: ReadonlyMap<string, ConfigKey>): ConfigKey[] {
  return hashMapOrder([...table.keys()]).flatMap((name) => table.get(name) ?? []);
}

/** The configs of a resource as DescribeConfigs tells them, with as much detail as was asked for. */
export class ConfigDescriptions {
  readonly #detail: { readonly includeSynonyms: boolean; readonly includeDocumentation: boolean };
  readonly #configs: ConfigsImage;
  readonly #properties: ReadonlyMap<string, string>;
  readonly #brokerId: number;
  readonly #levels: BrokerLevels;

  constructor(
    detail: { readonly includeSynonyms: boolean; readonly includeDocumentation: boolean },
    state: {
      readonly configs: ConfigsImage;
      readonly brokerId: number;
      readonly properties: ReadonlyMap<string, string>;
    },
  ) {
    this.#detail = detail;
    this.#configs = state.configs;
    this.#properties = state.properties;
    this.#brokerId = state.brokerId;
    this.#levels = new BrokerLevels(state);
  }

  topic(name: string): Config[] {
    return this.#overridden(TOPIC_KEYS, this.#configs.get('topic', name), 'TOPIC_CONFIG');
  }

  group(name: string): Config[] {
    return this.#overridden(GROUP_KEYS, this.#configs.get('group', name), 'GROUP_CONFIG');
  }

  clientMetrics(name: string): Config[] {
    const set = this.#configs.get('clientMetrics', name);
    return this.#overridden(CLIENT_METRICS_KEYS, set, 'CLIENT_METRICS_CONFIG');
  }

  /** All configs of this broker that Kafka knows, and whatever else was set on it. */
  broker(): Config[] {
    const set = new Set([
      ...this.#configs.get('broker', String(this.#brokerId)).keys(),
      ...this.#configs.get('broker', CLUSTER_DEFAULT).keys(),
      ...this.#properties.keys(),
    ]);
    const known = [...brokerConfigs.values()].filter(({ name, internal }) => !internal || set.has(name));
    const others = [...set].filter((name) => !brokerConfigs.has(name));
    return hashMapOrder([...known.map(({ name }) => name), ...others]).map((name) =>
      this.#brokerConfig(name, this.#levels.resolve(name)),
    );
  }

  /** What is set for all brokers at once. */
  allBrokers(): Config[] {
    return [...this.#configs.get('broker', CLUSTER_DEFAULT).keys()].map((name) => {
      const common = this.#levels
        .synonyms(name)
        .filter(({ source }) => source === 'DYNAMIC_DEFAULT_BROKER_CONFIG');
      const first = common[0];
      return this.#brokerConfig(name, {
        value: first?.value ?? null,
        source: first?.source ?? 'DEFAULT_CONFIG',
        synonyms: common,
      });
    });
  }

  loggers(): Config[] {
    return [
      {
        name: 'root',
        value: 'INFO',
        readOnly: true,
        configSource: configSources.DYNAMIC_BROKER_LOGGER_CONFIG,
        isSensitive: false,
        synonyms: [],
      },
    ];
  }

  #overridden(
    keys: readonly ConfigKey[],
    set: ReadonlyMap<string, string>,
    source: Extract<ConfigSource, 'TOPIC_CONFIG' | 'GROUP_CONFIG' | 'CLIENT_METRICS_CONFIG'>,
  ): Config[] {
    return keys
      .filter(({ name, internal }) => !internal || set.has(name))
      .map((key) => this.#described(key.name, key, resolveConfig(key, set, source, this.#levels), false));
  }

  #brokerConfig(name: string, resolved: ResolvedConfig): Config {
    const key = brokerConfig(name);
    return this.#described(name, key, resolved, (key?.dynamic ?? 'read-only') === 'read-only');
  }

  #described(name: string, key: ConfigKey | undefined, resolved: ResolvedConfig, readOnly: boolean): Config {
    // An unknown config may be the secret of a plugin, so its value is not told.
    const isSensitive = key === undefined || key.type === 'PASSWORD';
    const { includeSynonyms, includeDocumentation } = this.#detail;
    return {
      name,
      value: isSensitive ? null : resolved.value,
      readOnly,
      configSource: configSources[resolved.source],
      isSensitive,
      synonyms: includeSynonyms
        ? resolved.synonyms.map((synonym) => ({
            name: synonym.name,
            value: isSensitive ? null : synonym.value,
            source: configSources[synonym.source],
          }))
        : [],
      configType: key ? TYPE_IDS[key.type] : 0,
      documentation: includeDocumentation && key ? documentation(key) : null,
    };
  }
}
