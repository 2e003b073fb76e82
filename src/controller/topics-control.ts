import type { BrokerId, Uuid } from '../base/brand.ts';
import { type Random, randomUuid } from '../base/random.ts';
import { UNASSIGNED_DIRECTORY } from '../metadata/directory-id.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import { checkTopicName, collisionName, hasCollisionCharacters } from '../metadata/topic-name.ts';
import { partitionRecord, RECOVERED, type TopicImage } from '../metadata/topics.ts';
import type { CreateTopicsRequest } from '../protocol/messages/19-create-topics.ts';
import type { CreatePartitionsRequest } from '../protocol/messages/37-create-partitions.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { ClusterState } from './cluster-state.ts';
import type { EffectiveConfig } from './config-rules.ts';
import { newTopicConfigs } from './configs-control.ts';
import type { Decision } from './decision.ts';
import { isActive } from './partitions-control.ts';
import { placeReplicas } from './placement.ts';

export interface TopicDefaults {
  readonly numPartitions: number;
  readonly replicationFactor: number;
  /** A larger one is refused; by default only the number of brokers limits it. */
  readonly maxReplicationFactor?: number;
}

export interface TopicCreated {
  readonly id: Uuid;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly EffectiveConfig[];
}

type NewTopic = CreateTopicsRequest['topics'][number];

/** Kafka's MAX_RECORDS_PER_USER_OP: what one request may add to the log, so that one batch can hold it. */
export const RECORDS_MAX = 10_000;
export const TOO_MANY: Refusal = {
  error: 'POLICY_VIOLATION',
  message: 'Unable to perform excessively large batch operation.',
};

/** Whether the client's quota allows so many partitions more or less; those that it allows count (KIP-599). */
type Admits = (partitions: number) => boolean;

export const OVER_QUOTA: Refusal = {
  error: 'THROTTLING_QUOTA_EXCEEDED',
  message: 'The throttling quota has been exceeded.',
};

interface Means {
  readonly random: Random;
  readonly admits: Admits;
  readonly defaults: TopicDefaults;
}

/** One result per topic, in order. The topics of one request are created together, those that may be. */
export function createTopics(
  state: ClusterState,
  topics: readonly NewTopic[],
  means: Means,
): Decision<(TopicCreated | Refusal)[]> {
  const { image } = state;
  const records: EncodableMetadataRecord[] = [];
  const taken = new Map<string, string>();
  if (topics.some(({ name }) => hasCollisionCharacters(name)))
    for (const { name } of image.topics.all())
      if (hasCollisionCharacters(name)) taken.set(collisionName(name), name);
  const results = topics.map((topic): TopicCreated | Refusal => {
    const refusal = checkNewName(image, taken, topic.name);
    if (refusal) return refusal;
    const created = createTopic(state, topic, means, RECORDS_MAX - records.length);
    if ('error' in created) return created;
    records.push(...created.records);
    if (hasCollisionCharacters(topic.name)) taken.set(collisionName(topic.name), topic.name);
    return created.answer;
  });
  return { records, answer: results };
}

function checkNewName(image: ClusterImage, taken: ReadonlyMap<string, string>, name: string): Refusal | null {
  const invalid = checkTopicName(name);
  if (invalid) return { error: 'INVALID_TOPIC_EXCEPTION', message: invalid };
  if (image.topics.byName(name))
    return { error: 'TOPIC_ALREADY_EXISTS', message: `Topic '${name}' already exists.` };
  const other = hasCollisionCharacters(name) ? taken.get(collisionName(name)) : undefined;
  if (other !== undefined)
    return {
      error: 'INVALID_TOPIC_EXCEPTION',
      message: `Topic '${name}' collides with existing topic: ${other}`,
    };
  return null;
}

