import type { ConnectClassType } from '../state/plugin.ts';

/**
 * What plugins implement, by the name of Kafka's interface or class: also the name of its ServiceLoader
 * manifest.
 */
const TYPES: Readonly<Record<string, ConnectClassType>> = {
  'org.apache.kafka.connect.source.SourceConnector': 'source',
  'org.apache.kafka.connect.sink.SinkConnector': 'sink',
  'org.apache.kafka.connect.storage.Converter': 'converter',
  'org.apache.kafka.connect.storage.HeaderConverter': 'header_converter',
  'org.apache.kafka.connect.transforms.Transformation': 'transformation',
  'org.apache.kafka.connect.transforms.predicates.Predicate': 'predicate',
  'org.apache.kafka.common.config.provider.ConfigProvider': 'configprovider',
  'org.apache.kafka.connect.rest.ConnectRestExtension': 'rest_extension',
  'org.apache.kafka.connect.connector.policy.ConnectorClientConfigOverridePolicy':
    'connector_client_config_override_policy',
};

export function connectType(name: string): ConnectClassType | null {
  return TYPES[name] ?? null;
}

/** The name of the manifest with classes of a type. */
export function serviceOf(type: ConnectClassType): string {
  const [service] = Object.entries(TYPES).find(([, one]) => one === type) ?? [];
  if (service === undefined) throw new Error(`no manifest has ${type}`);
  return service;
}

export function isConnectType(type: unknown): type is ConnectClassType {
  return Object.values<unknown>(TYPES).includes(type);
}
