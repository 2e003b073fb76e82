import { sinkSpec } from '../kernel/connector-spec.ts';
import type { OperationStyle } from './bulk-operation.ts';
import {
  ELASTICSEARCH_PROPERTIES,
  OPENSEARCH_PROPERTIES,
  type SharedConfig,
  searchSinkProblems,
} from './opensearch-sink-config.ts';
import type { OpenSearchSinkOptions } from './opensearch-sink-task.ts';

export const openSearchSink = sinkSpec({
  className: 'io.aiven.kafka.connect.opensearch.OpensearchSinkConnector',
  aliases: ['OpensearchSinkConnector', 'OpensearchSink'],
  doc: "Writes records into indexes or data streams of OpenSearch. Its properties are those of Aiven's connector.",
  properties: OPENSEARCH_PROPERTIES,
  check: searchSinkProblems,
  task: (config) => {
    const prefix = config['data.stream.prefix'];
    const isStream = config['data.stream.enabled'];
    return made(config, {
      indexOf: (topic) => (isStream && prefix !== null ? `${prefix}-${topic}` : topic).toLowerCase(),
      dataStream: isStream ? { timestampFields: [config['data.stream.timestamp.field']] } : null,
    });
  },
});

export const elasticsearchSink = sinkSpec({
  className: 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
  aliases: ['ElasticsearchSinkConnector', 'ElasticsearchSink'],
  doc: "Writes records into indexes or data streams of OpenSearch or Elasticsearch. Its properties are those of Confluent's connector.",
  properties: ELASTICSEARCH_PROPERTIES,
  check: (config) => [
    ...searchSinkProblems(config),
    ...((config['data.stream.type'] === 'none') !== (config['data.stream.dataset'] === '')
      ? [
          {
            property: 'data.stream.dataset',
            message: 'data.stream.type and data.stream.dataset go together.',
          },
        ]
      : []),
  ],
  task: (config) => {
    const type = config['data.stream.type'];
    const isStream = type !== 'none';
    return made(config, {
      indexOf: (topic) =>
        (isStream ? `${type}-${config['data.stream.dataset']}-${topic}` : topic).toLowerCase(),
      dataStream: isStream ? { timestampFields: config['data.stream.timestamp.field'] } : null,
    });
  },
});

async function made(config: SharedConfig, names: Pick<OperationStyle, 'indexOf' | 'dataStream'>) {
  const { OpenSearchSinkTask } = await import('./opensearch-sink-task.ts');
  return new OpenSearchSinkTask(optionsOf(config, names));
}

function optionsOf(
  config: SharedConfig,
  names: Pick<OperationStyle, 'indexOf' | 'dataStream'>,
): OpenSearchSinkOptions {
  const { 'connection.username': user, 'connection.password': password } = config;
  return {
    client: {
      urls: config['connection.url'],
      authorization:
        user === null ? null : `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`,
      timeoutMs: config['connection.timeout.ms'] + config['read.timeout.ms'],
      compresses: config['connection.compression'],
    },
    style: {
      ...names,
      ignoresKey: config['key.ignore'],
      writeMethod: config['write.method'],
      nullValues: config['behavior.on.null.values'],
      compactsMaps: config['compact.map.entries'],
    },
    mapsSchemas: !config['schema.ignore'],
    batchSize: config['batch.size'],
    batchBytes: config['bulk.size.bytes'],
    maxInFlight: config['max.in.flight.requests'],
    lingerMs: config['linger.ms'],
    maxBuffered: config['max.buffered.records'],
    retries: { maxRetries: config['max.retries'], backoffMs: config['retry.backoff.ms'] },
    malformed: config['behavior.on.malformed.documents'],
  };
}
