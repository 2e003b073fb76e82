import { randomUUID } from 'node:crypto';
import { ARN, PAGE } from '../../control/api/operation.ts';
import { integerText, optional, string, structure } from '../../control/api/shape.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { connectArn } from '../../control/aws/arn.ts';
import { page } from '../../control/aws/paging.ts';
import { builtInPlugin, isBuiltIn } from '../plugins/built-in-plugin.ts';
import type { Connector, StateInfo } from '../state/connector.ts';
import type { Plugin } from '../state/plugin.ts';
import { builtInTypes } from './built-in-rules.ts';
import { capacityOf } from './capacity-rules.ts';
import { type ConnectControl, connectOperation, INSTALLING } from './connect-operation.ts';
import { connectorDescription, connectorSummary } from './connector-description.ts';
import { configurationRefusal, notBuilt, signInOf, versionRefusal } from './connector-rules.ts';
import { CREATE_CONNECTOR } from './connector-shapes.ts';
import { sealedConfiguration } from './sealed-configuration.ts';

const MOST_LOG_BYTES = 1024 ** 2;
const LOG_BYTES = 64 * 1024;

export const createConnector = connectOperation({
  name: 'CreateConnector',
  input: CREATE_CONNECTOR,
  async handle(control, input) {
    const plugin = pluginOf(control, input.plugins);
    if (isApiError(plugin)) return plugin;
    const isOwn = isBuiltIn({ plugin: { arn: plugin.arn, revision: 1 } });
    const installation = isOwn ? null : await control.installation();
    if (installation && 'missing' in installation) return badRequest(installation.missing);
    const refusal =
      notBuilt(input) ?? versionRefusal(input.kafkaConnectVersion, installation?.version ?? null);
    if (refusal) return refusal;
    const signIn = signInOf(control, input);
    if (isApiError(signIn)) return signIn;
    const capacity = capacityOf(input.capacity);
    if (isApiError(capacity)) return capacity;
    const workers = input.workerConfiguration;
    const configuration =
      workers && control.store.state.workerConfigurations.get(workers.workerConfigurationArn);
    if (configuration && isApiError(configuration)) return configuration;
    if (workers && workers.revision !== 1)
      return badRequest('The worker configuration has revision 1 alone.', 'workerConfiguration.revision');
    const name = input.connectorName;
    const wrong = configurationRefusal(
      name,
      input.connectorConfiguration,
      plugin,
      control.options.connectFiles,
    );
    if (wrong) return wrong;
    const types = isOwn
      ? builtInTypes(name, input.connectorConfiguration, configuration?.properties ?? null)
      : null;
    if (types && isApiError(types)) return types;
    const uuid = randomUUID();
    const sealed = sealedConfiguration(
      control,
      {
        uuid,
        configuration: {},
        workerConfiguration: workers ? { arn: workers.workerConfigurationArn, revision: 1 } : null,
      },
      input.connectorConfiguration,
    );
    if (isApiError(sealed)) return sealed;
    const { bootstrapServers, vpc } = input.kafkaCluster.apacheKafkaCluster;
    const made = control.store.execute((state) =>
      state.createConnector({
        ...{ uuid, name, capacity, bootstrapServers, signIn },
        arn: connectArn(control.options, 'connector', name, uuid),
        description: input.connectorDescription ?? null,
        createdAt: control.now(),
        tags: input.tags ?? {},
        configuration: types ? control.values.told(uuid, sealed.configuration, types) : sealed.configuration,
        knowsPasswords: types !== null,
        vpc: { subnets: vpc.subnets, securityGroups: vpc.securityGroups ?? [] },
        encryption: input.kafkaClusterEncryptionInTransit.encryptionType,
        kafkaConnectVersion: input.kafkaConnectVersion,
        networkType: input.networkType ?? 'IPV4',
        plugin: { arn: plugin.arn, revision: 1 },
        serviceExecutionRoleArn: input.serviceExecutionRoleArn,
        workerConfiguration: workers ? { arn: workers.workerConfigurationArn, revision: 1 } : null,
        logDelivery: input.logDelivery ?? null,
        state: 'CREATING',
        stateInfo: null,
        hasRun: false,
        operationArn: null,
        revision: 1,
      }),
    );
    if (isApiError(made)) {
      control.values.remove(uuid);
      return made;
    }
    return { connectorArn: made.arn, connectorName: made.name, connectorState: made.state };
  },
});

