import { logsConfigs } from './broker/logs-configs.ts';
import { networkConfigs } from './broker/network-configs.ts';
import { replicationConfigs } from './broker/replication-configs.ts';
import { saslConfigs } from './broker/sasl-configs.ts';
import type { ConfigKey } from './config-key.ts';
import { brokenRelation } from './config-relation.ts';
import { brokerGroupRelations } from './group-relations.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CLEANER_THREAD_BYTES = 1024 * 1024;

/** Configs of a broker that do not go together. */
export interface ConfigConflict {
  /** Kafka's sentence. */
  readonly message: string;
  /** Whether they rule groups, or anything else: Kafka checks the two in different places. */
  readonly of: 'groups' | 'broker';
}

/** The value of each config, as text; null where it is unset. */
type Values = (name: string) => string | null;

/**
 * What Kafka demands of configs of a broker beyond the rule of each (KafkaConfig.validateValues): null when
 * it is kept. `inForce`: what is or would be in force. What is broken in the same way `before` the change is
 * left out: an older release took it, and nothing else could be changed beside it.
 */
export function configConflict(inForce: Values, before?: Values): ConfigConflict | null {
  const known = new Set(before ? [...conflicts(before)].map(({ message }) => message) : []);
  for (const conflict of conflicts(inForce)) if (!known.has(conflict.message)) return conflict;
  return null;
}

function* conflicts(inForce: Values): Generator<ConfigConflict> {
  for (const message of groupConflicts(inForce)) yield { of: 'groups', message };
  for (const message of otherConflicts(inForce)) yield { of: 'broker', message };
}

function* groupConflicts(inForce: Values): Generator<string> {
  const get = reading(inForce);
  for (const relation of brokerGroupRelations) {
    const broken = brokenRelation(relation, get);
    if (broken !== null) yield broken;
  }
}

function* otherConflicts(inForce: Values): Generator<string> {
  const get = reading(inForce);
  const rollMs = get(logsConfigs.logRollMs) ?? get(logsConfigs.logRollHours) * HOUR_MS;
  if (rollMs < 1) yield 'log.roll.ms must be greater than or equal to 1';
  const jitterMs = get(logsConfigs.logRollJitterMs) ?? get(logsConfigs.logRollJitterHours) * HOUR_MS;
  if (jitterMs < 0) yield 'log.roll.jitter.ms must be greater than or equal to 0';
  const minutes = get(logsConfigs.logRetentionMinutes) ?? get(logsConfigs.logRetentionHours) * 60;
  const retentionMs = get(logsConfigs.logRetentionMs) ?? minutes * MINUTE_MS;
  // Each negative number means that nothing is too old.
  if (retentionMs === 0) yield 'log.retention.ms must be unlimited (-1) or, greater than or equal to 1';
  const cleanerThreads = get(logsConfigs.logCleanerThreads);
  if (cleanerThreads < 1) yield 'log.cleaner.threads must be greater than or equal to 1';
  else if (Math.trunc(get(logsConfigs.logCleanerDedupeBufferSize) / cleanerThreads) <= CLEANER_THREAD_BYTES)
    yield 'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.';

  const { replicaFetchWaitMaxMs, replicaSocketTimeoutMs, replicaLagTimeMaxMs } = replicationConfigs;
  if (get(replicaFetchWaitMaxMs) > get(replicaSocketTimeoutMs))
    yield 'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts';
  if (get(replicaFetchWaitMaxMs) > get(replicaLagTimeMaxMs))
    yield 'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR';

  const queuedBytes = get(networkConfigs.queuedMaxRequestBytes);
  if (queuedBytes > 0 && queuedBytes < get(networkConfigs.socketRequestMaxBytes))
    yield 'queued.max.request.bytes must be larger or equal to socket.request.max.bytes';
  if (
    get(networkConfigs.maxConnectionsPerIp) === 0 &&
    get(networkConfigs.maxConnectionsPerIpOverrides) === ''
  )
    yield 'max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.';
  const idleMs = get(networkConfigs.connectionsMaxIdleMs);
  const delayMs = get(saslConfigs.connectionFailedAuthenticationDelayMs);
  if (idleMs >= 0 && delayMs >= idleMs)
    yield `connection.failed.authentication.delay.ms=${delayMs} should always be less than connections.max.idle.ms=${idleMs} to prevent failed authentication responses from timing out`;
}

function reading(inForce: Values): <Value>(key: ConfigKey<Value>) => Value {
  return (key) => key.valueOf(inForce(key.name) ?? key.fallback);
}
