import { configProviders } from '../secrets/config-providers.ts';
import { PROVIDER, VALUES_FILE } from '../secrets/reference.ts';
import type { Connector } from '../state/connector.ts';
import { ownNames } from './own-names.ts';

/** Clients of a worker that have properties of their own. */
const CLIENTS = ['', 'producer.', 'consumer.', 'admin.'];
/** With which a worker starts when no worker configuration says otherwise. */
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter';

export interface WorkerSurroundings {
  readonly pluginPath: string;
  readonly hasManifests: boolean;
  /** PEM of the CA that is trusted beside none; null for those that Java brings along. */
  readonly ca: string | null;
  /** With what each client signs in. */
  readonly login: Readonly<Record<string, string>>;
}

/** What every worker of a connector runs with; each has a listener of its own beside this. */
export function workerProperties(
  connector: Connector,
  own: Readonly<Record<string, string>>,
  { pluginPath, hasManifests, ca, login }: WorkerSurroundings,
): Record<string, string> {
  const { group, configs, offsets, status } = ownNames(connector, own);
  return {
    'key.converter': STRING_CONVERTER,
    'value.converter': STRING_CONVERTER,
    'offset.flush.interval.ms': '5000',
    'exactly.once.source.support': 'enabled',
    // How long the tasks of a worker that died stay undone, and after it the partitions of a sink's task:
    // brokers allow no less by default.
    ...{ 'session.timeout.ms': '6000', 'heartbeat.interval.ms': '1500' },
    ...{ 'consumer.session.timeout.ms': '6000', 'consumer.heartbeat.interval.ms': '1500' },
    ...own,
    'config.providers': [...configProviders(own), PROVIDER].join(','),
    [`config.providers.${PROVIDER}.class`]: 'org.apache.kafka.common.config.provider.FileConfigProvider',
    [`config.providers.${PROVIDER}.param.allowed.paths`]: VALUES_FILE,
    'bootstrap.servers': connector.bootstrapServers,
    'group.id': group,
    'config.storage.topic': configs,
    'offset.storage.topic': offsets,
    'status.storage.topic': status,
    // As many as the cluster gives by default.
    'config.storage.replication.factor': '-1',
    'offset.storage.replication.factor': '-1',
    'status.storage.replication.factor': '-1',
    // A worker that died is back or replaced in seconds: nothing is gained by leaving its tasks undone for
    // Kafka's five minutes.
    'scheduled.rebalance.max.delay.ms': '0',
    // What overrides may say is checked when the connector is made.
    'connector.client.config.override.policy': 'All',
    'plugin.path': pluginPath,
    'plugin.discovery': hasManifests ? 'service_load' : 'hybrid_warn',
    'rest.advertised.host.name': '127.0.0.1',
    'rest.extension.classes':
      'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
    ...ofEveryClient({ ...(connector.encryption === 'TLS' ? encrypted(ca) : {}), ...login }),
  };
}

/** What every worker of a built-in connector runs with: of the same, what such a worker has a use for. */
export function builtInProperties(
  connector: Connector,
  own: Readonly<Record<string, string>>,
  { ca, login }: Pick<WorkerSurroundings, 'ca' | 'login'>,
): Record<string, string> {
  const { group, offsets } = ownNames(connector, own);
  return {
    'key.converter': STRING_CONVERTER,
    'value.converter': STRING_CONVERTER,
    'offset.flush.interval.ms': '5000',
    ...own,
    'bootstrap.servers': connector.bootstrapServers,
    'group.id': group,
    'offset.storage.topic': offsets,
    ...(connector.encryption === 'TLS' ? encrypted(ca) : {}),
    ...login,
  };
}

function encrypted(ca: string | null): Record<string, string> {
  const trust: Record<string, string> =
    ca === null ? {} : { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': ca };
  return { 'security.protocol': 'SSL', ...trust };
}

function ofEveryClient(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    CLIENTS.flatMap((prefix) =>
      Object.entries(properties).map(([name, value]) => [`${prefix}${name}`, value] as const),
    ),
  );
}
