import type { Uuid } from '../../../base/brand.ts';
import type { TopicImage, TopicsImage } from '../../../metadata/topics.ts';
import type { ConsumerMember } from './member.ts';

/** The names of the topics that an expression matched. */
export type MatchedTopics = (expression: string) => Iterable<string>;

/** The topics that a member is subscribed to, by their names or by an expression, and that exist. */
export function subscribedTopics(
  {
    subscribedTopicNames,
    subscribedTopicRegex,
  }: Pick<ConsumerMember, 'subscribedTopicNames' | 'subscribedTopicRegex'>,
  topics: TopicsImage,
  matched: MatchedTopics,
): TopicImage[] {
  const names = new Set(subscribedTopicNames);
  if (subscribedTopicRegex !== '') for (const name of matched(subscribedTopicRegex)) names.add(name);
  return [...names].flatMap((name) => topics.byName(name) ?? []);
}

export function subscribedTopicIds(
  member: ConsumerMember,
  topics: TopicsImage,
  matched: MatchedTopics,
): ReadonlySet<Uuid> {
  return new Set(subscribedTopics(member, topics, matched).map(({ id }) => id));
}
