import { type Refusal, refused } from '../../../../protocol/refusal.ts';
import { copartition } from './copartition.ts';
import type { PartitionsOfTopic } from './topic-partitions.ts';
import type { TopicProblem } from './topic-problem.ts';
import { inputsOf, type Subtopology, type Topology } from './topology.ts';

/**
 * How many partitions the topics that an application makes for itself have to have: as many as what is
 * written into them comes from, the same for those that are joined, and for changelogs one for each task. All
 * topics of others exist. A Refusal is a topology that no topics could satisfy.
 */
export function decidePartitionCounts(
  topology: Topology,
  existing: PartitionsOfTopic,
): ReadonlyMap<string, number> | TopicProblem | Refusal {
  const repartitioned = repartitionCounts(topology.subtopologies, existing);
  if ('error' in repartitioned) return repartitioned;
  const decided = new Map(repartitioned);
  const countOf = (topic: string): number | undefined => existing(topic) ?? decided.get(topic);
  const flexible = new Map<string, boolean>();
  for (const { repartitionSourceTopics } of topology.subtopologies)
    for (const { name, partitions } of repartitionSourceTopics) flexible.set(name, partitions === 0);
  for (const subtopology of topology.subtopologies) {
    for (const group of copartitionGroups(subtopology)) {
      const counts = copartition(group, { countOf, flexible });
      if ('status' in counts || 'error' in counts) return counts;
      for (const [name, count] of counts) decided.set(name, count);
    }
  }
  for (const subtopology of topology.subtopologies) {
    const count = Math.max(0, ...inputsOf(subtopology).map((name) => countOf(name) ?? 0));
    if (count === 0) return invalid(`No source topics found for subtopology ${subtopology.subtopologyId}`);
    for (const { name } of subtopology.stateChangelogTopics) decided.set(name, count);
  }
  return decided;
}

/** Topics that are read together, by their names. Their places in the subtopology's lists were checked. */
function copartitionGroups({
  copartitionGroups: groups,
  sourceTopics,
  repartitionSourceTopics,
}: Subtopology): string[][] {
  return groups.map((group) => [
    ...group.sourceTopics.flatMap((place) => sourceTopics[place] ?? []),
    ...group.repartitionSourceTopics.flatMap((place) => repartitionSourceTopics[place]?.name ?? []),
  ]);
}

/** As many as the topology says, else as the most of the inputs of the subtopology that writes into it. */
function repartitionCounts(
  subtopologies: readonly Subtopology[],
  existing: PartitionsOfTopic,
): Map<string, number> | Refusal {
  const counts = new Map<string, number>();
  for (const { repartitionSourceTopics } of subtopologies)
    for (const { name, partitions } of repartitionSourceTopics)
      if (partitions !== 0) counts.set(name, partitions);
  for (let isNeeded = true; isNeeded; ) {
    isNeeded = false;
    let hasProgress = false;
    for (const subtopology of subtopologies) {
      for (const sink of subtopology.repartitionSinkTopics) {
        if (counts.has(sink)) continue;
        const count = countOfInputs(subtopology, counts, existing);
        if (count === 0) isNeeded = true;
        else {
          counts.set(sink, count);
          hasProgress = true;
        }
      }
    }
    if (isNeeded && !hasProgress)
      return invalid(
        'Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.',
      );
  }
  const isWritten = subtopologies.every(({ repartitionSourceTopics }) =>
    repartitionSourceTopics.every(({ name }) => counts.has(name)),
  );
  return isWritten
    ? counts
    : invalid(
        'Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.',
      );
}

function countOfInputs(
  { sourceTopics, repartitionSourceTopics }: Subtopology,
  counts: ReadonlyMap<string, number>,
  existing: PartitionsOfTopic,
): number {
  return Math.max(
    0,
    ...repartitionSourceTopics.map(({ name }) => counts.get(name) ?? 0),
    ...sourceTopics.map((name) => existing(name) ?? 0),
  );
}

function invalid(message: string): Refusal {
  return refused('STREAMS_INVALID_TOPOLOGY', message);
}
