import { type ApiError, badRequest, isApiError, notFound } from '../aws/api-error.ts';
import { topicArn } from '../aws/arn.ts';
import { page } from '../aws/paging.ts';
import type { Control } from '../control.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import type { Cluster } from '../state/cluster.ts';
import type { TopicAdmin, TopicDescription } from '../topics/topic-admin.ts';
import { decodeConfigs, encodeConfigs } from '../topics/topic-configs.ts';
import { topicError } from '../topics/topic-errors.ts';
import { type ApiAnswer, ARN, operation, PAGE } from './operation.ts';
import { integer, optional, string, structure } from './shape.ts';

/**
 * The topics of a cluster as it knows them at this moment: AWS's answers are about a minute behind. A topic
 * that is not there is a NotFoundException, by which tools tell that it is gone.
 */

/** Kafka's own limit is 249 and its own message says so; this bounds what is sent there. */
const TOPIC_NAME = string({ min: 1, max: 1024 });
const PARTITIONS = integer({ min: 1, max: 2_147_483_647 });
const REPLICATION_FACTOR = integer({ min: 1, max: 32_767 });
/** What a rebalance sets on a topic while it moves partitions; no part of what the topic was asked to be. */
const THROTTLES = ['leader.replication.throttled.replicas', 'follower.replication.throttled.replicas'];

export const listTopics = operation({
  name: 'ListTopics',
  input: structure({ ClusterArn: ARN, topicNameFilter: optional(string({ max: 1024 })), ...PAGE }),
  handle: (control, { ClusterArn, topicNameFilter = '', ...paging }) =>
    ofCluster(control, ClusterArn, async (cluster, topics) => {
      const all = (await topics.list()).filter(({ name }) => name.startsWith(topicNameFilter));
      const scope = `topics/${cluster.arn}/${topicNameFilter}`;
      const paged = page(all, { ...paging, key: ({ name }) => name, scope });
      if (isApiError(paged)) return paged;
      return {
        topics: paged.items.map((topic) => ({
          ...identity(cluster, topic.name),
          ...counts(topic),
          outOfSyncReplicaCount: topic.partitions.reduce(
            (sum, { replicas, isr }) => sum + replicas.length - isr.length,
            0,
          ),
        })),
        nextToken: paged.nextToken,
      };
    }),
});

export const describeTopic = operation({
  name: 'DescribeTopic',
  input: structure({ ClusterArn: ARN, TopicName: TOPIC_NAME }),
  handle: (control, { ClusterArn, TopicName }) =>
    ofCluster(control, ClusterArn, async (cluster, topics) => {
      const topic = await topics.describe(TopicName);
      if (!topic) return noTopic(TopicName);
      const configs = (await topics.configs(TopicName)).map(({ name, value }) => [name, value]);
      return {
        ...identity(cluster, topic.name),
        ...counts(topic),
        configs: encodeConfigs(Object.fromEntries(configs)),
        status: 'ACTIVE',
      };
    }),
});

export const describeTopicPartitions = operation({
  name: 'DescribeTopicPartitions',
  input: structure({ ClusterArn: ARN, TopicName: TOPIC_NAME, ...PAGE }),
  handle: (control, { ClusterArn, TopicName, ...paging }) =>
    ofCluster(control, ClusterArn, async (cluster, topics) => {
      const topic = await topics.describe(TopicName);
      if (!topic) return noTopic(TopicName);
      const paged = page(topic.partitions, {
        ...paging,
        key: ({ partition }) => String(partition).padStart(10, '0'),
        scope: `topic-partitions/${cluster.arn}/${topic.name}`,
      });
      return isApiError(paged) ? paged : { partitions: paged.items, nextToken: paged.nextToken };
    }),
});

export const createTopic = operation({
  name: 'CreateTopic',
  input: structure({
    ClusterArn: ARN,
    topicName: TOPIC_NAME,
    partitionCount: PARTITIONS,
    replicationFactor: REPLICATION_FACTOR,
    configs: optional(string()),
  }),
  handle: (control, { ClusterArn, topicName, partitionCount, replicationFactor, configs }) => {
    const known = configs === undefined ? new Map<string, string>() : decodeConfigs(configs);
    if (isApiError(known)) return known;
    return ofCluster(control, ClusterArn, async (cluster, topics) => {
      await topics.create({ name: topicName, partitionCount, replicationFactor, configs: known });
      return { ...identity(cluster, topicName), status: 'CREATING' };
    });
  },
});

export const updateTopic = operation({
  name: 'UpdateTopic',
  input: structure({
    ClusterArn: ARN,
    TopicName: TOPIC_NAME,
    configs: optional(string()),
    partitionCount: optional(PARTITIONS),
  }),
  handle: (control, { ClusterArn, TopicName, configs, partitionCount }) => {
    if ((configs === undefined) === (partitionCount === undefined))
      return badRequest('You must specify either configs or partitionCount to update.');
    const known = configs === undefined ? null : decodeConfigs(configs);
    if (known !== null && isApiError(known)) return known;
    return ofCluster(control, ClusterArn, async (cluster, topics) => {
      if ((await topics.describe(TopicName)) === null) return noTopic(TopicName);
      if (known) await replaceConfigs(topics, TopicName, known);
      if (partitionCount !== undefined) await topics.createPartitions(TopicName, partitionCount);
      return { ...identity(cluster, TopicName), status: 'UPDATING' };
    });
  },
});

export const deleteTopic = operation({
  name: 'DeleteTopic',
  input: structure({ ClusterArn: ARN, TopicName: TOPIC_NAME }),
  handle: (control, { ClusterArn, TopicName }) =>
    ofCluster(control, ClusterArn, async (cluster, topics) => {
      if ((await topics.describe(TopicName)) === null) return noTopic(TopicName);
      await topics.remove(TopicName);
      return { ...identity(cluster, TopicName), status: 'DELETING' };
    }),
});

/**
 * `configs` is everything that the topic is to have of its own: what is left out goes back to the cluster's
 * value.
 */
async function replaceConfigs(
  topics: TopicAdmin,
  topic: string,
  configs: ReadonlyMap<string, string>,
): Promise<void> {
  const before = await topics.configs(topic);
  const gone = before.filter(
    ({ name, isOfTopic }) => isOfTopic && !configs.has(name) && !THROTTLES.includes(name),
  );
  const changes = [
    ...[...configs].map(([name, value]) => ({ name, value })),
    ...gone.map(({ name }) => ({ name, value: null })),
  ];
  if (changes.length > 0) await topics.alterConfigs(topic, changes);
}

async function ofCluster(
  control: Control,
  arn: string,
  ask: (cluster: Cluster, topics: TopicAdmin) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const cluster = control.store.clusters.get(arn);
  if (isApiError(cluster)) return cluster;
  if (['CREATING', 'FAILED', 'DELETING'].includes(cluster.state))
    return badRequest(`The cluster ${cluster.name} is ${cluster.state}: its topics cannot be reached.`);
  const access = control.connect(cluster);
  try {
    return await ask(cluster, access.topics);
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return topicError(cluster.name, error);
  } finally {
    await access.close();
  }
}

function identity(cluster: Cluster, topic: string): object {
  return { topicArn: topicArn(cluster.arn, topic), topicName: topic };
}

function counts({ partitions }: TopicDescription): object {
  return { partitionCount: partitions.length, replicationFactor: partitions[0]?.replicas.length ?? 0 };
}

function noTopic(topic: string): ApiError {
  return notFound(`The topic ${topic} does not exist.`);
}
