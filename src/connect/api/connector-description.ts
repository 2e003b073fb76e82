import type { StateInfo } from '../../control/aws/state-info.ts';
import { currentVersion } from '../../control/state/current-version.ts';
import { withoutSecrets } from '../secrets/reference.ts';
import type { Connector, ConnectorSetting, Reference } from '../state/connector.ts';
import { capacityDescription } from './capacity-rules.ts';
import { timestamp } from './connect-operation.ts';

/** A connector as lists have it. */
export function connectorSummary(connector: Connector): object {
  const { description, workerConfiguration, logDelivery, vpc } = connector;
  return {
    capacity: capacityDescription(connector.capacity),
    connectorArn: connector.arn,
    ...(description === null ? {} : { connectorDescription: description }),
    connectorName: connector.name,
    connectorState: connector.state,
    creationTime: timestamp(connector.createdAt),
    currentVersion: currentVersion(connector),
    kafkaCluster: { apacheKafkaCluster: { bootstrapServers: connector.bootstrapServers, vpc } },
    kafkaClusterClientAuthentication: authentication(connector),
    kafkaClusterEncryptionInTransit: { encryptionType: connector.encryption },
    kafkaConnectVersion: connector.kafkaConnectVersion,
    ...(logDelivery === null ? {} : { logDelivery }),
    networkType: connector.networkType,
    plugins: [customPlugin(connector.plugin)],
    serviceExecutionRoleArn: connector.serviceExecutionRoleArn,
    ...(workerConfiguration === null
      ? {}
      : { workerConfiguration: workerConfigurationOf(workerConfiguration) }),
  };
}

/** A connector whole. `otherwise`: what stands beside its state where it has nothing to say of itself. */
export function connectorDescription(connector: Connector, otherwise: StateInfo | null): object {
  const info = connector.stateInfo ?? otherwise;
  return {
    ...connectorSummary(connector),
    connectorConfiguration: withoutSecrets(connector.configuration),
    ...(info ? { stateDescription: info } : {}),
  };
}

/** What the workers of a connector are made of, before an update or after it. */
export function workerSetting({ capacity, plugin, workerConfiguration }: ConnectorSetting): object {
  return {
    capacity: capacityDescription(capacity),
    ...(plugin ? { plugins: [customPlugin(plugin)] } : {}),
    ...(workerConfiguration ? { workerConfiguration: workerConfigurationOf(workerConfiguration) } : {}),
    ...(workerConfiguration === undefined
      ? {}
      : { useDefaultWorkerConfiguration: workerConfiguration === null }),
  };
}

function authentication({ signIn = { type: 'NONE' } }: Connector): object {
  return {
    authenticationType: signIn.type,
    ...(signIn.type === 'SCRAM' ? { secretArn: signIn.secretArn } : {}),
  };
}

function customPlugin({ arn, revision }: Reference): object {
  return { customPlugin: { customPluginArn: arn, revision } };
}

function workerConfigurationOf({ arn, revision }: Reference): object {
  return { workerConfigurationArn: arn, revision };
}
