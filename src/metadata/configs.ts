import { ImmutableMap } from '../base/immutable-map.ts';
import type { MetadataRecord, RecordOf } from './records.ts';

/** Kafka's ConfigResource types, as records and requests number them. */
export const configResourceTypes = {
  topic: 2,
  broker: 4,
  brokerLogger: 8,
  clientMetrics: 16,
  group: 32,
} as const;
export type ConfigResourceType = keyof typeof configResourceTypes;

/** The broker resource of this name holds the defaults of all brokers. */
export const CLUSTER_DEFAULT = '';

const nothing: ReadonlyMap<string, string> = new Map();

/** What was set, per resource; defaults are not here. */
export class ConfigsImage {
  static readonly empty = new ConfigsImage(ImmutableMap.empty());
  readonly #byResource: ImmutableMap<string, ReadonlyMap<string, string>>;

  constructor(byResource: ImmutableMap<string, ReadonlyMap<string, string>>) {
    this.#byResource = byResource;
  }

  get(type: ConfigResourceType, name: string): ReadonlyMap<string, string> {
    return this.#byResource.get(resourceKey(configResourceTypes[type], name)) ?? nothing;
  }

  /** Every resource of the type that has something set, with it. */
  *all(type: ConfigResourceType): IterableIterator<readonly [string, ReadonlyMap<string, string>]> {
    for (const [key, values] of this.#byResource) {
      const [resourceType, name] = resourceOf(key);
      if (resourceType === configResourceTypes[type]) yield [name, values];
    }
  }

  with(key: string, name: string, value: string | null): ConfigsImage {
    const values = new Map(this.#byResource.get(key));
    if (value === null) values.delete(name);
    else values.set(name, value);
    return new ConfigsImage(
      values.size === 0 ? this.#byResource.delete(key) : this.#byResource.set(key, values),
    );
  }

  without(key: string): ConfigsImage {
    return new ConfigsImage(this.#byResource.delete(key));
  }

  *records(): IterableIterator<MetadataRecord> {
    for (const [key, values] of this.#byResource) {
      const [resourceType, resourceName] = resourceOf(key);
      for (const [name, value] of [...values].sort())
        yield { type: 'ConfigRecord', resourceType, resourceName, name, value };
    }
  }
}

export class ConfigsDelta {
  readonly before: ConfigsImage;
  #image: ConfigsImage;
  readonly #changed = new Set<string>();

  constructor(image: ConfigsImage) {
    this.before = image;
    this.#image = image;
  }

  /** Names of the resources of this type in which something was set or taken back. */
  changed(type: ConfigResourceType): string[] {
    return [...this.#changed]
      .map(resourceOf)
      .filter(([resourceType]) => resourceType === configResourceTypes[type])
      .map(([, name]) => name);
  }

  replay(record: RecordOf<'ConfigRecord'>): void {
    const key = resourceKey(record.resourceType, record.resourceName);
    this.#changed.add(key);
    this.#image = this.#image.with(key, record.name, record.value);
  }

  /** A topic's configs end with the topic; there is no record of its own for that. */
  topicRemoved(name: string): void {
    const key = resourceKey(configResourceTypes.topic, name);
    this.#changed.add(key);
    this.#image = this.#image.without(key);
  }

  apply(): ConfigsImage {
    return this.#image;
  }
}

function resourceKey(type: number, name: string): string {
  return `${type}:${name}`;
}

function resourceOf(key: string): [number, string] {
  const colon = key.indexOf(':');
  return [Number(key.slice(0, colon)), key.slice(colon + 1)];
}
