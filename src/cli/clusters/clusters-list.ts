import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { listClusters } from './clusters.ts';

export const clustersList: Command = {
  name: 'clusters list',
  summary: 'List all clusters.',
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const clusters = await listClusters(new ApiClient(given.text('api')));
    if (given.switched('json')) output.line(JSON.stringify(clusters.map(({ raw }) => raw)));
    else if (clusters.length === 0)
      output.line('There is no cluster: make one with "millrace clusters create NAME".');
    else
      for (const line of table([
        ['NAME', 'STATE', 'BROKERS', 'KAFKA', 'CREATED'],
        ...clusters.map((cluster) => [
          cluster.clusterName,
          cluster.state,
          String(cluster.numberOfBrokerNodes),
          cluster.kafkaVersion,
          cluster.creationTime,
        ]),
      ]))
        output.line(line);
    return 0;
  },
};
