import { isApiError } from '../../control/aws/api-error.ts';
import { StoreError } from '../../control/state/store-error.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector, ConnectorSetting } from '../state/connector.ts';
import type { ConnectStateRecord } from '../state/records.ts';
import { configProviders } from './config-providers.ts';
import type { SealedValues } from './sealed-values.ts';

/**
 * Seals what an older release kept in clear: connectors and their operations, so that nothing of it is left
 * in the store. Throws StoreError.
 */
export function sealOlder(store: ConnectStore, values: SealedValues): void {
  const older = store.state.connectors.all().filter(({ knowsPasswords }) => knowsPasswords === undefined);
  if (older.length === 0) return;
  for (const connector of older)
    store.execute((state) => ({
      records: [
        ...state.operationsOf(connector.arn).map(
          (operation): ConnectStateRecord => ({
            type: 'ConnectorOperationRecord',
            operation: {
              ...operation,
              origin: operation.origin && sealed(operation.origin, connector),
              target: operation.target && sealed(operation.target, connector),
            },
          }),
        ),
        {
          type: 'ConnectorRecord',
          connector: { ...connector, ...sealed(connector, connector), knowsPasswords: false },
        },
      ],
      answer: null,
    }));
  store.forgetThePast();

  function sealed({ capacity, configuration }: ConnectorSetting, connector: Connector): ConnectorSetting {
    const arn = connector.workerConfiguration?.arn ?? '';
    const workers = store.state.workerConfigurations.get(arn);
    const providers = new Set(isApiError(workers) ? [] : configProviders(workers.properties));
    const safe = values.seal(connector.uuid, configuration, {}, providers);
    if (isApiError(safe))
      throw new StoreError('NOT_STORED', `${connector.name} cannot be sealed: ${safe.message}`);
    return { capacity, ...safe };
  }
}
