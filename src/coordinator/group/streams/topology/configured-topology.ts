import type { ClusterImage } from '../../../../metadata/image.ts';
import type { Refusal } from '../../../../protocol/refusal.ts';
import { topicsHash } from '../../topics-hash.ts';
import { decidePartitionCounts } from './partition-counts.ts';
import { incorrectlyPartitioned, type TopicProblem } from './topic-problem.ts';
import { type InternalTopic, inputsOf, type Subtopology, type Topology } from './topology.ts';

/** A subtopology with its topics as they are in the cluster, or are to be made. */
interface ConfiguredSubtopology {
  readonly subtopologyId: string;
  /** Tasks are numbered from 0, as the partitions that they read. */
  readonly taskCount: number;
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  /** With their numbers of partitions decided. */
  readonly repartitionSourceTopics: readonly InternalTopic[];
  readonly stateChangelogTopics: readonly InternalTopic[];
}

/** A topology held against the topics of the cluster. Its tasks run only where there is no problem. */
export interface ConfiguredTopology {
  readonly epoch: number;
  /** Of all topics that it needs and that there are. */
  readonly metadataHash: bigint;
  /** By id, in the order of their ids; none where topics of others are missing or do not go together. */
  readonly subtopologies: ReadonlyMap<string, ConfiguredSubtopology>;
  /** Topics that the application needs and that are ours to make. */
  readonly missing: readonly InternalTopic[];
  readonly problem: TopicProblem | null;
}

/**
 * Holds a topology against the topics of the cluster. A Refusal is a topology that no topics could satisfy.
 */
export function configureTopology(
  topology: Topology,
  cluster: Pick<ClusterImage, 'topics' | 'brokers'>,
): ConfiguredTopology | Refusal {
  const { epoch } = topology;
  const { topics } = cluster;
  const metadataHash = topicsHash(
    [...topology.requiredTopics].flatMap((name) => topics.byName(name) ?? []),
    cluster,
  );
  const countOf = (name: string): number | undefined => topics.byName(name)?.partitions.length;
  const unready = (problem: TopicProblem): ConfiguredTopology => ({
    epoch,
    metadataHash,
    subtopologies: new Map(),
    missing: [],
    problem,
  });
  const absent = new Set(
    topology.subtopologies
      .flatMap(({ sourceTopics }) => sourceTopics)
      .filter((name) => countOf(name) === undefined),
  );
  if (absent.size > 0)
    return unready({
      status: 'MISSING_SOURCE_TOPICS',
      detail: `Source topics ${summary([...absent].sort())} are missing.`,
    });
  const decided = decidePartitionCounts(topology, countOf);
  if ('error' in decided) return decided;
  if ('status' in decided) return unready(decided);
  const subtopologies = new Map(
    topology.subtopologies.map((subtopology) => [
      subtopology.subtopologyId,
      configure(subtopology, (name) => countOf(name) ?? decided.get(name) ?? 0, decided),
    ]),
  );
  const missing = new Map<string, InternalTopic>();
  for (const { repartitionSourceTopics, stateChangelogTopics } of subtopologies.values()) {
    for (const topic of [...repartitionSourceTopics, ...stateChangelogTopics]) {
      const found = countOf(topic.name);
      if (found === undefined) missing.set(topic.name, topic);
      else if (found !== topic.partitions)
        return unready(
          incorrectlyPartitioned(
            `Existing topic ${topic.name} has different number of partitions: expected ${topic.partitions}, found ${found}`,
          ),
        );
    }
  }
  return {
    epoch,
    metadataHash,
    subtopologies,
    missing: [...missing.values()],
    problem:
      missing.size === 0
        ? null
        : {
            status: 'MISSING_INTERNAL_TOPICS',
            detail: `Internal topics are missing: ${summary([...missing.keys()])}`,
          },
  };
}

function configure(
  subtopology: Subtopology,
  countOf: (topic: string) => number,
  decided: ReadonlyMap<string, number>,
): ConfiguredSubtopology {
  const withCount = (topic: InternalTopic): InternalTopic => ({
    ...topic,
    partitions: topic.partitions === 0 ? (decided.get(topic.name) ?? 0) : topic.partitions,
  });
  return {
    subtopologyId: subtopology.subtopologyId,
    taskCount: Math.max(0, ...inputsOf(subtopology).map(countOf)),
    sourceTopics: [...subtopology.sourceTopics].sort(),
    repartitionSinkTopics: [...subtopology.repartitionSinkTopics].sort(),
    repartitionSourceTopics: subtopology.repartitionSourceTopics.map(withCount).sort(byName),
    stateChangelogTopics: subtopology.stateChangelogTopics.map(withCount).sort(byName),
  };
}

const MOST_NAMED = 3;

/** The first of them, and how many there are besides. */
function summary(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${named} and ${more} additional topics` : named;
}

function byName(one: InternalTopic, other: InternalTopic): number {
  return one.name < other.name ? -1 : 1;
}
