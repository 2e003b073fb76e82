import { readJavaProperties } from '../../base/java-properties.ts';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';
import { configProviders } from '../secrets/config-providers.ts';
import { PROVIDER } from '../secrets/reference.ts';

const FIELD = 'propertiesFileContent';
const REQUIRED = ['key.converter', 'value.converter'];

/**
 * Of a worker's producers and consumers, what MSK lets people set; the same may be overridden by a connector.
 */
export const ALLOWED_PRODUCER_PROPERTIES: ReadonlySet<string> = new Set(
  'acks batch.size buffer.memory compression.type enable.idempotence key.serializer linger.ms max.request.size metadata.max.age.ms metadata.max.idle.ms partitioner.class reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retry.backoff.ms value.serializer'.split(
    ' ',
  ),
);
export const ALLOWED_CONSUMER_PROPERTIES: ReadonlySet<string> = new Set(
  'allow.auto.create.topics auto.offset.reset check.crcs fetch.max.bytes fetch.max.wait.ms fetch.min.bytes heartbeat.interval.ms key.deserializer max.partition.fetch.bytes max.poll.interval.ms max.poll.records metadata.max.age.ms partition.assignment.strategy reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retry.backoff.ms session.timeout.ms value.deserializer'.split(
    ' ',
  ),
);

/** What the service sets itself. */
const REFUSED_PREFIXES =
  'access.control. admin. admin.listeners.https. client. connect. inter.worker. internal. listeners.https. metrics. metrics.context. rest. sasl. security. socket. ssl. topic.tracking. worker.'.split(
    ' ',
  );
const REFUSED = new Set(
  'bootstrap.servers config.storage.topic connections.max.idle.ms connector.client.config.override.policy group.id listeners metric.reporters plugin.discovery plugin.path receive.buffer.bytes response.http.headers.config scheduled.rebalance.max.delay.ms send.buffer.bytes status.storage.topic'.split(
    ' ',
  ),
);
/**
 * Configuration providers that read what is on this machine, its files and what the worker was started with,
 * by all their names.
 */
const READS_THE_MACHINE =
  /^(org\.apache\.kafka\.common\.config\.provider\.)?(File|Directory|EnvVar)(ConfigProvider)?$/;

/** The properties of a worker configuration's text, by name; or the first that is wrong. */
export function readWorkerProperties(text: string): Readonly<Record<string, string>> | ApiError {
  const properties = readJavaProperties(text);
  if ('reason' in properties)
    return badRequest(`${FIELD} is no properties file: ${properties.reason}.`, FIELD);
  for (const [name, value] of properties) {
    const why = refusal(name, value);
    if (why !== null) return badRequest(`The property ${name} ${why}.`, FIELD);
  }
  if (configProviders(Object.fromEntries(properties)).includes(PROVIDER))
    return badRequest(
      `The configuration provider ${PROVIDER} is Millrace's own: choose another name.`,
      FIELD,
    );
  const missing = REQUIRED.find((name) => !properties.get(name));
  if (missing !== undefined) return badRequest(`The property ${missing} is required.`, FIELD);
  return Object.fromEntries(properties);
}

function refusal(name: string, value: string): string | null {
  if (name.startsWith('producer.'))
    return ALLOWED_PRODUCER_PROPERTIES.has(name.slice('producer.'.length))
      ? null
      : 'cannot be set in a worker configuration';
  if (name.startsWith('consumer.'))
    return ALLOWED_CONSUMER_PROPERTIES.has(name.slice('consumer.'.length))
      ? null
      : 'cannot be set in a worker configuration';
  if (REFUSED.has(name) || REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix)))
    return 'cannot be set in a worker configuration';
  if (/^config\.providers\..+\.class$/.test(name) && READS_THE_MACHINE.test(value.trim()))
    return `may not be ${value.trim()}: it would read files or the environment of this machine`;
  return null;
}
