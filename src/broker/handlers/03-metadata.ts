import { ZERO_UUID } from '../../base/brand.ts';
import { inPortions } from '../../base/portions.ts';
import type { World } from '../../base/world.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import { checkTopicName } from '../../metadata/topic-name.ts';
import { NO_LEADER, type PartitionImage, type TopicImage } from '../../metadata/topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type MetadataRequest,
  type MetadataResponse,
  metadata,
} from '../../protocol/messages/03-metadata.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import { authorizedOperations, type EveryRight, everyRight } from '../metadata-view/authorized-operations.ts';
import { anyAliveBroker, ListenerView } from '../metadata-view/listener-view.ts';
import type { RecentDeletions } from '../metadata-view/recent-deletions.ts';
import type { RecentFencings } from '../metadata-view/recent-fencings.ts';
import type { TopicCreation } from '../peers/topic-creation.ts';

type Topic = MetadataResponse['topics'][number];
type Partition = Topic['partitions'][number];

/** What of the broker this handler works with. */
export interface MetadataContext {
  readonly world: Pick<World, 'clock' | 'random'>;
  readonly clusterId: string;
  image(): ClusterImage;
  readonly topicCreation: Pick<TopicCreation, 'isAutomatic' | 'ensure'>;
  readonly recentDeletions: Pick<RecentDeletions, 'has'>;
  readonly recentFencings: Pick<RecentFencings, 'has'>;
}

/** v0 says "all" with an empty list, and marks partitions that have replicas out of reach. */
const NULL_IS_ALL_SINCE = 1;
const LISTENER_NOT_FOUND_SINCE = 6;
const TOPIC_IDS_SINCE = 12;

/**
 * Metadata v0-13: the brokers that live or died just now, as the listener of the connection reaches them, and
 * topics by name, by id (v12, KIP-516) or all. Topics the caller may not describe are hidden from "all" and
 * refused by name, without telling whether they exist. A topic that does not exist is made when the request
 * and auto.create.topics.enable allow it; the answer then waits until this broker knows it, where Kafka lets
 * the client ask again. One that was just deleted is answered as by Kafka: who asks whether it is gone is
 * told that it is, and it is made again meanwhile.
 *
 * The controller told is any broker that lives: requests to it are forwarded. Authorized operations are told
 * on request (v8, KIP-430; of the cluster only until v10). From v6 on a leader without this listener is
 * LISTENER_NOT_FOUND, before LEADER_NOT_AVAILABLE. Asking by id, or without a name, before v12 is
 * INVALID_REQUEST, as in Kafka.
 *
 * Not implemented: v13's REBOOTSTRAP_REQUIRED, which only a broker that is about to be replaced as a whole
 * would answer.
 */
export const metadataHandler = handle(
  metadata,
  {
    versions: [0, 13],
    operations: [...everyRight('TOPIC'), ...everyRight('CLUSTER')],
  },
  (context: MetadataContext, request, info): MetadataResponse | Promise<MetadataResponse> => {
    if (isMalformed(request, info)) return malformed(request);
    const toCreate = topicsToCreate(context, request, info);
    if (toCreate.length === 0) return answer(context, request, info, new Map());
    return createTopics(context, toCreate).then((failures) => answer(context, request, info, failures));
  },
);

type MetadataInfo = RequestInfo<EveryRight<'TOPIC'> | EveryRight<'CLUSTER'>>;

function isAllTopics(request: MetadataRequest, info: RequestInfo): boolean {
  return request.topics === null || (info.apiVersion < NULL_IS_ALL_SINCE && request.topics.length === 0);
}

function isMalformed(request: MetadataRequest, info: RequestInfo): boolean {
  if (info.apiVersion >= TOPIC_IDS_SINCE) return false;
  return (request.topics ?? []).some(({ name, topicId }) => name === null || topicId !== ZERO_UUID);
}

