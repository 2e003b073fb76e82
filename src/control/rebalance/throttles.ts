import type { Throttles } from './cluster-admin.ts';
import type { Move } from './move.ts';

/**
 * The throttle of these moves: replicas that are there may send, and new ones may fetch, that fast; the
 * reading of followers that only keep up is not slowed. Without a rate it removes what an earlier one set.
 */
export function throttlesOf(moves: readonly Move[], bytesPerSecond: number | null): Throttles {
  const topics = new Map<string, { leaderReplicas: string[]; followerReplicas: string[] }>();
  const brokers = new Set<number>();
  for (const { topic, partition, from, to } of moves) {
    const added = to.filter((broker) => !from.includes(broker));
    if (added.length === 0) continue;
    const lists = topics.get(topic) ?? { leaderReplicas: [], followerReplicas: [] };
    topics.set(topic, lists);
    lists.leaderReplicas.push(...from.map((broker) => `${partition}:${broker}`));
    lists.followerReplicas.push(...added.map((broker) => `${partition}:${broker}`));
    for (const broker of [...from, ...to]) brokers.add(broker);
  }
  return {
    bytesPerSecond,
    brokers: [...brokers].sort((a, b) => a - b),
    topics: [...topics].map(([topic, lists]) => ({ topic, ...lists })),
  };
}
