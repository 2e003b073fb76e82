import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import { ApiClient } from '../api-client.ts';
import { listClusters } from '../clusters/clusters.ts';
import type { NameKind } from '../command.ts';
import { listConfigurations } from '../configurations/configurations.ts';
import { listConnectors } from '../connect/connectors.ts';
import { listPlugins } from '../connect/custom-plugins.ts';
import { Failure } from '../failure.ts';
import { type ConnectKafka, clientOptions } from '../kafka/kafka-target.ts';
import type { AskNames } from '../program.ts';

/** The names on the Millrace that answers at --api; none where nobody answers. */
export function namesOf(connect: ConnectKafka): AskNames {
  return async (kind, given) => {
    try {
      return await ask(connect, kind, given);
    } catch (error) {
      if (error instanceof Failure || error instanceof KafkaClientError) return [];
      throw error;
    }
  };
}

async function ask(
  connect: ConnectKafka,
  kind: NameKind,
  given: Parameters<AskNames>[1],
): Promise<readonly string[]> {
  const api = new ApiClient(given.text('api'));
  switch (kind) {
    case 'cluster':
      return (await listClusters(api)).map(({ clusterName }) => clusterName);
    case 'connector':
      return (await listConnectors(api)).map(({ name }) => name);
    case 'plugin':
      return (await listPlugins(api)).map(({ name }) => name);
    case 'configuration':
      return (await listConfigurations(api)).map(({ name }) => name);
    case 'topic':
    case 'group':
      return ofKafka(connect, kind, given);
  }
}

async function ofKafka(
  connect: ConnectKafka,
  kind: 'topic' | 'group',
  given: Parameters<AskNames>[1],
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
