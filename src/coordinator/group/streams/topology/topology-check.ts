import type { StreamsGroupHeartbeatRequest } from '../../../../protocol/messages/88-streams-group-heartbeat.ts';
import { type Refusal, refused } from '../../../../protocol/refusal.ts';

type RequestedTopology = NonNullable<StreamsGroupHeartbeatRequest['topology']>;
type RequestedSubtopology = RequestedTopology['subtopologies'][number];

/** Far more than any application has; deciding about a topology takes time by the square of it. */
const MAX_SUBTOPOLOGIES = 1000;
const MAX_TOPICS = 10_000;

/** What is wrong with a topology whatever topics there are; null when nothing is. */
export function checkTopology(topology: RequestedTopology | null): Refusal | null {
  if (topology === null) return null;
  const { epoch, subtopologies } = topology;
  if (epoch < 0) return refused('STREAMS_INVALID_TOPOLOGY_EPOCH', 'Topology epoch must be non-negative.');
  if (subtopologies.length > MAX_SUBTOPOLOGIES)
    return invalid(`A topology has ${MAX_SUBTOPOLOGIES} subtopologies at most.`);
  const ids = new Set(subtopologies.map(({ subtopologyId }) => subtopologyId));
  if (ids.size < subtopologies.length) return invalid('Two subtopologies have the same id.');
  let topics = 0;
  for (const subtopology of subtopologies) {
    topics += subtopology.sourceTopics.length + subtopology.repartitionSinkTopics.length;
    topics += subtopology.repartitionSourceTopics.length + subtopology.stateChangelogTopics.length;
    if (topics > MAX_TOPICS) return invalid(`A topology has ${MAX_TOPICS} topics at most.`);
    const refusal = checkSubtopology(subtopology);
    if (refusal) return refusal;
  }
  return null;
}

function checkSubtopology(subtopology: RequestedSubtopology): Refusal | null {
  const { subtopologyId, sourceTopics, repartitionSourceTopics, copartitionGroups } = subtopology;
  for (const { name, partitions } of subtopology.stateChangelogTopics)
    if (partitions !== 0)
      return invalid(
        `Changelog topic ${name} must have an undefined partition count, but it is set to ${partitions}.`,
      );
  for (const { name, partitions } of repartitionSourceTopics)
    if (partitions < 0) return invalid(`Repartition topic ${name} cannot have ${partitions} partitions.`);
  const isPlace = (list: readonly unknown[]) => (place: number) => place >= 0 && place < list.length;
  for (const group of copartitionGroups)
    if (
      !group.sourceTopics.every(isPlace(sourceTopics)) ||
      !group.repartitionSourceTopics.every(isPlace(repartitionSourceTopics))
    )
      return invalid(`A copartition group of subtopology ${subtopologyId} names a topic that is not there.`);
  return null;
}

function invalid(message: string): Refusal {
  return refused('STREAMS_INVALID_TOPOLOGY', message);
}
