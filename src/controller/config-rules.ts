import { brokerConfig, validateDynamicBrokerConfigs } from '../metadata/configs/broker-configs.ts';
import { BrokerLevels } from '../metadata/configs/broker-levels.ts';
import {
  clientMetricsConfigs,
  validateClientMetricsConfigs,
} from '../metadata/configs/client-metrics-configs.ts';
import type { ConfigKey } from '../metadata/configs/config-key.ts';
import { brokenRelation } from '../metadata/configs/config-relation.ts';
import { configSources } from '../metadata/configs/config-source.ts';
import { groupConfigs, validateGroupConfigs } from '../metadata/configs/group-configs.ts';
import { groupRelations } from '../metadata/configs/group-relations.ts';
import { ResolvedTopicConfig, resolveConfig } from '../metadata/configs/resolve-config.ts';
import { topicConfigs, topicKeys, validateTopicConfigs } from '../metadata/configs/topic-configs.ts';
import { CLUSTER_DEFAULT, type ConfigResourceType, ConfigsImage } from '../metadata/configs.ts';
import type { Refusal } from '../protocol/refusal.ts';

/** What is set for all brokers is in force there, and nothing else. */
const NO_BROKER = -1;

/** One config as it takes effect, as CreateTopics answers it. */
export interface EffectiveConfig {
  readonly name: string;
  /** Null when it is unset. */
  readonly value: string | null;
  /** Kafka's ConfigSource id. */
  readonly source: number;
}

/**
 * What is known of configs themselves, with the properties that the controller was started with beneath them.
 */
export class ConfigRules {
  readonly #nodeId: number;
  readonly #properties: ReadonlyMap<string, string>;
  /** Of the configs that were asked about last: one decision asks about thousands of topics. */
  #known:
    | { readonly configs: ConfigsImage; readonly levels: BrokerLevels; readonly plain: TopicValues }
    | undefined;

  constructor(options: { readonly nodeId: number; readonly properties: Readonly<Record<string, string>> }) {
    this.#nodeId = options.nodeId;
    this.#properties = new Map(Object.entries(options.properties));
  }

  /** All that would be set on the resource; null when it may be. */
  validate(
    type: ConfigResourceType,
    name: string,
    configs: ReadonlyMap<string, string>,
    inForce: ConfigsImage,
  ): Refusal | null {
    switch (type) {
      case 'topic':
        return validateTopicConfigs(configs);
      case 'broker':
        return this.#validateBroker(name, configs, inForce);
      case 'group':
        return validateGroupConfigs(configs) ?? this.#groupConflict(configs, inForce.get('group', name));
      case 'clientMetrics':
        return validateClientMetricsConfigs(configs);
      default:
        return null;
    }
  }

