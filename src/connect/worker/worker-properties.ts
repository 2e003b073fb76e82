import { configProviders } from '../secrets/config-providers.ts';
import { PROVIDER, VALUES_FILE } from '../secrets/reference.ts';
import type { Connector } from '../state/connector.ts';

/** The prefix of names that AWS gives to what belongs to a connector in the user's cluster. */
const OWN = '__amazon_msk_connect';
/** Clients of a worker that have properties of their own. */
const CLIENTS = ['', 'producer.', 'consumer.', 'admin.'];
/** With which a worker starts when no worker configuration says otherwise. */
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter';

export interface WorkerSurroundings {
  readonly pluginPath: string;
  readonly hasManifests: boolean;
  /** A file with the CA that is trusted beside none; null for the one that Java brings along. */
  readonly caFile: string | null;
}

/** What every worker of a connector runs with; each has a listener of its own beside this. */
export function workerProperties(
  connector: Connector,
  own: Readonly<Record<string, string>>,
  { pluginPath, hasManifests, caFile }: WorkerSurroundings,
): Record<string, string> {
  const id = `${connector.name}_${connector.uuid}-1`;
  return {
    'key.converter': STRING_CONVERTER,
    'value.converter': STRING_CONVERTER,
    'offset.storage.topic': `${OWN}_offsets_${id}`,
    'offset.flush.interval.ms': '5000',
    'exactly.once.source.support': 'enabled',
    // Kafka's 45 s would keep the partitions of a sink's task from the next one for so long after its worker died.
    'consumer.session.timeout.ms': '10000',
    ...own,
    'config.providers': [...configProviders(own), PROVIDER].join(','),
    [`config.providers.${PROVIDER}.class`]: 'org.apache.kafka.common.config.provider.FileConfigProvider',
    [`config.providers.${PROVIDER}.param.allowed.paths`]: VALUES_FILE,
    'bootstrap.servers': connector.bootstrapServers,
    'group.id': `${OWN}_${id}`,
    'config.storage.topic': `${OWN}_configs_${id}`,
    'status.storage.topic': `${OWN}_status_${id}`,
    // As many as the cluster gives by default.
    'config.storage.replication.factor': '-1',
    'offset.storage.replication.factor': '-1',
    'status.storage.replication.factor': '-1',
    // A worker that died is back or replaced in seconds: nothing is gained by leaving its tasks undone for Kafka's five minutes.
    'scheduled.rebalance.max.delay.ms': '0',
    // What overrides may say is checked when the connector is made.
    'connector.client.config.override.policy': 'All',
    'plugin.path': pluginPath,
    'plugin.discovery': hasManifests ? 'service_load' : 'hybrid_warn',
    'rest.advertised.host.name': '127.0.0.1',
    'rest.extension.classes':
      'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
    ...(connector.encryption === 'TLS' ? encrypted(caFile) : {}),
  };
}

function encrypted(caFile: string | null): Record<string, string> {
  const trust: Record<string, string> =
    caFile === null ? {} : { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': caFile };
  const properties = { 'security.protocol': 'SSL', ...trust };
  return Object.fromEntries(
    CLIENTS.flatMap((prefix) =>
      Object.entries(properties).map(([name, value]) => [`${prefix}${name}`, value] as const),
    ),
  );
}
