import type { Connector } from './connector.ts';
import type { ConnectorOperation } from './connector-operation.ts';
import type { Plugin } from './plugin.ts';
import type { WorkerConfiguration } from './worker-configuration.ts';

/** Everything that can happen to Connect's state. Each record has the whole of one thing as it is then. */
export type ConnectStateRecord =
  | { readonly type: 'PluginRecord'; readonly plugin: Plugin }
  | { readonly type: 'RemovePluginRecord'; readonly arn: string }
  | { readonly type: 'WorkerConfigurationRecord'; readonly configuration: WorkerConfiguration }
  | { readonly type: 'RemoveWorkerConfigurationRecord'; readonly arn: string }
  | { readonly type: 'ConnectorRecord'; readonly connector: Connector }
  /** With all its operations. */
  | { readonly type: 'RemoveConnectorRecord'; readonly arn: string }
  | { readonly type: 'ConnectorOperationRecord'; readonly operation: ConnectorOperation };
