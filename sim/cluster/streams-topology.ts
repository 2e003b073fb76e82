import type { StreamsGroupHeartbeatRequest } from '../../src/protocol/messages/88-streams-group-heartbeat.ts';

type Topology = NonNullable<StreamsGroupHeartbeatRequest['topology']>;

interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

const NOTHING = {
  sourceTopics: [],
  sourceTopicRegex: [],
  stateChangelogTopics: [],
  repartitionSinkTopics: [],
  repartitionSourceTopics: [],
  copartitionGroups: [],
};

/** The subtopology that reads the source topic. */
export const SOURCE = '0';
/** The subtopology with a store, which reads the topic that the first one writes. */
const STATEFUL = '1';

/**
 * A topology that reads a topic, repartitions it, and keeps counts in a store. Each of the two subtopologies
 * has as many tasks as the topic has partitions.
 */
export function countingTopology(application: string, sourceTopic: string): Topology {
  const repartitioned = `${application}-words-repartition`;
  const internal = (name: string) => ({ name, partitions: 0, replicationFactor: 0, topicConfigs: [] });
  return {
    epoch: 0,
    subtopologies: [
      {
        ...NOTHING,
        subtopologyId: SOURCE,
        sourceTopics: [sourceTopic],
        repartitionSinkTopics: [repartitioned],
      },
      {
        ...NOTHING,
        subtopologyId: STATEFUL,
        repartitionSourceTopics: [internal(repartitioned)],
        stateChangelogTopics: [internal(`${application}-counts-changelog`)],
      },
    ],
  };
}

/** All tasks of that topology, as `0_1`. */
export function tasksOfTopology(partitions: number): string[] {
  return [SOURCE, STATEFUL].flatMap((id) => Array.from({ length: partitions }, (_, i) => `${id}_${i}`));
}

export function namesOfTasks(ids: readonly TaskIds[]): string[] {
  return ids.flatMap(({ subtopologyId, partitions }) =>
    partitions.map((partition) => `${subtopologyId}_${partition}`),
  );
}

export function idsOfTasks(names: Iterable<string>): { subtopologyId: string; partitions: number[] }[] {
  const ids = new Map<string, number[]>();
  for (const name of names) {
    const [subtopologyId = '', partition] = name.split('_');
    ids.set(subtopologyId, [...(ids.get(subtopologyId) ?? []), Number(partition)]);
  }
  return [...ids].map(([subtopologyId, partitions]) => ({ subtopologyId, partitions }));
}
