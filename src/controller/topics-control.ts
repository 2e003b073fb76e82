import type { Uuid } from '../base/brand.ts';
import { type Random, randomUuid } from '../base/random.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import { checkTopicName, collisionName, hasCollisionCharacters } from '../metadata/topic-name.ts';
import type { TopicImage } from '../metadata/topics.ts';
import type { CreatableTopic } from '../protocol/messages/19-create-topics.ts';
import type { Refusal } from '../protocol/refusal.ts';
import type { EffectiveConfig } from './config-rules.ts';
import { newTopicConfigs } from './configs-control.ts';
import type { ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { type Admits, OVER_QUOTA, RECORDS_MAX, TOO_MANY } from './operation-limits.ts';
import { manualAssignment, newPartition, place, type ReplicaAssignment } from './replica-assignment.ts';

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
  /** Those in force when it was created: worked out by whoever tells of them, since they are dozens. */
  readonly configs: () => readonly EffectiveConfig[];
}

/** Of a topic: its own, and that of its only partition. */
const LEAST_RECORDS = 2;
/** Kafka's MAX_PARTITIONS_PER_BATCH, of all topics of a request. */
const PARTITIONS_MAX = 10_000;
const TOO_MANY_PARTITIONS: Refusal = {
  error: 'POLICY_VIOLATION',
  message: 'Excessively large number of partitions per request.',
};

interface Means {
  readonly random: Random;
  readonly admits: Admits;
  readonly defaults: TopicDefaults;
}

/**
 * One result per topic, in order. The topics of one request are created together, those that may be; none
 * where they are more than one request may create.
 */
export function createTopics(
  state: DecisionState,
  topics: readonly CreatableTopic[],
  means: Means,
): ControllerDecision<(TopicCreated | Refusal)[]> {
  const { image } = state;
  const records: EncodableMetadataRecord[] = [];
  if (wantedPartitions(topics, means.defaults) > PARTITIONS_MAX) return refused(topics, TOO_MANY_PARTITIONS);
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
  return results.includes(TOO_MANY) ? refused(topics, TOO_MANY) : { records, answer: results };
}

/** As Kafka counts them before it looks at anything else: also those of topics that cannot be created. */
function wantedPartitions(topics: readonly CreatableTopic[], defaults: TopicDefaults): number {
  return topics.reduce((total, { assignments, numPartitions }) => {
    if (assignments.length > 0) return total + assignments.length;
    return total + (numPartitions === -1 ? defaults.numPartitions : Math.max(numPartitions, 0));
  }, 0);
}

/** All of them, since none is created where one does not fit. */
function refused(topics: readonly CreatableTopic[], refusal: Refusal): ControllerDecision<Refusal[]> {
  return { records: [], answer: topics.map(() => refusal) };
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
  state: DecisionState,
  topic: CreatableTopic,
  { random, defaults, admits }: Means,
  recordsLeft: number,
): ControllerDecision<TopicCreated> | Refusal {
  const { image, rules } = state;
  // Before anything is checked of topics for which there is no room whatever they are like.
  if (recordsLeft < LEAST_RECORDS) return TOO_MANY;
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
      configs: () => rules.effectiveTopicConfigs(configs, image.configs),
    },
  };
}

function automaticAssignment(
  image: ClusterImage,
  topic: CreatableTopic,
  random: Random,
  defaults: TopicDefaults,
  recordsLeft: number,
): ReplicaAssignment | Refusal {
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

/** The topic's configs go with it; brokers delete its logs when they see the record. */
export function deleteTopics(topics: readonly TopicImage[]): ControllerDecision<null> {
  return {
    records: topics.map(({ id }) => ({ type: 'RemoveTopicRecord' as const, topicId: id })),
    answer: null,
  };
}
