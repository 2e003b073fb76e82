import { ApiClient } from '../api-client.ts';
import { bootstrapStringsNow, findCluster } from '../clusters/clusters.ts';
import type { Command, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { connectorConfig } from './connector-config.ts';
import { whileIn } from './connectors.ts';
import { findPlugin } from './custom-plugins.ts';

export const connectCreate: Command = {
  name: 'connect create',
  summary: 'Create a connector and wait until its tasks run.',
  takes: 'NAME',
  words: { min: 1, max: 1 },
  options: {
    plugin: {
      value: 'NAME',
      help: 'The custom plugin with its class: see "millrace connect plugins". Default: the connectors that are built in.',
    },
    config: { value: 'FILE', help: "The connector's properties, with connector.class." },
    cluster: { value: 'NAME', help: 'The cluster that it reads or writes.', default: 'demo' },
    'sign-in': {
      value: 'HOW',
      help: 'How its workers sign in to that cluster: none, scram or tls. Default: none where that is allowed.',
    },
    secret: { value: 'NAME', help: 'The secret of Secrets Manager with the user for scram.' },
    workers: { value: 'N', help: 'Workers of the connector.', default: '1' },
    'max-workers': {
      value: 'N',
      help: 'As many as it may become by the use of their CPUs (autoscaling); --workers are the least then.',
    },
    'max-tasks': { value: 'N', help: 'The most tasks while it is autoscaled. Default: 2 for each unit.' },
    mcu: { value: 'N', help: 'Size of each: 1, 2, 4 or 8 times 2 GiB of heap.', default: '1' },
    'kafka-connect-version': { value: 'VERSION', help: "In MSK's spelling.", default: '3.7.x' },
    'log-group': { value: 'GROUP', help: 'Bring the logs of its workers to this log group.' },
    'log-bucket': {
      value: 'BUCKET[/PREFIX]',
      help: 'Bring them to this bucket: of --s3-endpoint of "millrace up", or a folder.',
    },
    'no-wait': { help: 'Return at once, while the connector is CREATING.' },
    ...API_OPTION,
    ...JSON_OPTION,
  },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const [connectorName = ''] = given.words;
    const signIn = given.maybe('sign-in') ?? 'none';
    if (!isSignIn(signIn))
      throw new Failure(`--sign-in takes none, scram or tls, not "${signIn}".`, { exit: 'usage' });
    if ((signIn === 'scram') !== given.has('secret'))
      throw new Failure('--sign-in scram needs a --secret, and nothing else takes one.', { exit: 'usage' });
    const connectorConfiguration = connectorConfig(given.text('config'));
    const name = given.maybe('plugin');
    const plugin = name === undefined ? null : await findPlugin(api, name);
    const cluster = await findCluster(api, given.text('cluster'));
    const { bootstrapServers, encryptionType } = addresses(
      signIn,
      await bootstrapStringsNow(api, cluster),
      cluster.clusterName,
    );
    const created = await api.send('POST', ['v1', 'connectors'], {
      connectorName,
      capacity: capacity(given),
      connectorConfiguration,
      kafkaCluster: { apacheKafkaCluster: { bootstrapServers, vpc: { subnets: ['subnet-1'] } } },
      kafkaClusterClientAuthentication: {
        authenticationType: signIn.toUpperCase(),
        ...(given.has('secret') ? { secretArn: given.text('secret') } : {}),
      },
      kafkaClusterEncryptionInTransit: { encryptionType },
      kafkaConnectVersion: given.text('kafka-connect-version'),
      ...logDelivery(given),
      plugins: plugin ? [{ customPlugin: { customPluginArn: plugin.arn, revision: 1 } }] : [],
      serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/none',
    });
    const arn = String(created.connectorArn);
    const connector = await whileIn(api, arn, given.switched('no-wait') ? [] : ['CREATING'], output.progress);
    const { state } = connector;
    if (state === 'FAILED')
      throw new Failure(`The connector ${connectorName} is FAILED: ${connector.note ?? 'see its logs'}`);
    if (given.switched('json')) output.line(JSON.stringify({ name: connectorName, arn, state }));
    else output.line(`${connectorName} is ${state}: ${arn}`);
    return 0;
  },
};

function logDelivery(given: Given): object {
  const logGroup = given.maybe('log-group');
  const [bucket, prefix] = given.maybe('log-bucket')?.split(/\/(.*)/s) ?? [];
  if (logGroup === undefined && bucket === undefined) return {};
  return {
    logDelivery: {
      workerLogDelivery: {
        ...(logGroup === undefined ? {} : { cloudWatchLogs: { enabled: true, logGroup } }),
        ...(bucket === undefined ? {} : { s3: { enabled: true, bucket, ...(prefix ? { prefix } : {}) } }),
      },
    },
  };
}

function capacity(given: Given): object {
  const mcuCount = given.integer('mcu', { min: 1, max: 8 });
  const workerCount = given.integer('workers', { min: 1, max: 10 });
  if (!given.has('max-workers')) {
    if (given.has('max-tasks'))
      throw new Failure('--max-tasks is for connectors with --max-workers.', { exit: 'usage' });
    return { provisionedCapacity: { mcuCount, workerCount } };
  }
  const maxWorkerCount = given.integer('max-workers', { min: 1, max: 10 });
  return {
    autoScaling: {
      ...{ mcuCount, minWorkerCount: workerCount, maxWorkerCount },
      ...(given.has('max-tasks')
        ? { maxAutoscalingTaskCount: given.integer('max-tasks', { min: 1, max: 1_000 }) }
        : {}),
    },
  };
}

type SignIn = 'none' | 'scram' | 'tls';

function isSignIn(value: string): value is SignIn {
  return value === 'none' || value === 'scram' || value === 'tls';
}

/** Of the listener on which workers sign in so. */
function addresses(
  signIn: SignIn,
  strings: Record<string, unknown>,
  cluster: string,
): { bootstrapServers: string; encryptionType: 'PLAINTEXT' | 'TLS' } {
  const {
    bootstrapBrokerString: plain,
    bootstrapBrokerStringTls: tls,
    bootstrapBrokerStringSaslScram: scram,
  } = strings;
  if (signIn === 'none' && typeof plain === 'string')
    return { bootstrapServers: plain, encryptionType: 'PLAINTEXT' };
  const encrypted = signIn === 'scram' ? scram : tls;
  if (typeof encrypted === 'string') return { bootstrapServers: encrypted, encryptionType: 'TLS' };
  throw new Failure(
    `The cluster ${cluster} has no listener now where workers sign in by "${signIn}": say another way with --sign-in.`,
  );
}
