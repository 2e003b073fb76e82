/** One partition of a topic, by the topic's name. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** For maps: topic names have no space. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}

/** The same partitions as requests spell them, in the order in which their topics first occur. */
export function byTopic<T extends TopicPartition>(partitions: Iterable<T>): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const one of partitions) {
    const own = topics.get(one.topic);
    if (own) own.push(one);
    else topics.set(one.topic, [one]);
  }
  return topics;
}