function createTopic(
  state: ClusterState,
  topic: NewTopic,
  { random, defaults, admits }: Means,
  recordsLeft: number,
): Decision<TopicCreated> | Refusal {
  const { image, rules } = state;
  const withoutValue = topic.configs.filter(({ value }) => value === null).map(({ name }) => name);
  if (withoutValue.length > 0)
    return {
      error: 'INVALID_CONFIG',
      message: `Null value not supported for topic configs: ${withoutValue.join(',')}`,
    };
  const configs = new Map(topic.configs.map(({ name, value }) => [name, value ?? '']));
  const configRecords = newTopicConfigs(state, topic.name, configs);
  if ('error' in configRecords) return configRecords;
  const assigned =
    topic.assignments.length > 0
      ? manualAssignment(image, topic)
      : automaticAssignment(image, topic, random, defaults, recordsLeft);
  if ('error' in assigned) return assigned;
  const { replicas } = assigned;
  if (replicas.length + configRecords.length + 1 > recordsLeft) return TOO_MANY;
  const replicationFactor = replicas[0]?.length ?? 0;
  if (replicationFactor > (defaults.maxReplicationFactor ?? Number.POSITIVE_INFINITY))
    return {
      error: 'INVALID_REPLICATION_FACTOR',
      message: `Replication factor ${replicationFactor} is larger than ${defaults.maxReplicationFactor}, the largest this cluster supports.`,
    };
  if (!admits(replicas.length)) return OVER_QUOTA;
  const id = randomUuid(random);
  return {
    records: [
      { type: 'TopicRecord', name: topic.name, topicId: id },
      ...configRecords,
      ...replicas.map((ids, partitionId) => newPartition(image, id, partitionId, ids)),
    ],
    answer: {
      id,
      partitions: replicas.length,
      replicationFactor,
      configs: rules.effectiveTopicConfigs(configs, image.configs),
    },
  };
}

type Assignment = { readonly replicas: readonly (readonly BrokerId[])[] };

function manualAssignment(image: ClusterImage, topic: NewTopic): Assignment | Refusal {
  if (topic.replicationFactor !== -1)
    return {
      error: 'INVALID_REQUEST',
      message: 'A manual partition assignment was specified, but replication factor was not set to -1.',
    };
  if (topic.numPartitions !== -1)
    return {
      error: 'INVALID_REQUEST',
      message: 'A manual partition assignment was specified, but numPartitions was not set to -1.',
    };
  const byPartition = new Map<number, readonly BrokerId[]>();
  const replicationFactor = topic.assignments[0]?.brokerIds.length;
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byPartition.has(partitionIndex))
      return {
        error: 'INVALID_REPLICA_ASSIGNMENT',
        message: `Found multiple manual partition assignments for partition ${partitionIndex}`,
      };
    const refusal = checkManualReplicas(image, partitionIndex, brokerIds, replicationFactor);
    if (refusal) return refusal;
    byPartition.set(partitionIndex, brokerIds);
  }
  const replicas: (readonly BrokerId[])[] = [];
  for (let i = 0; i < byPartition.size; i++) {
    const ids = byPartition.get(i);
    if (!ids)
      return {
        error: 'INVALID_REPLICA_ASSIGNMENT',
        message: 'partitions should be a consecutive 0-based integer sequence',
      };
    replicas.push(ids);
  }
  return { replicas };
}

function checkManualReplicas(
  image: ClusterImage,
  partition: number,
  ids: readonly BrokerId[],
  replicationFactor: number | undefined,
): Refusal | null {
  const refusal = checkReplicas(image, ids, replicationFactor);
  if (refusal) return refusal;
  if (ids.some((id) => isActive(image.brokers.byId(id)))) return null;
  return {
    error: 'INVALID_REPLICA_ASSIGNMENT',
    message: `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in controlled shutdown.`,
  };
}

