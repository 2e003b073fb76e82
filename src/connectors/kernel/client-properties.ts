import type { ConsumerOptions } from '../../kafka-client/consumer/consumer-options.ts';
import type { ProducerOptions } from '../../kafka-client/producer/producer-options.ts';
import { type ConfigOf, type ConfigProperties, readConfig } from './config.ts';
import { intProperty, longProperty, oneOfProperty } from './config-property.ts';

const told = { importance: 'LOW', doc: "As Kafka's own clients have it." } as const;

/** What can be set of the consumers of sinks, behind `consumer.override.` or, for a worker, `consumer.`. */
export const CONSUMER_PROPERTIES = {
  'auto.offset.reset': oneOfProperty(['earliest', 'latest', 'none'], { ...told, default: 'earliest' }),
  'max.poll.records': intProperty({ ...told, default: 500, min: 1 }),
  'fetch.max.bytes': intProperty({ ...told, default: 8 * 1024 ** 2, min: 1 }),
  'max.partition.fetch.bytes': intProperty({ ...told, default: 1024 ** 2, min: 1 }),
  'fetch.min.bytes': intProperty({ ...told, default: 1, min: 0 }),
  'fetch.max.wait.ms': intProperty({ ...told, default: 500, min: 0 }),
  // How long the partitions of a task that is gone for good stay unread: brokers allow no less by default.
  'session.timeout.ms': intProperty({ ...told, default: 6000, min: 1 }),
  'heartbeat.interval.ms': intProperty({ ...told, default: 1500, min: 1 }),
  'max.poll.interval.ms': intProperty({ ...told, default: 300_000, min: 1 }),
  'metadata.max.age.ms': longProperty({
    importance: 'LOW',
    doc: 'How often topics under topics.regex that were made or deleted, and partitions that were added, are looked for, in milliseconds.',
    default: 30_000,
    min: 1,
  }),
};

/** What can be set of the producers of sources, likewise. */
export const PRODUCER_PROPERTIES = {
  'compression.type': oneOfProperty(['none', 'gzip', 'snappy', 'lz4', 'zstd'], { ...told, default: 'none' }),
  'linger.ms': longProperty({ ...told, default: 5, min: 0 }),
  'batch.size': intProperty({ ...told, default: 128 * 1024, min: 0 }),
  'buffer.memory': longProperty({ ...told, default: 32 * 1024 ** 2, min: 1 }),
};

export function consumerOptions(texts: Readonly<Record<string, string>>): ConsumerOptions {
  const config = valid(CONSUMER_PROPERTIES, texts);
  return {
    offsetReset: config['auto.offset.reset'],
    pollRecords: config['max.poll.records'],
    fetchBytes: config['fetch.max.bytes'],
    partitionBytes: config['max.partition.fetch.bytes'],
    minBytes: config['fetch.min.bytes'],
    maxWaitMs: config['fetch.max.wait.ms'],
    sessionTimeoutMs: config['session.timeout.ms'],
    heartbeatMs: config['heartbeat.interval.ms'],
    pollTimeoutMs: config['max.poll.interval.ms'],
  };
}

/** Of the client and the pattern of a sink. */
export function metadataAgeMs(texts: Readonly<Record<string, string>>): number {
  return valid(CONSUMER_PROPERTIES, texts)['metadata.max.age.ms'];
}

export function producerOptions(texts: Readonly<Record<string, string>>): ProducerOptions {
  const config = valid(PRODUCER_PROPERTIES, texts);
  return {
    compression: config['compression.type'],
    lingerMs: config['linger.ms'],
    batchBytes: config['batch.size'],
    bufferBytes: config['buffer.memory'],
  };
}

/** The texts behind a prefix, without it. */
export function behind(prefix: string, texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), text] as const] : [],
    ),
  );
}

function valid<const Properties extends ConfigProperties>(
  properties: Properties,
  texts: Readonly<Record<string, string>>,
): ConfigOf<Properties> {
  const { config, problems } = readConfig(properties, texts);
  if (!config) throw new Error(problems.map(({ message }) => message).join(' '));
  return config;
}
