import { BrokerLevels } from '../metadata/configs/broker-levels.ts';
import type { ConfigsImage } from '../metadata/configs.ts';
import type { ClusterImage } from '../metadata/image.ts';

/**
 * A broker's configs in force: what was set for this broker, else for all brokers, else in its properties, else
 * Kafka's default. Read as often as one likes: kept until configs change.
 */
export class BrokerSettings {
  readonly brokerId: number;
  readonly #image: () => ClusterImage;
  /** From the broker's options: what Kafka calls server.properties. */
  readonly properties: ReadonlyMap<string, string>;
  readonly #known = new Map<string, string | null>();
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

  text(name: string): string | null {
    const { levels } = this;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const value = levels.value(name);
    this.#known.set(name, value);
    return value;
  }

  /** `fallback` is for configs without a default. */
  number(name: string, fallback: number): number {
    const text = this.text(name);
    return text === null ? fallback : Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    return text === null ? fallback : text === 'true';
  }
}