function malformed(request: MetadataRequest): MetadataResponse {
  const code = errorCode('INVALID_REQUEST');
  return {
    brokers: [],
    topics: (request.topics ?? []).map(({ name, topicId }) => ({
      errorCode: code,
      name: name ?? '',
      topicId,
      partitions: [],
    })),
    errorCode: code,
  };
}

/** Ids that were asked for; when there is any, names do not count. */
function requestedIds(request: MetadataRequest): string[] {
  const ids = (request.topics ?? []).map(({ topicId }) => topicId).filter((id) => id !== ZERO_UUID);
  return [...new Set(ids)];
}

function requestedNames(request: MetadataRequest): string[] {
  return [...new Set((request.topics ?? []).flatMap(({ name }) => name ?? []))];
}

function topicsToCreate(context: MetadataContext, request: MetadataRequest, info: MetadataInfo): string[] {
  if (!request.allowAutoTopicCreation || isAllTopics(request, info)) return [];
  if (requestedIds(request).length > 0 || !context.topicCreation.isAutomatic) return [];
  const { topics } = context.image();
  return requestedNames(request).filter(
    (name) =>
      !topics.byName(name) &&
      checkTopicName(name) === null &&
      info.allows('DESCRIBE', 'TOPIC', name) &&
      mayCreate(info, name),
  );
}

function mayCreate(info: MetadataInfo, name: string): boolean {
  return info.allows('CREATE', 'CLUSTER', CLUSTER_NAME) || info.authorize('CREATE', 'TOPIC', name);
}

/** Resolves with why topics could not be made, or are not there yet, by name. */
async function createTopics(
  context: MetadataContext,
  names: readonly string[],
): Promise<ReadonlyMap<string, ErrorName>> {
  const failures = new Map<string, ErrorName>();
  await inPortions(context.world.clock, names, async (name) => {
    const creation = context.topicCreation.ensure(name);
    const error = context.recentDeletions.has(name) ? 'UNKNOWN_TOPIC_OR_PARTITION' : await creation;
    if (error !== null) failures.set(name, error);
  });
  return failures;
}

function answer(
  context: MetadataContext,
  request: MetadataRequest,
  info: MetadataInfo,
  failures: ReadonlyMap<string, ErrorName>,
): MetadataResponse {
  const image = context.image();
  const view = new ListenerView(image, info.listenerName);
  const topics = new TopicAnswers(context, request, info, { image, view, failures });
  return {
    brokers: view
      .nodes()
      .filter(({ id, isFenced }) => !isFenced || context.recentFencings.has(id))
      .map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
    clusterId: context.clusterId,
    controllerId: anyAliveBroker(image, context.world.random),
    topics: topics.all(),
    ...(request.includeClusterAuthorizedOperations
      ? { clusterAuthorizedOperations: clusterOperations(info) }
      : {}),
  };
}

