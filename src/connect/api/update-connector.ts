import { ARN } from '../../control/api/operation.ts';
import { boolean, optional, string, structure, type TypeOf } from '../../control/api/shape.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { builtInPlugin, isBuiltIn } from '../plugins/built-in-plugin.ts';
import { configProviders } from '../secrets/config-providers.ts';
import type { Connector, ConnectorSetting, Reference } from '../state/connector.ts';
import type { WorkerConfiguration } from '../state/worker-configuration.ts';
import { begun } from './begun.ts';
import { builtInWorkersRefusal } from './built-in-rules.ts';
import { capacityOf } from './capacity-rules.ts';
import { chosenPlugin } from './chosen-plugin.ts';
import { type ConnectControl, connectOperation } from './connect-operation.ts';
import { configurationRefusal } from './connector-rules.ts';
import { CAPACITY, CONFIGURATION, PLUGINS, WORKER_CONFIGURATION } from './connector-shapes.ts';
import { sealedConfiguration } from './sealed-configuration.ts';

const INPUT = structure({
  connectorArn: ARN,
  currentVersion: string({ min: 1, max: 128 }),
  capacity: optional(CAPACITY),
  connectorConfiguration: optional(CONFIGURATION),
  skipHealthValidation: optional(boolean),
  plugins: optional(PLUGINS),
  workerConfiguration: optional(WORKER_CONFIGURATION),
  useDefaultWorkerConfiguration: optional(boolean),
});
type Asked = TypeOf<typeof INPUT>;

export const updateConnector = connectOperation({
  name: 'UpdateConnector',
  input: INPUT,
  handle(control, input) {
    const { capacity, connectorConfiguration, plugins, workerConfiguration } = input;
    const isOfWorkers =
      capacity !== undefined ||
      plugins !== undefined ||
      workerConfiguration !== undefined ||
      input.useDefaultWorkerConfiguration === true;
    if (isOfWorkers === (connectorConfiguration !== undefined))
      return badRequest(
        'Exactly one of connectorConfiguration and what the workers are made of (capacity, plugins, workerConfiguration or useDefaultWorkerConfiguration) must be given.',
      );
    const connector = control.store.state.connectors.get(input.connectorArn);
    if (isApiError(connector)) return connector;
    const target = isOfWorkers
      ? workersWanted(control, connector, input)
      : configurationWanted(control, connector, connectorConfiguration ?? {});
    if (isApiError(target)) return target;
    return begun(
      control,
      input.connectorArn,
      {
        type: isOfWorkers ? 'UPDATE_WORKER_SETTING' : 'UPDATE_CONNECTOR_CONFIGURATION',
        target,
        skipHealthValidation: input.skipHealthValidation ?? false,
      },
      input.currentVersion,
    );
  },
});

function configurationWanted(
  control: ConnectControl,
  connector: Connector,
  asked: Readonly<Record<string, string>>,
): ConnectorSetting | ApiError {
  if (asked['connector.class'] !== connector.configuration['connector.class'])
    return badRequest('connector.class cannot be changed.', 'connectorConfiguration');
  const plugin = isBuiltIn(connector)
    ? builtInPlugin(control.options)
    : control.store.state.plugins.get(connector.plugin.arn);
  if (isApiError(plugin)) return plugin;
  const wrong = configurationRefusal(connector.name, asked, plugin, control.options.connectFiles);
  if (wrong) return wrong;
  const sealed = sealedConfiguration(control, connector, asked);
  const { capacity, plugin: same, workerConfiguration } = connector;
  return isApiError(sealed)
    ? sealed
    : { capacity, configuration: sealed.configuration, plugin: same, workerConfiguration };
}

function workersWanted(
  control: ConnectControl,
  connector: Connector,
  input: Asked,
): ConnectorSetting | ApiError {
  const { capacity: asked, plugins } = input;
  const capacity = asked ? capacityOf(asked, connector.capacity.workerCount) : connector.capacity;
  if (isApiError(capacity)) return capacity;
  const scaling = asked?.autoScaling;
  const policy = (['scaleInPolicy', 'scaleOutPolicy'] as const).find((one) => scaling && !scaling[one]);
  if (policy) return badRequest(`An update must give the ${policy}.`, `capacity.autoScaling.${policy}`);
  const plugin = plugins ? pluginWanted(control, connector, plugins) : connector.plugin;
  if (isApiError(plugin)) return plugin;
  const workerConfiguration = workerConfigurationWanted(control, connector, input);
  return workerConfiguration !== null && isApiError(workerConfiguration)
    ? workerConfiguration
    : { capacity, configuration: connector.configuration, plugin, workerConfiguration };
}

/** Another plugin with the same class, as one with a newer release of it. */
function pluginWanted(
  control: ConnectControl,
  connector: Connector,
  plugins: TypeOf<typeof PLUGINS>,
): Reference | ApiError {
  const plugin = chosenPlugin(control, plugins);
  if (isApiError(plugin)) return plugin;
  const reference = { arn: plugin.arn, revision: 1 };
  if (isBuiltIn({ plugin: reference }) !== isBuiltIn(connector))
    return badRequest(
      'An update cannot move a connector between workers of Java and those of built-in connectors: delete it, and make it again under its name, and it goes on where it was.',
      'plugins',
    );
  const { name, configuration } = connector;
  return configurationRefusal(name, configuration, plugin, control.options.connectFiles) ?? reference;
}

/** Null for Kafka Connect's own defaults. */
function workerConfigurationWanted(
  control: ConnectControl,
  connector: Connector,
  { workerConfiguration: wanted, useDefaultWorkerConfiguration: isDefault }: Asked,
): Reference | null | ApiError {
  const { workerConfigurations } = control.store.state;
  if (wanted !== undefined && isDefault === true)
    return badRequest(
      'Only one of workerConfiguration and useDefaultWorkerConfiguration can be given.',
      'useDefaultWorkerConfiguration',
    );
  if (wanted === undefined && isDefault !== true) return connector.workerConfiguration;
  const found = wanted ? workerConfigurations.get(wanted.workerConfigurationArn) : null;
  if (found && isApiError(found)) return found;
  if (wanted && wanted.revision !== 1)
    return badRequest('The worker configuration has revision 1 alone.', 'workerConfiguration.revision');
  const before = workerConfigurations.get(connector.workerConfiguration?.arn ?? '');
  const properties = found?.properties ?? {};
  const wrong =
    lostProvider(connector, isApiError(before) ? null : before, properties) ??
    (found && isBuiltIn(connector) ? builtInWorkersRefusal(properties) : null);
  if (wrong) return wrong;
  return wanted ? { arn: wanted.workerConfigurationArn, revision: 1 } : null;
}

/** Workers without a provider that the configuration refers to would hand on the reference as the value. */
function lostProvider(
  { configuration }: Connector,
  before: WorkerConfiguration | null,
  after: WorkerConfiguration['properties'],
): ApiError | null {
  const kept = new Set(configProviders(after));
  for (const provider of configProviders(before?.properties ?? {}))
    for (const [property, value] of Object.entries(configuration))
      if (!kept.has(provider) && value.includes(`\${${provider}:`))
        return badRequest(
          `connectorConfiguration.${property} refers to the configuration provider ${provider}, which the new worker configuration does not have.`,
          'workerConfiguration',
        );
  return null;
}
