import type { TopicPartition } from '../../../base/topic-partition.ts';
import { type Assign, inOrder } from './assignor.ts';

/**
 * Of each topic, each member gets neighbouring partitions; the first members get one more where they cannot
 * be shared evenly.
 */
export const assignRanges: Assign = (members, partitionCounts) => {
  const assignments = new Map<string, TopicPartition[]>(members.map(({ id }) => [id, []]));
  for (const [topic, count] of partitionCounts) {
    const subscribed = inOrder(members.filter(({ topics }) => topics.includes(topic)));
    const each = Math.floor(count / subscribed.length);
    let next = 0;
    subscribed.forEach(({ id }, index) => {
      const end = next + each + (index < count % subscribed.length ? 1 : 0);
      for (; next < end; next++) assignments.get(id)?.push({ topic, partition: next });
    });
  }
  return assignments;
};
