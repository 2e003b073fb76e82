import { ApiClient } from '../api-client.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { Failure } from '../failure.ts';
import { API_OPTION, JSON_OPTION } from '../options.ts';
import { table } from '../output.ts';
import { bootstrapBrokers, type ClusterView, findCluster } from './clusters.ts';
import { bytesText } from './plan.ts';

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
      ['Kafka', cluster.kafkaVersion],
      ['Created', cluster.creationTime],
      ...(bootstrap ? [['Bootstrap', bootstrap]] : []),
      ['Partitions', 'error' in health ? health.error : partitionsText(health)],
      ['Disk', await diskUse(api)],
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

interface Health {
  readonly brokers: readonly {
    readonly id: number;
    readonly zone: string;
    readonly isUp: boolean;
    readonly leaders: number;
    readonly replicas: number;
    readonly replicasNotInSync: number;
    readonly bytes: number;
    /** Null of a broker that does not answer. */
    readonly volumeBytes: number | null;
    readonly usableBytes: number | null;
  }[];
  readonly partitions: number;
  readonly partitionsWithoutLeader: number;
  readonly partitionsNotInSync: number;
}

/** A cluster that cannot be asked is still described. */
async function healthOf(api: ApiClient, { clusterArn }: ClusterView): Promise<Health | { error: string }> {
  try {
    const answer = await api.send('GET', ['millrace', 'v1', 'clusters', clusterArn, 'health']);
    const brokers = Array.isArray(answer.brokers) ? answer.brokers.map(fields) : [];
    return {
      brokers: brokers.map((one) => ({
        id: Number(one.id),
        zone: String(one.zone),
        isUp: one.isUp === true,
        leaders: Number(one.leaders),
        replicas: Number(one.replicas),
        replicasNotInSync: Number(one.replicasNotInSync),
        bytes: Number(one.bytes),
        volumeBytes: typeof one.volumeBytes === 'number' ? one.volumeBytes : null,
        usableBytes: typeof one.usableBytes === 'number' ? one.usableBytes : null,
      })),
      partitions: Number(answer.partitions),
      partitionsWithoutLeader: Number(answer.partitionsWithoutLeader),
      partitionsNotInSync: Number(answer.partitionsNotInSync),
    };
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'unreachable') throw error;
    return { error: error.message };
  }
}

/** What clients may still store on a broker, of how much. */
function volumeText({ volumeBytes, usableBytes }: Health['brokers'][number]): string {
  if (volumeBytes === null || usableBytes === null) return '';
  if (usableBytes === 0) return `full (${bytesText(volumeBytes)}): writes are refused`;
  const usedPercent = Math.round(100 * (1 - usableBytes / volumeBytes));
  return `${usedPercent} % of ${bytesText(volumeBytes)}${usedPercent >= 75 ? ': nearly full' : ''}`;
}

function partitionsText({ partitions, partitionsWithoutLeader, partitionsNotInSync }: Health): string {
  if (partitionsNotInSync === 0 && partitionsWithoutLeader === 0)
    return `${counted(partitions, 'partition')}, all replicas in sync`;
  return `${counted(partitions, 'partition')}, ${partitionsNotInSync} not fully in sync, ${partitionsWithoutLeader} without a leader`;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Of the file system that all clusters share. */
async function diskUse(api: ApiClient): Promise<string> {
  const { usedPercent, freeBytes, level } = await api.send('GET', ['millrace', 'v1', 'disk']);
  const use = `${String(usedPercent)} % used, ${(Number(freeBytes) / 1024 ** 3).toFixed(1)} GB left`;
  return level === null ? use : `${use}: nearly full, brokers stop when nothing is left`;
}
