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

  /** As `get`, of a resource in the form of this image's keys. */
  of(key: string): ReadonlyMap<string, string> {
    return this.#byResource.get(key) ?? nothing;
  }

  /** With all of this set on the resource, and nothing else. */
  with(key: string, values: ReadonlyMap<string, string>): ConfigsImage {
    return new ConfigsImage(
      values.size === 0 ? this.#byResource.delete(key) : this.#byResource.set(key, values),
    );
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
  /**
   * By resource, all that is set on it now. One request may set ten thousand on one: they are copied once.
   */
  readonly #changed = new Map<string, Map<string, string>>();

  constructor(image: ConfigsImage) {
    this.before = image;
  }

  /** Names of the resources of this type in which something was set or taken back. */
  changed(type: ConfigResourceType): string[] {
    return [...this.#changed.keys()]
      .map(resourceOf)
      .filter(([resourceType]) => resourceType === configResourceTypes[type])
      .map(([, name]) => name);
  }

  replay(record: RecordOf<'ConfigRecord'>): void {
    const key = resourceKey(record.resourceType, record.resourceName);
    let values = this.#changed.get(key);
    if (!values) {
      values = new Map(this.before.of(key));
      this.#changed.set(key, values);
    }
    if (record.value === null) values.delete(record.name);
    else values.set(record.name, record.value);
  }

  /** A topic's configs end with the topic; there is no record of its own for that. */
  topicRemoved(name: string): void {
    this.#changed.set(resourceKey(configResourceTypes.topic, name), new Map());
  }

  /** What was replayed later is not in the image that this returned. */
  apply(): ConfigsImage {
    let image = this.before;
    for (const [key, values] of this.#changed) image = image.with(key, new Map(values));
    return image;
  }
}

function resourceKey(type: number, name: string): string {
  return `${type}:${name}`;
}

function resourceOf(key: string): [number, string] {
  const colon = key.indexOf(':');
  return [Number(key.slice(0, colon)), key.slice(colon + 1)];
}
