import { partitionKey, type TopicPartition } from '../../../base/topic-partition.ts';
import { type Assign, inOrder, type Member } from './assignor.ts';

/**
 * Members keep what they have as far as loads differ by one at most. What has to move is first only taken
 * from its owner; it is given to the other one in the rebalance that the owner asks for when it has stopped
 * reading it (KIP-429).
 */
export const assignSticky: Assign = (members, partitionCounts) => {
  const ordered = inOrder(members);
  const owners = ownersOf(ordered, partitionCounts);
  const shares = new Map<string, TopicPartition[]>(ordered.map(({ id }) => [id, []]));
  const share = (id: string): TopicPartition[] => shares.get(id) ?? [];
  for (const [topic, count] of partitionCounts) {
    for (let partition = 0; partition < count; partition++) {
      const owner = owners.get(partitionKey({ topic, partition }));
      if (owner !== undefined) share(owner).push({ topic, partition });
    }
  }
  for (const [topic, count] of partitionCounts) {
    const eligible = ordered.filter(({ topics }) => topics.includes(topic));
    for (let partition = 0; partition < count; partition++) {
      if (owners.has(partitionKey({ topic, partition }))) continue;
      const [first, ...others] = eligible;
      if (!first) continue;
      const least = others.reduce((a, b) => (share(b.id).length < share(a.id).length ? b : a), first);
      share(least.id).push({ topic, partition });
    }
  }
  level(ordered, shares);
  return new Map(
    [...shares].map(([id, own]) => [
      id,
      own.filter((partition) => (owners.get(partitionKey(partition)) ?? id) === id),
    ]),
  );
};

/** By partition. Of several members that say they own one, it is that of the newest generation. */
function ownersOf(
  members: readonly Member[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, string> {
  const owners = new Map<string, string>();
  for (const member of [...members].sort((a, b) => a.generation - b.generation))
    for (const partition of member.owned) {
      const isThere = partition.partition < (partitionCounts.get(partition.topic) ?? 0);
      if (isThere && member.topics.includes(partition.topic)) owners.set(partitionKey(partition), member.id);
    }
  return owners;
}

/** Moves partitions for as long as somebody has two more than one who could have one of them. */
function level(members: readonly Member[], shares: ReadonlyMap<string, TopicPartition[]>): void {
  for (let moved = true; moved; ) {
    moved = false;
    const byLoad = [...members].sort(
      (a, b) => (shares.get(a.id)?.length ?? 0) - (shares.get(b.id)?.length ?? 0),
    );
    for (const taker of byLoad)
      for (const giver of byLoad.toReversed()) {
        const [has, gets] = [shares.get(giver.id), shares.get(taker.id)];
        if (!has || !gets || has.length - gets.length < 2) continue;
        const at = has.findLastIndex(({ topic }) => taker.topics.includes(topic));
        if (at < 0) continue;
        gets.push(...has.splice(at, 1));
        moved = true;
      }
  }
}