/** Where replicas may lie; a reassignment may name brokers that are down, and waits for them. */
export function checkReplicas(
  image: ClusterImage,
  ids: readonly BrokerId[],
  replicationFactor?: number,
): Refusal | null {
  const refused = (message: string): Refusal => ({ error: 'INVALID_REPLICA_ASSIGNMENT', message });
  if (ids.length === 0) return refused('The manual partition assignment includes an empty replica list.');
  for (const [i, id] of ids.entries()) {
    if (!image.brokers.byId(id))
      return refused(
        `The manual partition assignment includes broker ${id}, but no such broker is registered.`,
      );
    if (ids.indexOf(id) !== i)
      return refused(`The manual partition assignment includes the broker ${id} more than once.`);
  }
  if (replicationFactor !== undefined && ids.length !== replicationFactor)
    return refused(
      `The manual partition assignment includes a partition with ${ids.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    );
  return null;
}

function automaticAssignment(
  image: ClusterImage,
  topic: NewTopic,
  random: Random,
  defaults: TopicDefaults,
  recordsLeft: number,
): Assignment | Refusal {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0)
    return {
      error: 'INVALID_REPLICATION_FACTOR',
      message: 'Replication factor must be larger than 0, or -1 to use the default value.',
    };
  if (topic.numPartitions < -1 || topic.numPartitions === 0)
    return {
      error: 'INVALID_PARTITIONS',
      message: 'Number of partitions was set to an invalid non-positive value.',
    };
  const partitions = topic.numPartitions === -1 ? defaults.numPartitions : topic.numPartitions;
  const replicationFactor =
    topic.replicationFactor === -1 ? defaults.replicationFactor : topic.replicationFactor;
  // Before anything is made in that number.
  if (partitions > recordsLeft) return TOO_MANY;
  return place(image, { partitions, replicationFactor }, random);
}

function place(
  image: ClusterImage,
  wanted: { readonly partitions: number; readonly replicationFactor: number },
  random: Random,
): Assignment | Refusal {
  const refused = (why: string): Refusal => ({
    error: 'INVALID_REPLICATION_FACTOR',
    message: `Unable to replicate the partition ${wanted.replicationFactor} time(s): ${why}`,
  });
  const placed = placeReplicas(image.brokers.all(), wanted, random);
  if ('error' in placed) return refused(placed.message);
  if (!placed.replicas.every((ids) => ids.some((id) => isActive(image.brokers.byId(id)))))
    return refused('All brokers are currently fenced or in controlled shutdown.');
  return placed;
}

/** Led by the first replica that is alive; those that are not join the ISR when they have caught up. */
function newPartition(
  image: ClusterImage,
  topicId: Uuid,
  partitionId: number,
  replicas: readonly BrokerId[],
): EncodableMetadataRecord {
  const isr = replicas.filter((id) => isActive(image.brokers.byId(id)));
  return partitionRecord(topicId, partitionId, {
    replicas,
    isr,
    directories: replicas.map((id) => defaultDirectory(image, id)),
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: isr[0] ?? -1,
    leaderRecoveryState: RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
  });
}

/** A broker of one folder has no choice, so it is known where the replica will lie (KIP-858). */
export function defaultDirectory(image: ClusterImage, id: BrokerId): Uuid {
  const logDirs = image.brokers.byId(id)?.logDirs ?? [];
  return logDirs.length === 1 ? (logDirs[0] ?? UNASSIGNED_DIRECTORY) : UNASSIGNED_DIRECTORY;
}

/** The topic's configs go with it; brokers delete its logs when they see the record. */
export function deleteTopics(topics: readonly TopicImage[]): Decision<null> {
  return {
    records: topics.map(({ id }) => ({ type: 'RemoveTopicRecord' as const, topicId: id })),
    answer: null,
  };
}

type MorePartitions = CreatePartitionsRequest['topics'][number];

/** One result per topic, in order; null for those that get their partitions. */
export function createPartitions(
  image: ClusterImage,
  topics: readonly MorePartitions[],
  { random, admits }: Pick<Means, 'random' | 'admits'>,
): Decision<(Refusal | null)[]> {
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
