import type { Random } from '../base/random.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { CreatePartitionsRequest } from '../protocol/messages/37-create-partitions.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { ControllerDecision } from './decision.ts';
import { type Admits, OVER_QUOTA, RECORDS_MAX, TOO_MANY } from './operation-limits.ts';
import { checkManualReplicas, newPartition, place } from './replica-assignment.ts';

type MorePartitions = CreatePartitionsRequest['topics'][number];

/** One result per topic, in order; null for those that get their partitions. */
export function createPartitions(
  image: ClusterImage,
  topics: readonly MorePartitions[],
  { random, admits }: { readonly random: Random; readonly admits: Admits },
): ControllerDecision<(Refusal | null)[]> {
  const records: EncodableMetadataRecord[] = [];
  const results = topics.map((wanted) => {
    const added = addPartitions(image, wanted, random, RECORDS_MAX - records.length);
    if ('error' in added) return added;
    if (!admits(added.length)) return OVER_QUOTA;
    records.push(...added);
    return null;
  });
  return { records, answer: results };
}

function addPartitions(
  image: ClusterImage,
  { name, count, assignments }: MorePartitions,
  random: Random,
  recordsLeft: number,
): readonly EncodableMetadataRecord[] | Refusal {
  const topic = image.topics.byName(name);
  if (!topic) return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null };
  const present = topic.partitions.length;
  if (count === present)
    return { error: 'INVALID_PARTITIONS', message: `Topic already has ${present} partition(s).` };
  if (count < present)
    return {
      error: 'INVALID_PARTITIONS',
      message: `The topic ${name} currently has ${present} partition(s); ${count} would not be an increase.`,
    };
  const additional = count - present;
  if (additional > recordsLeft) return TOO_MANY;
  if (assignments && assignments.length !== additional)
    return {
      error: 'INVALID_REPLICA_ASSIGNMENT',
      message: `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
    };
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 1;
  if (assignments) {
    for (const [i, { brokerIds }] of assignments.entries()) {
      const refusal = checkManualReplicas(image, present + i, brokerIds, replicationFactor);
      if (refusal) return refusal;
    }
    return assignments.map(({ brokerIds }, i) => newPartition(image, topic.id, present + i, brokerIds));
  }
  const placed = place(image, { partitions: additional, replicationFactor }, random);
  if ('error' in placed) return placed;
  return placed.replicas.map((ids, i) => newPartition(image, topic.id, present + i, ids));
}
