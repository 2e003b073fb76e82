import type { ClusterImage } from '../../../metadata/image.ts';
import type { TopicImage } from '../../../metadata/topics.ts';
import { topicsHash } from '../topics-hash.ts';
import type { ConsumerMember } from './member.ts';
import { type MatchedTopics, subscribedTopics } from './subscriptions.ts';

/** The hash of the topics that these members are subscribed to; 0 when none of them exists. */
export function metadataHash(
  members: Iterable<Pick<ConsumerMember, 'subscribedTopicNames' | 'subscribedTopicRegex'>>,
  cluster: Pick<ClusterImage, 'topics' | 'brokers'>,
  matched: MatchedTopics,
): bigint {
  const topics = new Map<string, TopicImage>();
  for (const member of members)
    for (const topic of subscribedTopics(member, cluster.topics, matched)) topics.set(topic.name, topic);
  return topicsHash([...topics.values()], cluster);
}
