import { type ApiError, isApiError } from '../../control/aws/api-error.ts';
import { configProviders } from '../secrets/config-providers.ts';
import type { Connector } from '../state/connector.ts';
import type { ConnectControl } from './connect-operation.ts';

/**
 * A connector's new configuration as it may be written down: without its passwords, which are sealed now.
 * Throws StoreError.
 */
export function sealedConfiguration(
  { store, values }: Pick<ConnectControl, 'store' | 'values'>,
  connector: Pick<Connector, 'uuid' | 'configuration' | 'workerConfiguration'>,
  asked: Readonly<Record<string, string>>,
): { readonly configuration: Readonly<Record<string, string>> } | ApiError {
  const workers = store.state.workerConfigurations.get(connector.workerConfiguration?.arn ?? '');
  const providers = new Set(isApiError(workers) ? [] : configProviders(workers.properties));
  return values.seal(connector.uuid, asked, connector.configuration, providers);
}
