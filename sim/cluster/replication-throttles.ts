import { below } from '../../src/base/random.ts';
import { pick } from '../chance.ts';
import type { Administrator } from './administrator.ts';
import type { SimCluster } from './sim-cluster.ts';

/** Bytes a second. */
const RATES = ['3000', '20000', '1000000'] as const;
/**
 * The rate while a history ends: more than clients write then. What in-sync replicas of a throttled topic fetch
 * counts too, as in Apache Kafka, and where that alone is above the rate, no other replica comes in sync.
 */
const LAST_RATE = '200000';
const SIDES = ['leader', 'follower'] as const;

/**
 * Throttles the replication of replicas that are not in sync (KIP-73), by other rates all the time, and of
 * some replicas of a topic or of all. No throttle is lifted: what moves must come to its end all the same.
 */
export async function throttleReplication(
  administrator: Administrator,
  { cluster, isDraining }: { readonly cluster: SimCluster; readonly isDraining: () => boolean },
): Promise<void> {
  const { client } = administrator;
  while (!isDraining()) {
    await client.pause(1000);
    const [first, ...rest] = [...(cluster.image?.topics.all() ?? [])];
    const [one, ...others] = cluster.ids;
    if (isDraining() || first === undefined || one === undefined) continue;
    const side = pick(client.random, SIDES);
    if (below(client.random, 2) === 0) {
      const id = pick(client.random, [one, ...others]);
      const rate = pick(client.random, RATES);
      await administrator.alterBroker(id, { [rateOf(side)]: rate });
      continue;
    }
    const { name, partitions } = pick(client.random, [first, ...rest]);
    const some = partitions.map((_, index) => `${index}:${pick(client.random, [one, ...others])}`).join(',');
    const replicas = pick(client.random, ['*', some]);
    await client.tried(() =>
      administrator.alterTopic(name, { [`${side}.replication.throttled.replicas`]: replicas }),
    );
  }
  for (const id of cluster.ids)
    await administrator.alterBroker(id, {
      [rateOf('leader')]: LAST_RATE,
      [rateOf('follower')]: LAST_RATE,
    });
}

function rateOf(side: (typeof SIDES)[number]): string {
  return `${side}.replication.throttled.rate`;
}
