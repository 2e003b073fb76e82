import type { ApiClient } from '../api-client.ts';
import { didYouMean } from '../did-you-mean.ts';
import { Failure } from '../failure.ts';

/** What the commands read of a cluster's description. */
export interface DescribedCluster {
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly state: string;
  readonly creationTime: string;
  readonly numberOfBrokerNodes: number;
  /** How many there are; they count from 1. */
  readonly zones: number;
  readonly kafkaVersion: string;
  readonly trouble: string | null;
  /** What to do about the trouble; null where that is not known. */
  readonly advice: string | null;
  /** As it came, for --json. */
  readonly raw: object;
}

export async function listClusters(api: ApiClient): Promise<DescribedCluster[]> {
  const { clusterInfoList } = await api.send('GET', ['v1', 'clusters']);
  return Array.isArray(clusterInfoList) ? clusterInfoList.map(view) : [];
}

/** The cluster of this ARN or name. */
export async function findCluster(api: ApiClient, nameOrArn: string): Promise<DescribedCluster> {
  if (nameOrArn.startsWith('arn:')) return describeCluster(api, nameOrArn);
  const all = await listClusters(api);
  const found = all.find((cluster) => cluster.clusterName === nameOrArn);
  if (found) return found;
  const names = all.map(({ clusterName }) => clusterName);
  throw new Failure(
    `There is no cluster ${nameOrArn}: see "millrace clusters list".${didYouMean(nameOrArn, names)}`,
    { exit: 'notFound' },
  );
}

/** The one that is named, else the only one, else demo. Throws Failure. */
export async function namedOrOnly(api: ApiClient, named: string | undefined): Promise<DescribedCluster> {
  if (named !== undefined) return findCluster(api, named);
  const [only, ...others] = await listClusters(api);
  return only && others.length === 0 ? only : findCluster(api, 'demo');
}

export async function describeCluster(api: ApiClient, arn: string): Promise<DescribedCluster> {
  const { clusterInfo } = await api.send('GET', ['v1', 'clusters', arn]);
  return view(clusterInfo);
}

/** What GetBootstrapBrokers answers; null while the cluster has none. */
async function bootstrapStrings(
  api: ApiClient,
  cluster: DescribedCluster,
): Promise<Record<string, unknown> | null> {
  if (['CREATING', 'FAILED', 'DELETING'].includes(cluster.state)) return null;
  return api.send('GET', ['v1', 'clusters', cluster.clusterArn, 'bootstrap-brokers']);
}

/** The same for a command that connects. Throws Failure while the cluster has none. */
export async function bootstrapStringsNow(
  api: ApiClient,
  cluster: DescribedCluster,
): Promise<Record<string, unknown>> {
  const { clusterName, state } = cluster;
  const strings = await bootstrapStrings(api, cluster);
  if (strings) return strings;
  const advice =
    state === 'CREATING' ? `: try again when "millrace clusters describe ${clusterName}" says ACTIVE` : '';
  throw new Failure(`The cluster ${clusterName} is ${state}, and nobody can connect to it now${advice}.`);
}

/** The addresses of the listener that asks least of clients; null while the cluster has none. */
export async function bootstrapBrokers(api: ApiClient, cluster: DescribedCluster): Promise<string | null> {
  const strings = await bootstrapStrings(api, cluster);
  const listeners = [
    strings?.bootstrapBrokerString,
    strings?.bootstrapBrokerStringTls,
    strings?.bootstrapBrokerStringSaslScram,
    strings?.bootstrapBrokerStringSaslIam,
  ];
  return listeners.find((one) => typeof one === 'string') ?? null;
}

/** What to do about a cluster whose ports another program has. */
export function otherPorts(name: string): string {
  return `free the port, or move the cluster with "millrace clusters ports ${name}"`;
}

function view(info: unknown): DescribedCluster {
  const raw = fields(info);
  const software = fields(raw.currentBrokerSoftwareInfo);
  const stateInfo = fields(raw.stateInfo);
  const { clientSubnets: subnets } = fields(raw.brokerNodeGroupInfo);
  return {
    clusterArn: String(raw.clusterArn),
    clusterName: String(raw.clusterName),
    state: String(raw.state),
    creationTime: String(raw.creationTime),
    numberOfBrokerNodes: Number(raw.numberOfBrokerNodes),
    zones: Array.isArray(subnets) ? new Set(subnets).size : 0,
    kafkaVersion: String(software.kafkaVersion),
    trouble: typeof stateInfo.message === 'string' ? stateInfo.message : null,
    advice: stateInfo.code === 'PORT_IN_USE' ? otherPorts(String(raw.clusterName)) : null,
    raw,
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
