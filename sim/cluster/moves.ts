import { below } from '../../src/base/random.ts';
import { pick, shuffled } from '../chance.ts';
import type { Administrator } from './administrator.ts';
import type { SimCluster } from './sim-cluster.ts';

/** With three brokers and two copies, a partition can leave a broker and come back. */
const COPIES = [2, 2, 3] as const;

/** Moves any partition of any topic, those of the coordinators too, and cancels moves. */
export async function movePartitions(
  administrator: Administrator,
  options: { readonly cluster: SimCluster; readonly isDraining: () => boolean },
): Promise<void> {
  const { cluster, isDraining } = options;
  const { client } = administrator;
  while (!isDraining()) {
    await client.pause(2500);
    const [first, ...rest] = [...(cluster.image?.topics.all() ?? [])];
    if (isDraining() || first === undefined) continue;
    const { name, partitions } = pick(client.random, [first, ...rest]);
    const partition = below(client.random, partitions.length);
    const replicas = shuffled(client.random, cluster.ids).slice(0, pick(client.random, COPIES));
    const to = below(client.random, 10) === 0 ? null : replicas;
    await client.tried(() => administrator.reassign(name, partition, to));
  }
}
