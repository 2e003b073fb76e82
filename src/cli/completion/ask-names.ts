import type { NodeFiles } from '../../control/node-files.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import { ApiClient } from '../api-client.ts';
import { type DescribedCluster, listClusters, namedOrOnly } from '../clusters/clusters.ts';
import type { NameKind } from '../command.ts';
import { listConfigurations } from '../configurations/configurations.ts';
import { listConnectors } from '../connect/connectors.ts';
import { listPlugins } from '../connect/custom-plugins.ts';
import { Failure } from '../failure.ts';
import { fields, IamClient } from '../iam/iam-client.ts';
import { type ConnectKafka, clientOptions } from '../kafka/kafka-target.ts';
import { SERVER } from '../logs/logs.ts';
import type { AskNames } from '../program.ts';
import { dataFolder } from '../server/data-folder.ts';

type Options = Parameters<AskNames>[1];
type NodesIn = (dataDirectory: string) => readonly NodeFiles[];

/**
 * The names on the Millrace that answers at --api; none where nobody answers. `nodesIn`: the nodes of all
 * clusters in a data folder.
 */
export function namesOf(connect: ConnectKafka, nodesIn: NodesIn): AskNames {
  return async (kind, given) => {
    try {
      if (kind === 'node') return nodeWords(nodesIn(await dataFolder(given)), given.maybe('cluster'));
      return await ask(connect, kind, given);
    } catch (error) {
      if (error instanceof Failure || error instanceof KafkaClientError) return [];
      throw error;
    }
  };
}

async function ask(
  connect: ConnectKafka,
  kind: Exclude<NameKind, 'node'>,
  given: Options,
): Promise<readonly string[]> {
  const api = new ApiClient(given.text('api'));
  switch (kind) {
    case 'cluster':
      return (await listClusters(api)).map(({ clusterName }) => clusterName);
    case 'broker':
      return given.has('bootstrap') ? [] : brokerNumbers(api, await namedOrOnly(api, given.maybe('cluster')));
    case 'zone':
      return zoneNumbers(await namedOrOnly(api, given.maybe('cluster')));
    case 'connector':
      return (await listConnectors(api)).map(({ name }) => name);
    case 'plugin':
      return (await listPlugins(api)).map(({ name }) => name);
    case 'configuration':
      return (await listConfigurations(api)).map(({ name }) => name);
    case 'iam-user':
      return userNames(new IamClient(given.text('api')));
    case 'topic':
    case 'group':
      return ofKafka(connect, kind, given);
  }
}

async function userNames(iam: IamClient): Promise<readonly string[]> {
  return (await iam.all('ListUsers', 'Users')).map((user) => String(fields(user).UserName));
}

async function brokerNumbers(api: ApiClient, { clusterArn }: DescribedCluster): Promise<readonly string[]> {
  const { nodeInfoList } = await api.send('GET', ['v1', 'clusters', clusterArn, 'nodes']);
  return Array.isArray(nodeInfoList) ? nodeInfoList.map((node) => String(node.brokerNodeInfo.brokerId)) : [];
}

function zoneNumbers({ zones }: DescribedCluster): readonly string[] {
  return Array.from({ length: zones }, (_, zone) => String(zone + 1));
}

/** The words by which "millrace logs" knows nodes. */
function nodeWords(nodes: readonly NodeFiles[], cluster: string | undefined): readonly string[] {
  const wanted = nodes.filter((one) => cluster === undefined || one.cluster === cluster);
  return [...new Set([...(cluster === undefined ? [SERVER] : []), ...wanted.map(({ node }) => node)])];
}

async function ofKafka(
  connect: ConnectKafka,
  kind: 'topic' | 'group',
  given: Options,
): Promise<readonly string[]> {
  const client = connect(await clientOptions(given));
  try {
    if (kind === 'group') return (await client.admin.groups.list()).map(({ groupId }) => groupId);
    const topics = await client.admin.topics.list();
    return topics.filter(({ isInternal }) => !isInternal).map(({ name }) => name);
  } finally {
    client.close();
  }
}
