import { authorizerConfigs } from './broker/authorizer-configs.ts';
import { controllerConfigs } from './broker/controller-configs.ts';
import { groupsConfigs } from './broker/groups-configs.ts';
import { logsConfigs } from './broker/logs-configs.ts';
import { networkConfigs } from './broker/network-configs.ts';
import { oauthConfigs } from './broker/oauth-configs.ts';
import { quotasAndMetricsConfigs } from './broker/quotas-and-metrics-configs.ts';
import { remoteStorageConfigs } from './broker/remote-storage-configs.ts';
import { replicationConfigs } from './broker/replication-configs.ts';
import { saslConfigs } from './broker/sasl-configs.ts';
import { shareGroupsConfigs } from './broker/share-groups-configs.ts';
import { streamsGroupsConfigs } from './broker/streams-groups-configs.ts';
import { tlsConfigs } from './broker/tls-configs.ts';
import { topicsConfigs } from './broker/topics-configs.ts';
import { transactionsConfigs } from './broker/transactions-configs.ts';
import { configConflict } from './config-conflicts.ts';
import { byName, type ConfigKey } from './config-key.ts';
import { validateThreadCount } from './thread-counts.ts';
import { validateConfig } from './validate-config.ts';

/** Every broker config of Kafka 4.3, gathered from one table per subject. */
export const brokerConfigs = byName(
  networkConfigs,
  topicsConfigs,
  logsConfigs,
  replicationConfigs,
  groupsConfigs,
  streamsGroupsConfigs,
  shareGroupsConfigs,
  transactionsConfigs,
  controllerConfigs,
  tlsConfigs,
  saslConfigs,
  authorizerConfigs,
  oauthConfigs,
  quotasAndMetricsConfigs,
  remoteStorageConfigs,
);

/**
 * Names that stand for one setting in several units; DescribeConfigs tells them together, the strongest
 * first.
 */
const SYNONYMS: readonly (readonly string[])[] = [
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
];

/** The names under which a broker config may have been set, the strongest first. */
export function brokerConfigSynonyms(name: string): readonly string[] {
  if (name === 'log.flush.interval.ms') return [name, 'log.flush.scheduler.interval.ms'];
  const group = SYNONYMS.find((names) => names.includes(name));
  if (group) return group;
  // A config of one listener stands before the same config of all.
  const [, base] = LISTENER_PREFIX.exec(name) ?? [];
  return base === undefined ? [name] : [name, base];
}

const LISTENER_PREFIX = /^listener\.name\.[^.]*\.(.*)$/;

/** The config of this name, also when it is that of one listener. */
export function brokerConfig(name: string): ReturnType<typeof brokerConfigs.get> {
  return brokerConfigs.get(name) ?? brokerConfigs.get(brokerConfigSynonyms(name).at(-1) ?? name);
}

export interface InvalidBrokerConfig {
  readonly error: 'INVALID_REQUEST';
  readonly message: string;
}

/** What a dynamic config is judged against beside its own rules. */
export interface DynamicScope {
  /** For one broker, or as the default of all. */
  readonly of: 'broker' | 'cluster';
  /** The value in force now; null when the config is unset and has no default. */
  readonly current: (name: string) => string | null;
  /** The value that would be in force if nothing were set there. */
  readonly beneath: (name: string) => string | null;
}

/**
 * Of configs that are to be set while brokers run, for one broker or as the default of all. Names that Kafka
 * does not know are allowed: they are for plugins. Null when all may be set.
 */
export function validateDynamicBrokerConfigs(
  configs: ReadonlyMap<string, string>,
  { of, current, beneath }: DynamicScope,
): InvalidBrokerConfig | null {
  const names = [...configs.keys()];
  const fixed = names.filter((name) => brokerConfig(name)?.dynamic === 'read-only');
  if (fixed.length > 0) return invalid(`Cannot update these configs dynamically: [${fixed.join(', ')}]`);
  const unprefixed = names.filter((name) => ONLY_PER_LISTENER.has(name));
  if (unprefixed.length > 0)
    return invalid(
      `These security configs can be dynamically updated only per-listener using the listener prefix: [${unprefixed.join(', ')}]`,
    );
  for (const [name, value] of configs) {
    const key = brokerConfig(name);
    const message = key
      ? (validateConfig({ ...key, name }, value) ??
        validateThreadCount(name, value, current) ??
        validateConnectionLimit(key, value))
      : null;
    if (message !== null) return invalid(message);
  }
  const conflict = configConflict((name) => configs.get(name) ?? beneath(name), current);
  // Kafka checks what rules groups in Java, the rest with Scala's `require`, which begins its sentences so.
  if (conflict !== null)
    return invalid(conflict.of === 'groups' ? conflict.message : `requirement failed: ${conflict.message}`);
  const single = of === 'cluster' ? names.filter((name) => brokerConfig(name)?.dynamic === 'per-broker') : [];
  if (single.length === 0) return null;
  return invalid(
    `Cannot update these configs at default cluster level, broker id must be specified: [${single.join(', ')}]`,
  );
}

/** No connection at all would leave nobody who could take the change back. */
function validateConnectionLimit({ name }: ConfigKey, value: string): string | null {
  return LIMITS_OF_ALL.has(name) && Number(value) === 0 ? `Invalid ${name} 0` : null;
}

const LIMITS_OF_ALL: ReadonlySet<string> = new Set(['max.connection.creation.rate', 'max.connections']);

/** Kafka's SslConfigs.RECONFIGURABLE_CONFIGS. */
const ONLY_PER_LISTENER: ReadonlySet<string> = new Set([
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.type',
]);

/**
 * What somebody wants a broker to be started with. Null when each value is one that its config may have
 * beside the others, else the sentence that says which is not. A name that is no config of Kafka's is
 * refused: nothing would obey it.
 */
export function validateBrokerProperties(properties: Readonly<Record<string, string>>): string | null {
  const invalid = firstInvalid(properties, (key) => key);
  return invalid ?? configConflict((name) => properties[name] ?? null)?.message ?? null;
}

/**
 * The same for a broker that starts, whose cluster an older release may have made. Configs need not go
 * together, and of one that nobody obeys it is enough that the value has its type.
 */
export function invalidAtStart(properties: Readonly<Record<string, string>>): string | null {
  return firstInvalid(properties, (key) => (key.obedience.when === 'never' ? { ...key, valid: null } : key));
}

/**
 * The properties that a broker starts with: those of its cluster but lists without a value where Kafka wants
 * one, which an older release took. Kafka's default is in force instead of them. `left` are their names.
 */
export function withoutEmptyLists(properties: Readonly<Record<string, string>>): {
  readonly kept: Record<string, string>;
  readonly left: readonly string[];
} {
  const isLeft = ([name, value]: readonly [string, string]): boolean => {
    const key = brokerConfig(name);
    return key?.type === 'LIST' && value.trim() === '' && validateConfig({ ...key, name }, value) !== null;
  };
  const all = Object.entries(properties);
  return {
    kept: Object.fromEntries(all.filter((one) => !isLeft(one))),
    left: all.filter(isLeft).map(([name]) => name),
  };
}

function firstInvalid(
  properties: Readonly<Record<string, string>>,
  judged: (key: ConfigKey) => ConfigKey,
): string | null {
  for (const [name, value] of Object.entries(properties)) {
    const key = brokerConfig(name);
    if (!key) return `Unknown broker config name: ${name}`;
    const message = validateConfig(judged({ ...key, name }), value);
    if (message !== null) return message;
  }
  return null;
}

function invalid(message: string): InvalidBrokerConfig {
  return { error: 'INVALID_REQUEST', message };
}
