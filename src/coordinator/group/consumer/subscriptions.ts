import type { Uuid } from '../../../base/brand.ts';
import type { TopicImage, TopicsImage } from '../../../metadata/topics.ts';
import type { ConsumerMember } from './member.ts';

/** The topics that a member is subscribed to and that exist. */
export function subscribedTopics(
  { subscribedTopicNames }: ConsumerMember,
  topics: TopicsImage,
): TopicImage[] {
  return subscribedTopicNames.flatMap((name) => topics.byName(name) ?? []);
}

export function subscribedTopicIds(member: ConsumerMember, topics: TopicsImage): ReadonlySet<Uuid> {
  return new Set(subscribedTopics(member, topics).map(({ id }) => id));
}
