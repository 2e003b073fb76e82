import { pick } from '../chance.ts';
import type { Simulation } from '../simulation.ts';
import type { Administrator } from './administrator.ts';
import { isInternal } from './cluster-watch.ts';
import type { SimCluster } from './sim-cluster.ts';

/**
 * Batches of three records are larger: those that were accepted before must still be replicated, compacted
 * and recovered.
 */
const SMALL_BATCH_BYTES = '120';
const DEFAULT_BATCH_BYTES = '1048588';
const CHANGES: readonly [Change, ...Change[]] = [
  { name: 'max.message.bytes', values: [SMALL_BATCH_BYTES, DEFAULT_BATCH_BYTES] },
  { name: 'max.message.bytes', values: [SMALL_BATCH_BYTES, DEFAULT_BATCH_BYTES] },
  { name: 'compression.type', values: ['producer', 'gzip', 'zstd', 'uncompressed'] },
  { name: 'message.timestamp.type', values: ['CreateTime', 'LogAppendTime'] },
  { name: 'index.interval.bytes', values: ['1', '4096'] },
];
/**
 * Milliseconds after healing in which all replicas must be in sync again, whatever the configs of their
 * topics are.
 */
const IN_SYNC_MS = 40_000;

interface Change {
  readonly name: string;
  readonly values: readonly [string, ...string[]];
}

export interface TopicConfigChangesOptions {
  readonly simulation: Simulation;
  readonly cluster: SimCluster;
  readonly isDraining: () => boolean;
  readonly isOver: () => boolean;
}

/**
 * Changes configs that decide which batches the topics of clients accept. When the history drains, all
 * replicas must come in sync under the last configs; then every batch is accepted again, so that producers
 * can end. Rejects if the replicas do not come in sync.
 */
export async function changeTopicConfigs(
  administrator: Administrator,
  options: TopicConfigChangesOptions,
): Promise<void> {
  const { simulation, cluster, isDraining, isOver } = options;
  const { client } = administrator;
  while (!isDraining()) {
    await client.pause(1500);
    const [first, ...rest] = clientTopics(cluster);
    if (isDraining() || first === undefined) continue;
    const topic = pick(client.random, [first, ...rest]);
    const { name, values } = pick(client.random, CHANGES);
    const value = pick(client.random, values);
    await client.tried(() => administrator.alterTopic(topic, { [name]: value }));
  }
  const isInSync = () => isOver() || cluster.isInSync();
  await simulation.until(isInSync, IN_SYNC_MS, 'replicas in sync under the configs set last');
  while (!isOver()) {
    for (const topic of clientTopics(cluster)) {
      const now = cluster.image?.configs.get('topic', topic).get('max.message.bytes');
      if (now !== SMALL_BATCH_BYTES) continue;
      await client.tried(() => administrator.alterTopic(topic, { 'max.message.bytes': DEFAULT_BATCH_BYTES }));
    }
    await client.pause();
  }
}

function clientTopics(cluster: SimCluster): string[] {
  return [...(cluster.image?.topics.all() ?? [])].map(({ name }) => name).filter((name) => !isInternal(name));
}
