import type { ApiClient } from '../api-client.ts';
import { didYouMean } from '../did-you-mean.ts';
import { Failure } from '../failure.ts';

/** What the commands read of a connector's description. */
export interface ConnectorView {
  readonly arn: string;
  readonly name: string;
  readonly state: string;
  readonly createdAt: string;
  readonly currentVersion: string;
  readonly workerCount: number;
  readonly mcuCount: number;
  readonly plugin: string;
  /** Whose rights the plugin has, as a sentence. */
  readonly pluginRights: string;
  readonly kafkaConnectVersion: string;
  readonly bootstrapServers: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** What stands beside the state: the exception of a failure, for one. */
  readonly note: string | null;
  /** As it came, for --json. */
  readonly raw: object;
}

export async function listConnectors(api: ApiClient): Promise<ConnectorView[]> {
  const { connectors } = await api.send('GET', ['v1', 'connectors']);
  return Array.isArray(connectors) ? connectors.map(view) : [];
}

async function describeConnector(api: ApiClient, arn: string): Promise<ConnectorView> {
  return view(await api.send('GET', ['v1', 'connectors', arn]));
}

/** By ARN or by name. */
export async function findConnector(api: ApiClient, nameOrArn: string): Promise<ConnectorView> {
  if (nameOrArn.startsWith('arn:')) return describeConnector(api, nameOrArn);
  const all = await listConnectors(api);
  const found = all.find(({ name }) => name === nameOrArn);
  if (found) return describeConnector(api, found.arn);
  const names = all.map(({ name }) => name);
  throw new Failure(
    `There is no connector ${nameOrArn}: see "millrace connect list".${didYouMean(nameOrArn, names)}`,
    { exit: 'notFound' },
  );
}

/**
 * Describes it again and again for as long as it is in one of these states; the last description. `progress`
 * is told what stands beside the state meanwhile.
 */
export async function whileIn(
  api: ApiClient,
  arn: string,
  states: readonly string[],
  progress?: (note: string) => void,
): Promise<ConnectorView> {
  for (;;) {
    const connector = await describeConnector(api, arn);
    if (!states.includes(connector.state)) return connector;
    if (connector.note !== null) progress?.(connector.note);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

const POLL_MS = 250;

function view(description: unknown): ConnectorView {
  const raw = fields(description);
  const { provisionedCapacity, autoScaling } = fields(raw.capacity);
  const { mcuCount, workerCount = raw.workerCount } = fields(autoScaling ?? provisionedCapacity);
  const [plugin] = Array.isArray(raw.plugins) ? raw.plugins : [];
  const { message } = fields(raw.stateDescription);
  return {
    arn: String(raw.connectorArn),
    name: String(raw.connectorName),
    state: String(raw.connectorState),
    createdAt: String(raw.creationTime),
    currentVersion: String(raw.currentVersion),
    workerCount: Number(workerCount),
    mcuCount: Number(mcuCount),
    plugin: String(fields(fields(plugin).customPlugin).customPluginArn),
    pluginRights: String(raw.pluginRights),
    kafkaConnectVersion: String(raw.kafkaConnectVersion),
    bootstrapServers: String(fields(fields(raw.kafkaCluster).apacheKafkaCluster).bootstrapServers),
    configuration: fields(raw.connectorConfiguration),
    note: typeof message === 'string' ? message : null,
    raw,
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
