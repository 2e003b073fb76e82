import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { type ClusterHealth, healthOf } from './cluster-health.ts';
import { bootstrapBrokers, findCluster } from './clusters.ts';
import { diskText, diskUse } from './disk-use.ts';
import { bytesText } from './plan.ts';
import { volumeText } from './volume-text.ts';

export const clustersDescribe: Command = {
  name: 'clusters describe',
  summary: 'Show one cluster: its state, its brokers with their zones, and whether all replicas are in sync.',
  takes: 'NAME|ARN',
  words: { min: 1, max: 1 },
  options: { ...API_OPTION, ...JSON_OPTION },
  async run(given, output) {
    const api = new ApiClient(given.text('api'));
    const cluster = await findCluster(api, given.words[0] ?? '');
    const bootstrap = await bootstrapBrokers(api, cluster);
    const health = await healthOf(api, cluster);
    if (given.switched('json')) {
      output.line(
        JSON.stringify({
          ...cluster.raw,
          ...(bootstrap ? { bootstrapBrokerString: bootstrap } : {}),
          ...('error' in health ? {} : { health }),
        }),
      );
      return 0;
    }
    const rows = [
      ['Name', cluster.clusterName],
      ['ARN', cluster.clusterArn],
      ['State', cluster.trouble ? `${cluster.state}: ${cluster.trouble}` : cluster.state],
      ...(cluster.advice ? [['What to do', cluster.advice]] : []),
      ['Kafka', cluster.kafkaVersion],
      ['Created', cluster.creationTime],
      ...(bootstrap ? [['Bootstrap', bootstrap]] : []),
      ['Partitions', 'error' in health ? health.error : partitionsText(health)],
      ['Disk', diskText(await diskUse(api))],
    ];
    for (const line of table(rows)) output.line(line);
    if ('error' in health) return 0;
    output.line('');
    for (const line of table([
      ['BROKER', 'ZONE', 'STATE', 'LEADERS', 'REPLICAS', 'NOT IN SYNC', 'BYTES', 'VOLUME'],
      ...health.brokers.map((one) => [
        String(one.id),
        one.zone,
        one.isUp ? 'up' : 'down',
        String(one.leaders),
        String(one.replicas),
        String(one.replicasNotInSync),
        bytesText(one.bytes),
        volumeText(one),
      ]),
    ]))
      output.line(line);
    return 0;
  },
};

function partitionsText({ partitions, partitionsWithoutLeader, partitionsNotInSync }: ClusterHealth): string {
  if (partitionsNotInSync === 0 && partitionsWithoutLeader === 0)
    return `${counted(partitions, 'partition')}, all replicas in sync`;
  return `${counted(partitions, 'partition')}, ${partitionsNotInSync} not fully in sync, ${partitionsWithoutLeader} without a leader`;
}
