import type { BrokerId } from '../base/brand.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord, RecordOf } from '../metadata/records.ts';
import type { PartitionImage, TopicImage } from '../metadata/topics.ts';
import type { AlterPartitionReassignmentsRequest } from '../protocol/messages/45-alter-partition-reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../protocol/messages/46-list-partition-reassignments.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { minInSyncReplicasOf } from './eligible-leaders.ts';
import { RECORDS_MAX, TOO_MANY } from './operation-limits.ts';
import { type PartitionTarget, partitionChange } from './partition-change.ts';
import { electionOf, isAcceptableLeader } from './partitions-control.ts';
import { checkReplicas, defaultDirectory } from './replica-assignment.ts';

/**
 * A reassignment (KIP-455) is three states of one partition: its new replicas are added to the old ones; they
 * catch up and join the ISR, which is their leader's business; then the old ones are removed, by the record
 * that lets the last new one into the ISR (partition-change.ts). At each point the image alone says what is
 * under way.
 */
export interface ReassignmentResult {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly refusal: Refusal | null }[];
}

/** One result per partition, in order; those that may be reassigned are, whatever becomes of the others. */
export function alterPartitionReassignments(
  state: DecisionState,
  request: Pick<AlterPartitionReassignmentsRequest, 'allowReplicationFactorChange' | 'topics'>,
): ControllerDecision<ReassignmentResult[]> {
  const records: EncodableMetadataRecord[] = [];
  const seen = new Set<string>();
  const results = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, replicas }) => {
      const place = `${name}-${partitionIndex}`;
      const isAgain = seen.has(place);
      seen.add(place);
      const altered: Altered = isAgain
        ? { error: 'INVALID_REQUEST', message: `Partition ${place} is named more than once.` }
        : alterOne(state, { name, partitionIndex, replicas }, request.allowReplicationFactorChange);
      if (altered === null) return { partitionIndex, refusal: null };
      if ('error' in altered) return { partitionIndex, refusal: altered };
      if (records.length >= RECORDS_MAX) return { partitionIndex, refusal: TOO_MANY };
      records.push(altered);
      return { partitionIndex, refusal: null };
    }),
  }));
  return { records, answer: results };
}

/** Null when it is already as wanted. */
type Altered = RecordOf<'PartitionChangeRecord'> | Refusal | null;

function alterOne(
  state: DecisionState,
  wanted: { readonly name: string; readonly partitionIndex: number; readonly replicas: BrokerId[] | null },
  allowReplicationFactorChange: boolean,
): Altered {
  const { image } = state;
  const { name, partitionIndex, replicas } = wanted;
  const topic = image.topics.byName(name);
  if (!topic)
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `Unable to find a topic named ${name}.` };
  const partition = topic.partitions[partitionIndex];
  if (!partition)
    return {
      error: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: `Unable to find partition ${name}:${partitionIndex}.`,
    };
  if (replicas === null) return cancel(state, topic, partitionIndex, partition);
  const refusal = checkReplicas(image, replicas);
  if (refusal) return refusal;
  if (!allowReplicationFactorChange) {
    const factor = partition.replicas.filter((id) => !partition.removingReplicas.includes(id)).length;
    if (replicas.length !== factor)
      return {
        error: 'INVALID_REPLICATION_FACTOR',
        message: `The replication factor is changed from ${factor} to ${replicas.length}`,
      };
  }
  return changed(state, topic, partitionIndex, partition, {
    target: reassigned(partition, replicas),
    election: 'online',
  });
}

/** The wanted replicas first, in their order, then those that go when the wanted ones are in sync. */
function reassigned(partition: PartitionImage, replicas: readonly BrokerId[]): PartitionTarget {
  const removing = partition.replicas.filter((id) => !replicas.includes(id)).sort((a, b) => a - b);
  // What an earlier reassignment adds and this one wants as well is still being added: a cancel takes it away
  // again.
  const adding = replicas
    .filter((id) => !partition.replicas.includes(id) || partition.addingReplicas.includes(id))
    .sort((a, b) => a - b);
  return { replicas: [...replicas, ...removing], removingReplicas: removing, addingReplicas: adding };
}

/** The replicas from before the reassignment that is under way. */
function original(partition: PartitionImage): readonly BrokerId[] {
  return partition.replicas.filter((id) => !partition.addingReplicas.includes(id));
}

function cancel(
  state: DecisionState,
  topic: TopicImage,
  partitionIndex: number,
  partition: PartitionImage,
): Altered {
  if (!isReassigning(partition))
    return { error: 'NO_REASSIGNMENT_IN_PROGRESS', message: 'No partition reassignment is in progress.' };
  const replicas = original(partition);
  const isr = partition.isr.filter((id) => replicas.includes(id));
  const [first] = replicas;
  if (isr.length === 0 && first !== undefined) {
    // Only what was added is in sync; going back to the others loses what they do not have.
    if (electionOf(state, topic) !== 'unclean')
      return {
        error: 'INVALID_REPLICA_ASSIGNMENT',
        message: `Unable to revert partition assignment for ${topic.name}:${partitionIndex} because it would require an unclean leader election.`,
      };
    isr.push(first);
  }
  return changed(state, topic, partitionIndex, partition, {
    target: { isr, replicas, removingReplicas: [], addingReplicas: [] },
    election: electionOf(state, topic),
  });
}

function changed(
  state: DecisionState,
  topic: TopicImage,
  partitionId: number,
  partition: PartitionImage,
  wanted: { readonly target: PartitionTarget; readonly election: 'online' | 'unclean' },
): RecordOf<'PartitionChangeRecord'> | null {
  return partitionChange(
    { topicId: topic.id, partitionId },
    partition,
    { ...wanted.target, directories: (id) => defaultDirectory(state.image, id) },
    {
      election: wanted.election,
      minInSyncReplicas: minInSyncReplicasOf(state, topic),
      isAcceptableLeader: (id) => isAcceptableLeader(state.image, partition, id),
    },
  );
}

function isReassigning(partition: PartitionImage): boolean {
  return partition.addingReplicas.length > 0 || partition.removingReplicas.length > 0;
}

type Ongoing = ListPartitionReassignmentsResponse['topics'];

/** Those under way; of the topics and partitions named, or of all. */
export function listPartitionReassignments(
  image: ClusterImage,
  wanted: ListPartitionReassignmentsRequest['topics'],
): Ongoing {
  if (wanted === null)
    return [...image.topics.all()].flatMap((topic) => ongoing(topic, [...topic.partitions.keys()]));
  return wanted.flatMap(({ name, partitionIndexes }) => {
    const topic = image.topics.byName(name);
    return topic ? ongoing(topic, partitionIndexes) : [];
  });
}

function ongoing(topic: TopicImage, indexes: readonly number[]): Ongoing {
  const partitions = [...new Set(indexes)].flatMap((partitionIndex) => {
    const partition = topic.partitions[partitionIndex];
    if (!partition || !isReassigning(partition)) return [];
    const { replicas, addingReplicas, removingReplicas } = partition;
    return [{ partitionIndex, replicas, addingReplicas, removingReplicas }];
  });
  return partitions.length > 0 ? [{ name: topic.name, partitions }] : [];
}
