import type { TopicsImage } from '../../../metadata/topics.ts';
import type { StreamsGroupHeartbeatResponse } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import type { StreamsMember } from './member.ts';
import type { HeldTasks } from './tasks.ts';
import type { ConfiguredTopology } from './topology/configured-topology.ts';

export type EndpointPartitions = NonNullable<
  StreamsGroupHeartbeatResponse['partitionsByUserEndpoint']
>[number];

/** Of the members that answer queries about their state: where, and which partitions their tasks read. */
export function endpointPartitions(
  members: Iterable<StreamsMember>,
  topology: ConfiguredTopology,
  topics: TopicsImage,
): EndpointPartitions[] {
  const endpoints: EndpointPartitions[] = [];
  for (const { userEndpoint, assigned } of members) {
    if (userEndpoint === null) continue;
    endpoints.push({
      userEndpoint,
      activePartitions: partitionsOf(assigned.active, topology, topics),
      standbyPartitions: partitionsOf(assigned.standby, topology, topics),
    });
  }
  return endpoints;
}

function partitionsOf(
  tasks: HeldTasks,
  { subtopologies }: ConfiguredTopology,
  topics: TopicsImage,
): EndpointPartitions['activePartitions'] {
  return [...tasks].flatMap(([subtopologyId, held]) => {
    const subtopology = subtopologies.get(subtopologyId);
    if (!subtopology) return [];
    const { sourceTopics, repartitionSourceTopics } = subtopology;
    const inputs = new Set([...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)]);
    return [...inputs].map((topic) => {
      const count = topics.byName(topic)?.partitions.length ?? 0;
      const partitions = [...held.keys()].filter((partition) => partition < count);
      return { topic, partitions: partitions.sort((a, b) => a - b) };
    });
  });
}
