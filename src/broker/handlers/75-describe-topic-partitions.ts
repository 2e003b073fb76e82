import { ZERO_UUID } from '../../base/brand.ts';
import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import { checkTopicName } from '../../metadata/topic-name.ts';
import type { PartitionImage } from '../../metadata/topics.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  describeTopicPartitions,
} from '../../protocol/messages/75-describe-topic-partitions.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerSettings } from '../configs/broker-settings.ts';
import { authorizedOperations, everyRight } from '../metadata-view/authorized-operations.ts';
import { ListenerView } from '../metadata-view/listener-view.ts';

/** What of the broker this handler works with. */
export interface DescribeTopicPartitionsContext {
  image(): ClusterImage;
  readonly settings: Pick<BrokerSettings, 'get'>;
}

type Topic = DescribeTopicPartitionsResponse['topics'][number];

/**
 * DescribeTopicPartitions v0 (KIP-966): topics in order of their names, each partition with its eligible
 * leader replicas, in pages. A page ends at the caller's limit or max.request.partition.size.limit, and says
 * with a cursor where the next begins; it may begin in the middle of a topic, or with one that does not exist
 * any more. An empty list asks for all topics; those that the caller may not describe are then left out, and
 * refused when they were named.
 */
export const describeTopicPartitionsHandler = handle(
  describeTopicPartitions,
  { versions: [0, 0], operations: everyRight('TOPIC') },
  (context: DescribeTopicPartitionsContext, request, info): DescribeTopicPartitionsResponse => {
    const { cursor } = request;
    if (isMalformed(request)) return malformed(request);
    const image = context.image();
    const isAll = request.topics.length === 0;
    const named = isAll
      ? [...image.topics.all()].map(({ name }) => name)
      : [...new Set(request.topics.map(({ name }) => name))];
    const names = named.filter((name) => cursor === null || name >= cursor.topicName).sort(byCode);
    const allowed: string[] = [];
    const refused: string[] = [];
    for (const name of names) {
      const may = isAll ? info.allows : info.authorize;
      if (may('DESCRIBE', 'TOPIC', name)) allowed.push(name);
      else if (!isAll) refused.push(name);
    }

    const page = new Page(image, new ListenerView(image, info.listenerName), limit(context, request));
    for (const name of allowed) {
      const start = cursor?.topicName === name ? cursor.partitionIndex : 0;
      if (!page.add(name, start, isAll)) break;
    }
    return {
      topics: [
        ...page.topics.map((topic) => ({
          ...topic,
          topicAuthorizedOperations: authorizedOperations(info.allows, 'TOPIC', topic.name ?? ''),
        })),
        ...refused.map((name) => ({
          errorCode: errorCode('TOPIC_AUTHORIZATION_FAILED'),
          name,
          topicId: ZERO_UUID,
          partitions: [],
        })),
      ],
      nextCursor: page.nextCursor,
    };
  },
);

/** The cursor's topic must be among those that were named, and its partition cannot be negative. */
function isMalformed({ topics, cursor }: DescribeTopicPartitionsRequest): boolean {
  if (cursor === null) return false;
  if (cursor.partitionIndex < 0) return true;
  return topics.length > 0 && !topics.some(({ name }) => name === cursor.topicName);
}

function malformed({ topics }: DescribeTopicPartitionsRequest): DescribeTopicPartitionsResponse {
  return {
    topics: topics.map(({ name }) => ({
      errorCode: errorCode('INVALID_REQUEST'),
      name,
      topicId: ZERO_UUID,
      partitions: [],
    })),
  };
}

function limit(context: DescribeTopicPartitionsContext, request: DescribeTopicPartitionsRequest): number {
  const max = context.settings.get(networkConfigs.maxRequestPartitionSizeLimit);
  return Math.max(1, Math.min(max, request.responsePartitionLimit));
}

/** Java's order of strings, which the cursor relies on from page to page: by UTF-16 code. */
function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Fills up with partitions until its limit is reached. */
class Page {
  readonly topics: Topic[] = [];
  nextCursor: DescribeTopicPartitionsResponse['nextCursor'] = null;
  readonly #image: ClusterImage;
  readonly #view: ListenerView;
  #room: number;

  constructor(image: ClusterImage, view: ListenerView, room: number) {
    this.#image = image;
    this.#view = view;
    this.#room = room;
  }

  /** Adds the topic from this partition on; false when the page is full and the cursor set. */
  add(name: string, start: number, skipMissing: boolean): boolean {
    if (this.#room === 0) {
      this.nextCursor = { topicName: name, partitionIndex: 0 };
      return false;
    }
    const topic = this.#image.topics.byName(name);
    if (!topic) {
      if (!skipMissing) this.topics.push(missing(name));
      return true;
    }
    const end = Math.min(topic.partitions.length, start + this.#room);
    const partitions = topic.partitions.slice(start, end);
    this.topics.push({
      errorCode: 0,
      name,
      topicId: topic.id,
      isInternal: INTERNAL_TOPICS.has(name),
      partitions: partitions.map((partition, i) => this.#partition(partition, start + i)),
    });
    this.#room -= partitions.length;
    if (end >= topic.partitions.length) return true;
    this.nextCursor = { topicName: name, partitionIndex: end };
    return false;
  }

  #partition(partition: PartitionImage, index: number): Topic['partitions'][number] {
    return {
      errorCode: 0,
      partitionIndex: index,
      leaderId: this.#view.leader(partition),
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      eligibleLeaderReplicas: partition.eligibleLeaderReplicas,
      lastKnownElr: partition.lastKnownElr,
      offlineReplicas: this.#view.offlineReplicas(partition),
    };
  }
}

function missing(name: string): Topic {
  const isName = checkTopicName(name) === null;
  return {
    errorCode: errorCode(isName ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION'),
    name,
    topicId: ZERO_UUID,
    isInternal: INTERNAL_TOPICS.has(name),
    partitions: [],
  };
}
