import { ApiClient } from '../api-client.ts';
import { bootstrapBrokers, findCluster } from '../clusters.ts';
import type { Command } from '../command.ts';
import { table } from '../output.ts';
import { API_OPTION, JSON_OPTION } from './options.ts';

export const clustersDescribe: Command = {
  name: 'clusters describe',
  summary: 'Show one cluster.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const cluster = await findCluster(api, given.words[0] ?? '');
    const bootstrap = await bootstrapBrokers(api, cluster);
    if (given.switched('json')) {
      output.line(
        JSON.stringify({ ...cluster.raw, ...(bootstrap ? { bootstrapBrokerString: bootstrap } : {}) }),
      );
      return 0;
    }
    const rows = [
      ['Name', cluster.clusterName],
      ['ARN', cluster.clusterArn],
      ['State', cluster.trouble ? `${cluster.state}: ${cluster.trouble}` : cluster.state],
      ['Brokers', String(cluster.numberOfBrokerNodes)],
      ['Kafka', cluster.kafkaVersion],
      ['Created', cluster.creationTime],
      ...(bootstrap ? [['Bootstrap', bootstrap]] : []),
    ];
    for (const line of table(rows)) output.line(line);
    return 0;
  },
};
