import { CLUSTER_DEFAULT } from '../metadata/configs.ts';
import type { ClusterImage } from '../metadata/image.ts';

/**
 * A broker's configs in force: what was set for this broker, else for all brokers, else in its properties. Defaults
 * are the caller's (the config tables), so that there is one list of them.
 */
export class BrokerSettings {
  readonly #brokerId: number;
  readonly #image: () => ClusterImage;
  /** From the broker's options: what Kafka calls server.properties. */
  readonly properties: ReadonlyMap<string, string>;

  constructor(options: {
    readonly brokerId: number;
    readonly image: () => ClusterImage;
    readonly properties: Readonly<Record<string, string>>;
  }) {
    this.#brokerId = options.brokerId;
    this.#image = options.image;
    this.properties = new Map(Object.entries(options.properties));
  }

  text(name: string): string | undefined {
    const { configs } = this.#image();
    return (
      configs.get('broker', String(this.#brokerId)).get(name) ??
      configs.get('broker', CLUSTER_DEFAULT).get(name) ??
      this.properties.get(name)
    );
  }

  number(name: string, fallback: number): number {
    const text = this.text(name);
    return text === undefined ? fallback : Number(text);
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    return text === undefined ? fallback : text.trim().toLowerCase() === 'true';
  }
}
