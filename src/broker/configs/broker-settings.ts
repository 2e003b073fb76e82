import { BrokerLevels } from '../../metadata/configs/broker-levels.ts';
import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import type { ConfigsImage } from '../../metadata/configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';

/**
 * A broker's configs in force: what was set for this broker, else for all brokers, else in its properties,
 * else Kafka's default. Read as often as one likes: kept until configs change.
 */
export class BrokerSettings {
  readonly brokerId: number;
  readonly #image: () => ClusterImage;
  /** From the broker's options: what Kafka calls server.properties. */
  readonly properties: ReadonlyMap<string, string>;
  readonly #known = new Map<ConfigKey, unknown>();
  #configs: ConfigsImage | undefined;
  #levels: BrokerLevels | undefined;

  constructor(options: {
    readonly brokerId: number;
    readonly image: () => ClusterImage;
    readonly properties: Readonly<Record<string, string>>;
  }) {
    this.brokerId = options.brokerId;
    this.#image = options.image;
    this.properties = new Map(Object.entries(options.properties));
  }

  get levels(): BrokerLevels {
    const { configs } = this.#image();
    if (this.#levels && configs === this.#configs) return this.#levels;
    this.#configs = configs;
    this.#known.clear();
    this.#levels = new BrokerLevels({ configs, brokerId: this.brokerId, properties: this.properties });
    return this.#levels;
  }

  /**
   * The value in force, as its readers want it. A number beyond 2^53 is the largest safe integer: Kafka's
   * "never".
   */
  get<Value>(key: ConfigKey<Value>): Value {
    const { levels } = this;
    const known = this.#known.get(key);
    // What is kept under a key is what this very key made of its text.
    if (known !== undefined) return known as Value;
    const value = key.valueOf(levels.value(key.name));
    this.#known.set(key, value);
    return value;
  }
}
