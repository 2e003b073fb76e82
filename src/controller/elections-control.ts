import type { EncodableMetadataRecord, RecordOf } from '../metadata/records.ts';
import { NO_LEADER, type TopicImage } from '../metadata/topics.ts';
import type { ElectLeadersRequest } from '../protocol/messages/43-elect-leaders.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { minInSyncReplicasOf } from './eligible-leaders.ts';
import { RECORDS_MAX, TOO_MANY } from './operation-limits.ts';
import { type Election, partitionChange } from './partition-change.ts';
import { isAcceptableLeader } from './partitions-control.ts';

type PartitionChange = RecordOf<'PartitionChangeRecord'>;

/** ElectLeaders' election types, as requests number them (KIP-460). */
export const electionTypes = ['preferred', 'unclean'] as const;
export type ElectionType = (typeof electionTypes)[number];

/** How many partitions one round moves (Kafka's MAX_ELECTIONS_PER_IMBALANCE): the next one takes the rest. */
const ELECTIONS_MAX = 1000;

export interface ElectionResult {
  readonly topic: string;
  readonly partitions: readonly { readonly partitionId: number; readonly refusal: Refusal | null }[];
}

/**
 * Elects as asked, each partition on its own. Asked for all partitions, it does not tell of those that have
 * the leader they should have; the client could not know before which ones these are.
 */
export function electLeaders(
  state: DecisionState,
  type: ElectionType,
  wanted: ElectLeadersRequest['topicPartitions'],
): ControllerDecision<ElectionResult[]> {
  const { image } = state;
  const records: EncodableMetadataRecord[] = [];
  const elect = (name: string, partitionId: number): Refusal | null => {
    const elected = electOne(state, type, name, partitionId);
    if ('error' in elected) return elected;
    if (records.length >= RECORDS_MAX) return TOO_MANY;
    records.push(elected);
    return null;
  };
  if (wanted === null) {
    const results = [...image.topics.all()].map(({ name, partitions }) => ({
      topic: name,
      partitions: [...partitions.keys()]
        .map((partitionId) => ({ partitionId, refusal: elect(name, partitionId) }))
        .filter(({ refusal }) => refusal?.error !== 'ELECTION_NOT_NEEDED'),
    }));
    return { records, answer: results };
  }
  const asked = new Map<string, Set<number>>();
  for (const { topic, partitions } of wanted) {
    const named = asked.get(topic) ?? new Set();
    asked.set(topic, named);
    for (const partition of partitions) named.add(partition);
  }
  const results = [...asked].map(([topic, partitions]) => ({
    topic,
    partitions: [...partitions].map((partitionId) => ({ partitionId, refusal: elect(topic, partitionId) })),
  }));
  return { records, answer: results };
}

function electOne(
  state: DecisionState,
  type: ElectionType,
  name: string,
  partitionId: number,
): PartitionChange | Refusal {
  const topic = state.image.topics.byName(name);
  if (!topic) return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `No such topic as ${name}` };
  const partition = topic.partitions[partitionId];
  if (!partition)
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `No such partition as ${name}-${partitionId}` };
  const isNeeded =
    type === 'preferred' ? partition.leader !== partition.replicas[0] : partition.leader === NO_LEADER;
  if (!isNeeded) return { error: 'ELECTION_NOT_NEEDED', message: null };
  const record = electLeader(state, topic, partitionId, type);
  if (record) return record;
  return {
    error: type === 'preferred' ? 'PREFERRED_LEADER_NOT_AVAILABLE' : 'ELIGIBLE_LEADERS_NOT_AVAILABLE',
    message: null,
  };
}

/** Leadership back to the first replica where it may lead again (auto.leader.rebalance.enable). */
export function balanceLeaders(state: DecisionState): ControllerDecision<number> {
  return electWhere(state, 'preferred', (topic, id) => {
    const partition = topic.partitions[id];
    return partition !== undefined && partition.leader !== partition.replicas[0];
  });
}

/**
 * Partitions without a leader get one, at the cost of records, where unclean.leader.election.enable has
 * become true.
 */
export function electUncleanLeaders(state: DecisionState): ControllerDecision<number> {
  const { image, rules } = state;
  return electWhere(
    state,
    'unclean',
    (topic, id) =>
      topic.partitions[id]?.leader === NO_LEADER && rules.allowsUncleanElection(topic.name, image.configs),
  );
}

function electWhere(
  state: DecisionState,
  election: Election,
  isWanted: (topic: TopicImage, partitionId: number) => boolean,
): ControllerDecision<number> {
  const records: PartitionChange[] = [];
  for (const topic of state.image.topics.all()) {
    for (const partitionId of topic.partitions.keys()) {
      if (records.length >= ELECTIONS_MAX) break;
      if (!isWanted(topic, partitionId)) continue;
      const record = electLeader(state, topic, partitionId, election);
      if (record && record.leader !== NO_LEADER) records.push(record);
    }
  }
  return { records, answer: records.length };
}

/** Null when the election would change nothing. */
export function electLeader(
  state: DecisionState,
  topic: TopicImage,
  partitionId: number,
  election: Election,
): PartitionChange | null {
  const partition = topic.partitions[partitionId];
  if (!partition) return null;
  return partitionChange(
    { topicId: topic.id, partitionId },
    partition,
    {},
    {
      election,
      minInSyncReplicas: minInSyncReplicasOf(state, topic),
      isAcceptableLeader: (id) => isAcceptableLeader(state.image, partition, id),
    },
  );
}
