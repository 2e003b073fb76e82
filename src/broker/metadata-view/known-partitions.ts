import { ZERO_UUID } from '../../base/brand.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { Authorize } from '../../server/authorizer.ts';

/** A topic of a request about committed offsets, and for each of its partitions whether it can be one. */
export interface CheckedTopic<Partition> {
  /** Empty when the topic was asked for by an id that nothing has. */
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly { readonly partition: Partition; readonly error: ErrorName | null }[];
}

/**
 * Finds the topics of a request in the cluster, by name or by id, and says what is wrong with each partition:
 * not the caller's to read, or not there. A caller that may not read a topic does not learn whether it
 * exists.
 */
export function checkPartitions<Partition extends { readonly partitionIndex: number }>(
  topics: readonly { name: string; topicId?: string; partitions: readonly Partition[] }[],
  options: {
    readonly image: ClusterImage;
    readonly authorize: Authorize<'TOPIC:READ'>;
    readonly byId: boolean;
  },
): CheckedTopic<Partition>[] {
  return topics.map(({ name: asked, topicId = ZERO_UUID, partitions }) => {
    const { image, authorize, byId } = options;
    const topic = byId ? image.topics.byId(topicId) : image.topics.byName(asked);
    const name = byId ? (topic?.name ?? '') : asked;
    const errorOf = (partition: Partition): ErrorName | null => {
      if (byId && !topic) return 'UNKNOWN_TOPIC_ID';
      if (!authorize('READ', 'TOPIC', name)) return 'TOPIC_AUTHORIZATION_FAILED';
      return topic?.partitions[partition.partitionIndex] ? null : 'UNKNOWN_TOPIC_OR_PARTITION';
    };
    return {
      name,
      // Also of one that was named: a committed offset says of which topic of that name it is.
      topicId: topic?.id ?? topicId,
      partitions: partitions.map((partition) => ({ partition, error: errorOf(partition) })),
    };
  });
}

/** The topics with the partitions that nothing is wrong with; topics without one are left out. */
export function usable<Partition>(
  topics: readonly CheckedTopic<Partition>[],
): { name: string; topicId: string; partitions: Partition[] }[] {
  return topics
    .map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.filter(({ error }) => error === null).map(({ partition }) => partition),
    }))
    .filter(({ partitions }) => partitions.length > 0);
}

/** What a request about committed offsets is answered of one topic. */
interface AnsweredTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: { readonly partitionIndex: number; readonly errorCode: number }[];
}

/**
 * Answers every partition that was asked about, in the order of the request: those that something was wrong
 * with by that, the others as the group's coordinator did, and without an error where it said nothing.
 */
export function answerPartitions(
  checked: readonly CheckedTopic<{ readonly partitionIndex: number }>[],
  coordinator: readonly {
    readonly name?: string | undefined;
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
  }[],
): AnsweredTopic[] {
  const codes = new Map(
    coordinator.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode }) => [`${name} ${partitionIndex}`, errorCode] as const),
    ),
  );
  return checked.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map(({ partition: { partitionIndex }, error }) => ({
      partitionIndex,
      errorCode: error ? errorCode(error) : (codes.get(`${name} ${partitionIndex}`) ?? 0),
    })),
  }));
}