function clusterOperations(info: MetadataInfo): number {
  if (!info.allows('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return 0;
  return authorizedOperations(info.allows, 'CLUSTER', CLUSTER_NAME);
}

class TopicAnswers {
  readonly #context: MetadataContext;
  readonly #request: MetadataRequest;
  readonly #info: MetadataInfo;
  readonly #image: ClusterImage;
  readonly #view: ListenerView;
  readonly #failures: ReadonlyMap<string, ErrorName>;

  constructor(
    context: MetadataContext,
    request: MetadataRequest,
    info: MetadataInfo,
    state: { image: ClusterImage; view: ListenerView; failures: ReadonlyMap<string, ErrorName> },
  ) {
    this.#context = context;
    this.#request = request;
    this.#info = info;
    this.#image = state.image;
    this.#view = state.view;
    this.#failures = state.failures;
  }

  all(): Topic[] {
    if (isAllTopics(this.#request, this.#info)) {
      return [...this.#image.topics.all()]
        .filter(({ name }) => this.#info.allows('DESCRIBE', 'TOPIC', name))
        .map((topic) => this.#topic(topic));
    }
    const ids = requestedIds(this.#request);
    if (ids.length > 0) return ids.map((id) => this.#byId(id));
    return requestedNames(this.#request).map((name) => this.#byName(name));
  }

  #byId(id: string): Topic {
    const topic = this.#image.topics.byId(id);
    if (!topic) return { ...failed(null, 'UNKNOWN_TOPIC_ID'), topicId: id };
    // An id tells nothing, so unlike a name it is repeated to whoever may not describe its topic.
    if (!this.#info.authorize('DESCRIBE', 'TOPIC', topic.name)) {
      return { ...failed(null, 'TOPIC_AUTHORIZATION_FAILED'), topicId: id };
    }
    return this.#topic(topic);
  }

  #byName(name: string): Topic {
    if (!this.#info.authorize('DESCRIBE', 'TOPIC', name)) return failed(name, 'TOPIC_AUTHORIZATION_FAILED');
    const topic = this.#image.topics.byName(name);
    if (topic && topic.partitions.length > 0) return this.#topic(topic);
    return this.#withOperations({
      ...failed(name, this.#whyMissing(name)),
      isInternal: INTERNAL_TOPICS.has(name),
    });
  }

  #whyMissing(name: string): ErrorName {
    const failure = this.#failures.get(name);
    if (failure) return failure;
    if (checkTopicName(name) !== null) return 'INVALID_TOPIC_EXCEPTION';
    const wouldCreate = this.#request.allowAutoTopicCreation && this.#context.topicCreation.isAutomatic;
    return wouldCreate && !mayCreate(this.#info, name)
      ? 'TOPIC_AUTHORIZATION_FAILED'
      : 'UNKNOWN_TOPIC_OR_PARTITION';
  }

  #topic(topic: TopicImage): Topic {
    return this.#withOperations({
      errorCode: 0,
      name: topic.name,
      topicId: topic.id,
      isInternal: INTERNAL_TOPICS.has(topic.name),
      partitions: topic.partitions.map((partition, index) => this.#partition(partition, index)),
    });
  }

  #withOperations(topic: Topic): Topic {
    if (!this.#request.includeTopicAuthorizedOperations || topic.name === null) return topic;
    const operations = authorizedOperations(this.#info.allows, 'TOPIC', topic.name);
    return { ...topic, topicAuthorizedOperations: operations };
  }

  #partition(partition: PartitionImage, index: number): Partition {
    const leaderId = this.#view.leader(partition);
    const described: Partition = {
      errorCode: 0,
      partitionIndex: index,
      leaderId,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      offlineReplicas: this.#view.offlineReplicas(partition),
    };
    if (leaderId === NO_LEADER)
      return { ...described, ...this.#inReach(partition), errorCode: this.#noLeader(partition) };
    if (this.#info.apiVersion >= NULL_IS_ALL_SINCE) return described;
    const inReach = this.#inReach(partition);
    const isWhole =
      inReach.replicaNodes.length === partition.replicas.length &&
      inReach.isrNodes.length === partition.isr.length;
    return { ...described, ...inReach, errorCode: isWhole ? 0 : errorCode('REPLICA_NOT_AVAILABLE') };
  }

  /** v0 lists only what is in reach. */
  #inReach({ replicas, isr }: PartitionImage): Pick<Partition, 'replicaNodes' | 'isrNodes'> {
    if (this.#info.apiVersion >= NULL_IS_ALL_SINCE) return { replicaNodes: replicas, isrNodes: isr };
    return {
      replicaNodes: replicas.filter((id) => this.#view.isAlive(id)),
      isrNodes: isr.filter((id) => this.#view.isAlive(id)),
    };
  }

  #noLeader(partition: PartitionImage): number {
    const isThere = this.#view.isRegistered(partition.leader);
    return errorCode(
      isThere && this.#info.apiVersion >= LISTENER_NOT_FOUND_SINCE
        ? 'LISTENER_NOT_FOUND'
        : 'LEADER_NOT_AVAILABLE',
    );
  }
}

function failed(name: string | null, error: ErrorName): Topic {
  return { errorCode: errorCode(error), name, partitions: [] };
}
