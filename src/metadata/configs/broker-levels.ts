import { CLUSTER_DEFAULT, type ConfigsImage } from '../configs.ts';
import { brokerConfig, brokerConfigSynonyms, brokerConfigs } from './broker-configs.ts';
import type { ConfigSource, ConfigSynonym, ResolvedConfig } from './config-source.ts';
import { textOf } from './config-value.ts';
import { readConfig } from './validate-config.ts';

/**
 * The levels at which a broker's configs are set, the strongest first: for this broker, for all brokers, in
 * its properties, and Kafka's defaults.
 */
export class BrokerLevels {
  readonly #levels: readonly { readonly source: ConfigSource; get(name: string): string | undefined }[];

  constructor(options: {
    readonly configs: ConfigsImage;
    readonly brokerId: number;
    readonly properties: ReadonlyMap<string, string>;
  }) {
    const { configs, properties } = options;
    const single = configs.get('broker', String(options.brokerId));
    const all = configs.get('broker', CLUSTER_DEFAULT);
    this.#levels = [
      { source: 'DYNAMIC_BROKER_CONFIG', get: (name) => single.get(name) },
      { source: 'DYNAMIC_DEFAULT_BROKER_CONFIG', get: (name) => all.get(name) },
      { source: 'STATIC_BROKER_CONFIG', get: (name) => properties.get(name) },
      // A config of one listener has no default but the value of the same config of all.
      { source: 'DEFAULT_CONFIG', get: (name) => brokerConfigs.get(name)?.fallback ?? undefined },
    ];
  }

  /** Every level at which the config is set, under any of the names it has. */
  synonyms(name: string): ConfigSynonym[] {
    const names = brokerConfigSynonyms(name);
    const found = this.#levels.flatMap((level) =>
      names.flatMap((each) => {
        const value = level.get(each);
        return value === undefined
          ? []
          : [{ name: each, value: canonical(each, value), source: level.source }];
      }),
    );
    // Kafka leaves out what stands before the first under the config's own name: a value of another unit
    // explains nothing to whoever asked for this one.
    const first = found.findIndex((synonym) => synonym.name === name);
    return first === -1 ? [] : found.slice(first);
  }

  /** The value in force of this very name, not of its relatives in other units. */
  value(name: string): string | null {
    for (const each of name.startsWith('listener.name.') ? brokerConfigSynonyms(name) : [name]) {
      for (const level of this.#levels) {
        const value = level.get(each);
        if (value !== undefined) return canonical(each, value);
      }
    }
    return null;
  }

  resolve(name: string): ResolvedConfig {
    const synonyms = this.synonyms(name);
    return { value: this.value(name), source: synonyms[0]?.source ?? 'DEFAULT_CONFIG', synonyms };
  }
}

/** Kafka tells values as it understood them: without spaces around, numbers without leading zeros. */
function canonical(name: string, text: string): string {
  const key = brokerConfig(name);
  const read = key ? readConfig(key, text) : { message: 'a config of a plugin' };
  return key && 'value' in read ? textOf(key.type, read.value) : text;
}
