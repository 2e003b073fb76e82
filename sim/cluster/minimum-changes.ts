import { pick } from '../chance.ts';
import type { Administrator } from './administrator.ts';
import { UNCLEAN_PREFIX } from './cluster-watch.ts';
import type { SimCluster } from './sim-cluster.ts';

/** Below two, the death of one broker may lose acknowledged records. */
const MINIMA = ['2', '3'] as const;

/** Changes min.insync.replicas of topics, which decides which replicas are eligible to lead (KIP-966). */
export async function changeMinimum(
  administrator: Administrator,
  { cluster, isDraining }: { readonly cluster: SimCluster; readonly isDraining: () => boolean },
): Promise<void> {
  const { client } = administrator;
  while (!isDraining()) {
    await client.pause(1500);
    const [first, ...rest] = [...(cluster.image?.topics.all() ?? [])]
      .map(({ name }) => name)
      .filter((name) => !name.startsWith(UNCLEAN_PREFIX));
    if (isDraining() || first === undefined) continue;
    const topic = pick(client.random, [first, ...rest]);
    const minimum = pick(client.random, MINIMA);
    await client.tried(() => administrator.alterTopic(topic, { 'min.insync.replicas': minimum }));
  }
}
