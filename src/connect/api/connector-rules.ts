import { wrongLogTargets } from '../../control/api/monitoring-rules.ts';
import type { TypeOf } from '../../control/api/shape.ts';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';
import type { Control } from '../../control/control.ts';
import { CURRENT, loginIn, versionAt } from '../../control/state/secret.ts';
import type { SignIn } from '../state/connector.ts';
import type { Plugin } from '../state/plugin.ts';
import type { CREATE_CONNECTOR } from './connector-shapes.ts';
import { fileRefusal } from './file-rules.ts';
import { ALLOWED_CONSUMER_PROPERTIES, ALLOWED_PRODUCER_PROPERTIES } from './worker-configuration-rules.ts';

/** As AWS spells them; a release of Kafka's own spelling must be the one that is installed. */
const VERSIONS = ['2.7.1', '3.7.x'];
/** Overrides of the clients of one connector; an admin client has none that a connector needs. */
const OVERRIDES: readonly (readonly [prefix: string, allowed: ReadonlySet<string>])[] = [
  ['producer.override.', ALLOWED_PRODUCER_PROPERTIES],
  ['consumer.override.', ALLOWED_CONSUMER_PROPERTIES],
  ['admin.override.', new Set()],
];

/** Those of Kafka itself, which read and write whatever file they are told. */
const FILE_CONNECTORS = [
  'org.apache.kafka.connect.file.FileStreamSourceConnector',
  'org.apache.kafka.connect.file.FileStreamSinkConnector',
];

/**
 * Why a connector of this plugin cannot have this configuration; null when it can, as far as is seen without
 * the connector itself.
 */
export function configurationRefusal(
  connectorName: string,
  configuration: Readonly<Record<string, string>>,
  plugin: Plugin,
  files: string | undefined,
): ApiError | null {
  const wrong = (name: string, problem: string): ApiError =>
    badRequest(`connectorConfiguration.${name} ${problem}.`, 'connectorConfiguration');
  const type = configuration['connector.class'];
  if (type === undefined) return wrong('connector.class', 'is required');
  const connectors = plugin.classes.filter((one) => one.type === 'source' || one.type === 'sink');
  if (!connectors.some((one) => isCalled(one.class, type)))
    return wrong(
      'connector.class',
      `is ${type}, and the plugin ${plugin.name} has ${connectors.map((one) => one.class).join(', ') || 'no connector'}`,
    );
  if (configuration.name !== undefined && configuration.name !== connectorName)
    return wrong('name', `must be the connectorName, ${connectorName}, or be left out`);
  if (FILE_CONNECTORS.some((one) => isCalled(one, type))) {
    const why = fileRefusal(configuration.file, files);
    if (why !== null) return wrong('file', why);
  }
  for (const name of Object.keys(configuration))
    for (const [prefix, allowed] of OVERRIDES)
      if (name.startsWith(prefix) && !allowed.has(name.slice(prefix.length)))
        return wrong(name, 'cannot be overridden by a connector');
  return null;
}

/** By its whole name, by the last part of it, or by that without its ending, as Kafka Connect takes them. */
export function isCalled(name: string, called: string): boolean {
  const simple = name.slice(name.lastIndexOf('.') + 1);
  return [name, simple, simple.replace(/Connector$/, '')].includes(called);
}

/**
 * Why the version cannot be run; null when it, or what stands for it, can. `installed`: null for connectors
 * that are built in.
 */
export function versionRefusal(asked: string, installed: string | null): ApiError | null {
  const own = installed === null ? [] : [installed.replace(/\.\d+$/, '.x'), installed];
  const valid = [...VERSIONS, ...own];
  if (valid.includes(asked)) return null;
  return badRequest(
    `Unsupported kafkaConnectVersion [${asked}]. Valid values: [${valid.join(', ')}]`,
    'kafkaConnectVersion',
  );
}

/** How workers are to sign in; or why they cannot. */
export function signInOf(
  { sealed }: Pick<Control, 'sealed'>,
  input: TypeOf<typeof CREATE_CONNECTOR>,
): SignIn | ApiError {
  const { authenticationType: type, secretArn } = input.kafkaClusterClientAuthentication;
  const field = 'kafkaClusterClientAuthentication';
  if (type !== 'SCRAM' && secretArn !== undefined)
    return badRequest(`A secret is for SCRAM, and not for ${type}.`, `${field}.secretArn`);
  if (type === 'IAM' || type === 'NONE') return { type: 'NONE' };
  if (input.kafkaClusterEncryptionInTransit.encryptionType !== 'TLS')
    return badRequest(`${type} needs TLS as the encryptionType.`, 'kafkaClusterEncryptionInTransit');
  if (type === 'TLS') return { type };
  if (secretArn === undefined)
    return badRequest('SCRAM needs the secretArn of the user that signs in.', `${field}.secretArn`);
  const secret = sealed.secrets.live(secretArn);
  if ('fault' in secret) return badRequest(secret.message, `${field}.secretArn`);
  const version = versionAt(secret, CURRENT);
  return version && loginIn(version)
    ? { type, secretArn: secret.arn }
    : badRequest(`The secret ${secret.name} must be {"username":"…","password":"…"}.`, `${field}.secretArn`);
}

/**
 * What is asked of a connector and not built, each by its name, or names a target of logs that cannot be one.
 */
export function notBuilt(input: TypeOf<typeof CREATE_CONNECTOR>): ApiError | null {
  if (input.kafkaClusterClientAuthentication.authenticationType === 'IAM')
    return badRequest(
      'Workers cannot sign in by IAM yet: authenticationType must be NONE, SCRAM or TLS.',
      'kafkaClusterClientAuthentication.authenticationType',
    );
  const { workerLogDelivery } = input.logDelivery ?? {};
  const at = 'logDelivery.workerLogDelivery';
  if (workerLogDelivery?.firehose?.enabled)
    return badRequest(
      'Logs cannot be delivered to firehose yet: leave it disabled, and name a log group or a bucket.',
      `${at}.firehose`,
    );
  return workerLogDelivery ? wrongLogTargets(workerLogDelivery, at) : null;
}
