import { type Refusal, refused } from '../../../../protocol/refusal.ts';
import type { PartitionsOfTopic } from './topic-partitions.ts';
import { incorrectlyPartitioned, type TopicProblem } from './topic-problem.ts';

/**
 * The numbers of partitions of the repartition topics among topics that are read together: that of the topics
 * of others, which must all have the same; else that of repartition topics whose number the application says;
 * else the most of all.
 */
export function copartition(
  topics: readonly string[],
  {
    countOf,
    flexible,
  }: {
    readonly countOf: PartitionsOfTopic;
    /** Repartition topics, and whether their number of partitions is ours to choose. */
    readonly flexible: ReadonlyMap<string, boolean>;
  },
): ReadonlyMap<string, number> | TopicProblem | Refusal {
  const counts = new Map(topics.map((name) => [name, countOf(name) ?? 0]));
  const repartitioned = new Map([...counts].filter(([name]) => flexible.has(name)));
  const fixed = new Map([...repartitioned].filter(([name]) => flexible.get(name) === false));
  const others = new Map([...counts].filter(([name]) => !flexible.has(name)));
  const leading = others.size > 0 ? others : fixed;
  if (new Set(leading.values()).size > 1)
    return incorrectlyPartitioned(
      `Following topics do not have the same number of partitions: [${javaMap(others.size > 0 ? others : repartitioned)}]`,
    );
  const [agreed] = leading.values();
  const count = agreed ?? Math.max(0, ...repartitioned.values());
  if (repartitioned.size > 0 && count === 0)
    return refused(
      'STREAMS_INVALID_TOPOLOGY',
      `All topics in the copartition group had undefined partition number: [${[...repartitioned.keys()].join(', ')}]`,
    );
  for (const [name, own] of fixed)
    if (own !== count)
      return incorrectlyPartitioned(
        `Number of partitions [${own}] of repartition topic [${name}] doesn't match number of partitions [${count}] of the source topic.`,
      );
  return new Map([...repartitioned.keys()].map((name) => [name, count]));
}

/** As Java prints a sorted map. */
function javaMap(counts: ReadonlyMap<string, number>): string {
  const entries = [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, count]) => `${name}=${count}`).join(', ')}}`;
}
