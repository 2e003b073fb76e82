import { randomUUID } from 'node:crypto';
import type { TypeOf } from '../../control/api/shape.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { connectArn } from '../../control/aws/arn.ts';
import { isBuiltIn } from '../plugins/built-in-plugin.ts';
import type { Capacity } from '../state/capacity.ts';
import type { Connector, Reference, SignIn } from '../state/connector.ts';
import { builtInTypes } from './built-in-rules.ts';
import { capacityOf } from './capacity-rules.ts';
import { chosenPlugin } from './chosen-plugin.ts';
import { type ConnectControl, connectOperation } from './connect-operation.ts';
import { configurationRefusal, notBuilt, signInOf, versionRefusal } from './connector-rules.ts';
import { CREATE_CONNECTOR } from './connector-shapes.ts';
import { sealedConfiguration } from './sealed-configuration.ts';

type Asked = TypeOf<typeof CREATE_CONNECTOR>;

export const createConnector = connectOperation({
  name: 'CreateConnector',
  input: CREATE_CONNECTOR,
  async handle(control, input) {
    const checked = await checkedRequest(control, input);
    if (isApiError(checked)) return checked;
    const uuid = randomUUID();
    const { types, workerConfiguration } = checked;
    const sealed = sealedConfiguration(
      control,
      { uuid, configuration: {}, workerConfiguration },
      input.connectorConfiguration,
    );
    if (isApiError(sealed)) return sealed;
    const configuration = types
      ? control.values.told(uuid, sealed.configuration, types)
      : sealed.configuration;
    const made = control.store.execute((state) =>
      state.createConnector(newConnector(control, input, checked, { uuid, configuration })),
    );
    if (isApiError(made)) {
      control.values.remove(uuid);
      return made;
    }
    return { connectorArn: made.arn, connectorName: made.name, connectorState: made.state };
  },
});

/** What a request that may be done comes to. */
interface Checked {
  readonly plugin: Reference;
  readonly signIn: SignIn;
  readonly capacity: Capacity;
  readonly workerConfiguration: Reference | null;
  /** The type of each property of a built-in connector; null where only its workers know them. */
  readonly types: ReadonlyMap<string, string> | null;
}

async function checkedRequest(control: ConnectControl, input: Asked): Promise<Checked | ApiError> {
  const plugin = chosenPlugin(control, input.plugins);
  if (isApiError(plugin)) return plugin;
  const reference = { arn: plugin.arn, revision: 1 };
  const isOwn = isBuiltIn({ plugin: reference });
  const installation = isOwn ? null : await control.installation();
  if (installation && 'missing' in installation) return badRequest(installation.missing);
  const refusal = notBuilt(input) ?? versionRefusal(input.kafkaConnectVersion, installation?.version ?? null);
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
  const { connectorName: name, connectorConfiguration: properties } = input;
  const wrong = configurationRefusal(name, properties, plugin, control.options.connectFiles);
  if (wrong) return wrong;
  const types = isOwn ? builtInTypes(name, properties, configuration?.properties ?? null) : null;
  if (types && isApiError(types)) return types;
  const workerConfiguration = workers ? { arn: workers.workerConfigurationArn, revision: 1 } : null;
  return { plugin: reference, signIn, capacity, workerConfiguration, types };
}

/** `configuration`: with references to what is sealed. */
function newConnector(
  control: ConnectControl,
  input: Asked,
  { plugin, signIn, capacity, workerConfiguration, types }: Checked,
  { uuid, configuration }: Pick<Connector, 'uuid' | 'configuration'>,
): Connector {
  const { connectorName: name } = input;
  const { bootstrapServers, vpc } = input.kafkaCluster.apacheKafkaCluster;
  return {
    arn: connectArn(control.options, 'connector', name, uuid),
    uuid,
    name,
    description: input.connectorDescription ?? null,
    createdAt: control.now(),
    tags: input.tags ?? {},
    capacity,
    configuration,
    knowsPasswords: types !== null,
    bootstrapServers,
    vpc: { subnets: vpc.subnets, securityGroups: vpc.securityGroups ?? [] },
    encryption: input.kafkaClusterEncryptionInTransit.encryptionType,
    signIn,
    kafkaConnectVersion: input.kafkaConnectVersion,
    networkType: input.networkType ?? 'IPV4',
    plugin,
    serviceExecutionRoleArn: input.serviceExecutionRoleArn,
    workerConfiguration,
    logDelivery: input.logDelivery ?? null,
    state: 'CREATING',
    stateInfo: null,
    hasRun: false,
    operationArn: null,
    revision: 1,
  };
}
