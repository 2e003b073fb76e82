import { isApiError } from '../../control/aws/api-error.ts';
import type { ConnectControl } from '../api/connect-operation.ts';
import { isCalled } from '../api/connector-rules.ts';
import { deleteConnector } from '../api/connectors.ts';
import { createConnector } from '../api/create-connector.ts';
import { builtInPlugin } from '../plugins/built-in-plugin.ts';
import type { Plugin } from '../state/plugin.ts';
import { described } from './described.ts';
import { configurationOf, ofApiError, type RestAnswer, restError } from './rest-answer.ts';
import { validated } from './validated.ts';

const OTHERWISE =
  'make the connector with MSK Connect’s CreateConnector, which says its plugin, its cluster, how its workers sign in and how many there are ("millrace connect create").';

/** `POST /connectors`: `{ "name": …, "config": { … } }`. */
export async function creation(control: ConnectControl, body: unknown): Promise<RestAnswer> {
  const { name, config, initial_state: state = 'RUNNING' } = fields(body);
  const configuration = configurationOf(config);
  if (!configuration) return restError(400, 'The body must have "config", a JSON object of strings.');
  const called = typeof name === 'string' ? name : configuration.name;
  if (typeof called !== 'string') return restError(400, 'The body must have "name", a string.');
  if (state !== 'RUNNING')
    return restError(400, 'A connector is made with the initial_state RUNNING alone: pause or stop it then.');
  if (control.store.state.connectors.all().some((one) => one.name === called))
    return restError(409, `Connector ${called} already exists`);
  return created(control, called, configuration);
}

/**
 * What Kafka Connect does not ask for is decided here: the plugin is the one that has the class, the cluster
 * the only one, and there is one worker, which does not sign in. Answers once the connector itself has found
 * its configuration valid; where it has not, there is no connector. One that has not said so after ANSWER_MS
 * is there, and FAILED where it finds that later.
 */
export async function created(
  control: ConnectControl,
  name: string,
  given: Readonly<Record<string, string | null>>,
): Promise<RestAnswer> {
  const plugin = pluginOf(control, given['connector.class'] ?? '');
  if ('status' in plugin) return plugin;
  const cluster = clusterOf(control);
  if ('status' in cluster) return cluster;
  const configuration = Object.fromEntries(
    Object.entries(given).filter(([property, value]) => value !== null && property !== 'name'),
  );
  const answer = await createConnector.run(control, {
    connectorName: name,
    capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
    connectorConfiguration: configuration,
    kafkaCluster: {
      apacheKafkaCluster: { bootstrapServers: cluster.bootstrapServers, vpc: { subnets: ['subnet-1'] } },
    },
    kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
    kafkaClusterEncryptionInTransit: { encryptionType: cluster.encryptionType },
    kafkaConnectVersion: '3.7.x',
    plugins: [{ customPlugin: { customPluginArn: plugin.arn, revision: 1 } }],
    serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/none',
  });
  if (isApiError(answer)) return ofApiError(answer);
  const connector = await validated(control, name);
  if (!connector) return restError(409, `The connector ${name} was deleted meanwhile.`);
  const { state, stateInfo, hasRun, arn } = connector;
  if (state === 'FAILED' && !hasRun && stateInfo?.code === 'INVALID_CONFIGURATION') {
    await deleteConnector.run(control, { connectorArn: arn });
    return restError(
      400,
      `Connector configuration is invalid and contains the following error(s):\n${stateInfo.message}`,
    );
  }
  return { ...(await described(control, connector)), status: 201 };
}

function pluginOf(control: ConnectControl, type: string): Plugin | RestAnswer {
  const own = builtInPlugin(control.options);
  const having = [...control.store.state.plugins.all(), own].filter(
    ({ classes, state }) =>
      state === 'ACTIVE' &&
      classes.some((one) => (one.type === 'source' || one.type === 'sink') && isCalled(one.class, type)),
  );
  // A plugin was put there to be used.
  const plugins = having.length > 1 ? having.filter(({ arn }) => arn !== own.arn) : having;
  const [plugin] = plugins;
  if (!plugin)
    return restError(400, `No plugin has a connector class ${type}: "millrace connect plugins" lists them.`);
  if (plugins.length > 1)
    return restError(
      400,
      `The plugins ${plugins.map((one) => one.name).join(' and ')} all have the class ${type}: ${OTHERWISE}`,
    );
  return plugin;
}

function clusterOf(
  control: ConnectControl,
): { readonly bootstrapServers: string; readonly encryptionType: 'PLAINTEXT' | 'TLS' } | RestAnswer {
  const clusters = control.clusters();
  const [cluster] = clusters;
  if (!cluster) return restError(400, 'There is no cluster that a connector could work with: create one.');
  if (clusters.length > 1)
    return restError(
      400,
      `A connector of this interface works with the only cluster, and there are ${clusters.map((one) => one.name).join(' and ')}: ${OTHERWISE}`,
    );
  const { plaintext, tls } = cluster;
  if (plaintext !== null) return { bootstrapServers: plaintext, encryptionType: 'PLAINTEXT' };
  if (tls !== null) return { bootstrapServers: tls, encryptionType: 'TLS' };
  return restError(
    400,
    `Workers must sign in to the cluster ${cluster.name}, and nothing here says as whom: ${OTHERWISE}`,
  );
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