  /**
   * The configs of one group have bounds among those of brokers. What does not change is not judged: an older
   * release may have taken it, and it hinders no other change.
   */
  #groupConflict(configs: ReadonlyMap<string, string>, before: ReadonlyMap<string, string>): Refusal | null {
    const changes = ({ name }: ConfigKey) => configs.get(name) !== before.get(name);
    const levels = this.#levels(ConfigsImage.empty);
    const read = (key: ConfigKey<number>) =>
      groupConfigs.has(key.name)
        ? key.valueOf(resolveConfig(key, configs, 'GROUP_CONFIG', levels).value)
        : this.static(key);
    for (const relation of groupRelations) {
      if (!changes(relation.left) && !changes(relation.right)) continue;
      const message = brokenRelation(relation, read);
      if (message !== null) return { error: 'INVALID_CONFIG', message };
    }
    return null;
  }

  #validateBroker(name: string, configs: ReadonlyMap<string, string>, inForce: ConfigsImage): Refusal | null {
    const isCluster = name === CLUSTER_DEFAULT;
    const levels = new BrokerLevels({
      configs: inForce,
      brokerId: isCluster ? this.#nodeId : Number(name),
      properties: this.#properties,
    });
    const beneath = new BrokerLevels({
      configs: isCluster ? ConfigsImage.empty : inForce,
      brokerId: NO_BROKER,
      properties: this.#properties,
    });
    return validateDynamicBrokerConfigs(configs, {
      of: isCluster ? 'cluster' : 'broker',
      current: (config) => levels.value(config),
      beneath: (config) => beneath.value(config),
    });
  }

  /** Whether the value is a list, to which can be appended. */
  isList(type: ConfigResourceType, configName: string): boolean {
    return keyOf(type, configName)?.type === 'LIST';
  }

  /** The value of one that was not set; undefined when there is none. */
  defaultValue(type: ConfigResourceType, configName: string, configs: ConfigsImage): string | undefined {
    const key = keyOf(type, configName);
    if (!key) return undefined;
    const value =
      type === 'topic'
        ? resolveConfig(key, new Map(), 'TOPIC_CONFIG', this.#levels(configs)).value
        : (this.#properties.get(configName) ?? key.fallback);
    return value ?? undefined;
  }

  /** Every config of a topic with these overrides, by name. */
  effectiveTopicConfigs(overrides: ReadonlyMap<string, string>, configs: ConfigsImage): EffectiveConfig[] {
    const levels = this.#levels(configs);
    return [...topicConfigs.values()]
      .filter((key) => !key.internal || overrides.has(key.name))
      .map((key) => {
        const { value, source } = resolveConfig(key, overrides, 'TOPIC_CONFIG', levels);
        return { name: key.name, value, source: configSources[source] };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** unclean.leader.election.enable of a topic, as it takes effect. */
  allowsUncleanElection(topic: string, configs: ConfigsImage): boolean {
    return this.#ofTopic(topic, topicKeys.uncleanLeaderElectionEnable, configs);
  }

  /** min.insync.replicas of a topic, as it takes effect. */
  minInSyncReplicas(topic: string, configs: ConfigsImage): number {
    return this.#ofTopic(topic, topicKeys.minInsyncReplicas, configs);
  }

  /**
   * The value in the controller's own properties, else Kafka's default: what would be in force if nothing
   * were set.
   */
  static<Value>(key: ConfigKey<Value>): Value {
    return this.own(key, ConfigsImage.empty);
  }

  /**
   * A config of the controller itself, from what was set for all brokers, else its properties, else Kafka's
   * default.
   */
  own<Value>(key: ConfigKey<Value>, configs: ConfigsImage): Value {
    return key.valueOf(this.#levels(configs).value(key.name));
  }

  /** Topics without configs of their own, which are most, have the same value. */
  #ofTopic<Value>(topic: string, key: ConfigKey<Value>, configs: ConfigsImage): Value {
    const overrides = configs.get('topic', topic);
    const { levels, plain } = this.#of(configs);
    if (overrides.size > 0) return new ResolvedTopicConfig(overrides, levels).get(key);
    // What is kept under a key is what this very key made of its text.
    if (plain.has(key)) return plain.get(key) as Value;
    const value = new ResolvedTopicConfig(overrides, levels).get(key);
    plain.set(key, value);
    return value;
  }

  #levels(configs: ConfigsImage): BrokerLevels {
    return this.#of(configs).levels;
  }

  #of(configs: ConfigsImage): { readonly levels: BrokerLevels; readonly plain: TopicValues } {
    if (this.#known?.configs === configs) return this.#known;
    const levels = new BrokerLevels({ configs, brokerId: this.#nodeId, properties: this.#properties });
    this.#known = { configs, levels, plain: new Map() };
    return this.#known;
  }
}

/** The value in force of a topic without configs of its own, by key. */
type TopicValues = Map<ConfigKey, unknown>;

function keyOf(type: ConfigResourceType, name: string): ConfigKey | undefined {
  switch (type) {
    case 'topic':
      return topicConfigs.get(name);
    case 'broker':
      return brokerConfig(name);
    case 'group':
      return groupConfigs.get(name);
    case 'clientMetrics':
      return clientMetricsConfigs.get(name);
    case 'brokerLogger':
      return undefined;
  }
}