export const describeConnector = connectOperation({
  name: 'DescribeConnector',
  input: structure({ connectorArn: ARN }),
  handle: async (control, { connectorArn }) => {
    const connector = control.store.state.connectors.get(connectorArn);
    if (isApiError(connector)) return connector;
    const description = connectorDescription(
      connector,
      (await comes(control, connector)) ?? (await runsInstead(control, connector)),
    );
    // What AWS has no word for.
    return {
      ...description,
      pluginRights: await control.pluginRights(connector),
      workerCount: connector.capacity.workerCount,
    };
  },
});

export const listConnectors = connectOperation({
  name: 'ListConnectors',
  input: structure({ connectorNamePrefix: optional(string({ max: 128 })), ...PAGE }),
  handle: (control, input) => {
    const prefix = input.connectorNamePrefix ?? '';
    const paged = page(
      control.store.state.connectors.all().filter(({ name }) => name.startsWith(prefix)),
      { ...input, key: ({ name }) => name, scope: `connectors/${prefix}` },
    );
    if (isApiError(paged)) return paged;
    return { connectors: paged.items.map(connectorSummary), nextToken: paged.nextToken };
  },
});

export const deleteConnector = connectOperation({
  name: 'DeleteConnector',
  input: structure({ connectorArn: ARN, currentVersion: optional(string({ min: 1, max: 128 })) }),
  handle: (control, { connectorArn, currentVersion }) => {
    const gone = control.store.execute((state) => state.deleteConnector(connectorArn, currentVersion));
    return isApiError(gone) ? gone : { connectorArn, connectorState: gone.state };
  },
});

/** What the workers say, which AWS delivers to other services alone. */
export const describeConnectorLogs = connectOperation({
  name: 'DescribeConnectorLogs',
  input: structure({
    connectorArn: ARN,
    bytes: optional(integerText({ min: 1, max: MOST_LOG_BYTES })),
    // `worker-1:1024,worker-2:0`: the positions of an answer before.
    after: optional(string({ max: 1_024, pattern: /^worker-\d+:\d{1,15}(,worker-\d+:\d{1,15})*$/ })),
  }),
  handle: (control, { connectorArn, bytes, after }) => {
    const connector = control.store.state.connectors.get(connectorArn);
    return isApiError(connector)
      ? connector
      : { workers: control.logs(connectorArn, bytes ?? LOG_BYTES, positions(after)) };
  },
});

function positions(text: string | undefined): ReadonlyMap<string, number> {
  const pairs = text === undefined ? [] : text.split(',').map((one) => one.split(':'));
  return new Map(pairs.map(([worker = '', position]) => [worker, Number(position)]));
}

/** How far Kafka Connect is, where a connector waits for it; null where none does. */
async function comes(control: ConnectControl, connector: Connector): Promise<StateInfo | null> {
  if (isBuiltIn(connector) || connector.state !== 'CREATING') return null;
  const installation = await control.installation();
  return 'coming' in installation ? { code: INSTALLING, message: installation.coming } : null;
}

/** What runs where another release of Kafka Connect was asked for; null where it is that one. */
async function runsInstead(control: ConnectControl, connector: Connector): Promise<StateInfo | null> {
  const asked = connector.kafkaConnectVersion;
  const runs = (what: string): StateInfo => ({
    code: 'KAFKA_CONNECT_VERSION',
    message: `${what} runs, where ${asked} was asked for.`,
  });
  if (isBuiltIn(connector)) return runs("Millrace's own worker");
  const installation = await control.installation();
  if (!('libs' in installation)) return null;
  const { version } = installation;
  const isOther = asked !== version && asked !== version.replace(/\.\d+$/, '.x');
  return isOther ? runs(`Kafka Connect ${version}`) : null;
}

function pluginOf(
  control: ConnectControl,
  [given]: readonly {
    readonly customPlugin: { readonly customPluginArn: string; readonly revision: number };
  }[],
): Plugin | ApiError {
  const wanted = given?.customPlugin;
  const own = builtInPlugin(control.options);
  const plugin =
    wanted === undefined || wanted.customPluginArn === own.arn
      ? own
      : control.store.state.plugins.get(wanted.customPluginArn);
  if (isApiError(plugin)) return plugin;
  if (plugin.state !== 'ACTIVE')
    return badRequest(
      `The custom plugin ${plugin.name} is ${plugin.state}${plugin.stateInfo ? `: ${plugin.stateInfo.message}` : ', and must be ACTIVE'}`,
      'plugins[0].customPlugin.customPluginArn',
    );
  if (wanted !== undefined && wanted.revision !== 1)
    return badRequest(
      `The custom plugin ${plugin.name} has revision 1 alone.`,
      'plugins[0].customPlugin.revision',
    );
  return plugin;
}
