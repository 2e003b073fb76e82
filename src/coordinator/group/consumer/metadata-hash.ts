import type { TopicImage, TopicsImage } from '../../../metadata/topics.ts';
import type { ConsumerMember } from './member.ts';
import { subscribedTopics } from './subscriptions.ts';

/** FNV-1a, 64 bits. */
const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/**
 * What of the cluster an assignment to these members depends on, in 64 bits (KIP-1101): which topics they are subscribed
 * to, and how many partitions each has. 0 when none of the topics exists. Kafka hashes racks too and by another
 * function, so a Kafka that goes on with our log makes the assignments anew once.
 */
export function metadataHash(members: Iterable<ConsumerMember>, topics: TopicsImage): bigint {
  const known = new Map<string, TopicImage>();
  for (const member of members)
    for (const topic of subscribedTopics(member, topics)) known.set(topic.name, topic);
  if (known.size === 0) return 0n;
  let hash = OFFSET_BASIS;
  for (const { name, id, partitions } of [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
    for (const byte of Buffer.from(`${name} ${id} ${partitions.length}\n`))
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  return BigInt.asIntN(64, hash);
}
