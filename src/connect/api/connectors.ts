import { ARN, PAGE } from '../../control/api/operation.ts';
import { integerText, optional, string, structure } from '../../control/api/shape.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { page } from '../../control/aws/paging.ts';
import type { StateInfo } from '../../control/aws/state-info.ts';
import { isBuiltIn } from '../plugins/built-in-plugin.ts';
import type { Connector } from '../state/connector.ts';
import { type ConnectControl, connectOperation, INSTALLING } from './connect-operation.ts';
import { connectorDescription, connectorSummary } from './connector-description.ts';

const MOST_LOG_BYTES = 1024 ** 2;
const LOG_BYTES = 64 * 1024;

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
