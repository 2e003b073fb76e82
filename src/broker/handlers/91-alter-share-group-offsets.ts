import { ZERO_UUID } from '../../base/brand.ts';
import type { NewOffset } from '../../coordinator/group/share/share-kind.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import {
  type AlterShareGroupOffsetsRequest,
  type AlterShareGroupOffsetsResponse,
  alterShareGroupOffsets,
} from '../../protocol/messages/91-alter-share-group-offsets.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasShareGroups } from '../sharing/share-protocol.ts';

type Topic = AlterShareGroupOffsetsResponse['responses'][number];
type AskedTopic = AlterShareGroupOffsetsRequest['topics'][number];

/**
 * AlterShareGroupOffsets v0: an empty share group, or one that does not exist yet, goes on from other
 * offsets. What its members had done from there on is forgotten. Each partition is answered for itself.
 */
export const alterShareGroupOffsetsHandler = handle(
  alterShareGroupOffsets,
  { versions: [0, 0], operations: ['GROUP:READ', 'TOPIC:READ'] },
  async (context: BrokerContext, request, info): Promise<AlterShareGroupOffsetsResponse> => {
    if (!hasShareGroups(context)) return failed('UNSUPPORTED_VERSION');
    const { groupId, topics } = request;
    if (!info.authorize('READ', 'GROUP', groupId)) return failed('GROUP_AUTHORIZATION_FAILED');
    if (groupId === '') return failed('INVALID_GROUP_ID');
    const checked = topics.map((topic) => ({ topic, error: refusalOf(context, topic, info) }));
    const { topics: known } = context.image();
    const wanted = checked.flatMap(({ topic: { topicName, partitions }, error }): NewOffset[] => {
      const topic = known.byName(topicName);
      if (error || !topic) return [];
      return partitions.flatMap(({ partitionIndex, startOffset }) =>
        topic.partitions[partitionIndex] && startOffset >= 0
          ? [{ topicId: topic.id, partition: partitionIndex, startOffset }]
          : [],
      );
    });
    const outcomes = await context.groups.shareOffsets.alter(groupId, wanted);
    if ('error' in outcomes) return failed(outcomes.error);
    const byPartition = new Map(outcomes.map((one) => [`${one.topicId}/${one.partition}`, one]));
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      responses: checked.map(({ topic: { topicName, partitions }, error }): Topic => {
        const topic = known.byName(topicName);
        return {
          topicName,
          // Who may not read the topic does not learn whether there is one.
          topicId: error ? ZERO_UUID : (topic?.id ?? ZERO_UUID),
          partitions: partitions.map(({ partitionIndex, startOffset }) => {
            const outcome = byPartition.get(`${topic?.id}/${partitionIndex}`);
            if (outcome && !error) return { partitionIndex, ...told(outcome.failure) };
            const reason = startOffset < 0 ? 'INVALID_REQUEST' : 'UNKNOWN_TOPIC_OR_PARTITION';
            return { partitionIndex, ...told({ error: error ?? reason, message: null }) };
          }),
        };
      }),
    };
  },
);

function refusalOf(
  { image }: BrokerContext,
  { topicName }: AskedTopic,
  info: RequestInfo<'TOPIC:READ'>,
): ErrorName | null {
  if (!info.authorize('READ', 'TOPIC', topicName)) return 'TOPIC_AUTHORIZATION_FAILED';
  return image().topics.byName(topicName) ? null : 'UNKNOWN_TOPIC_OR_PARTITION';
}

function told(failure: { readonly error: ErrorName; readonly message: string | null } | null): {
  errorCode: number;
  errorMessage: string | null;
} {
  if (failure === null) return { errorCode: 0, errorMessage: null };
  return {
    errorCode: errorCode(failure.error),
    errorMessage: failure.message ?? errorMessage(failure.error),
  };
}

function failed(error: ErrorName): AlterShareGroupOffsetsResponse {
  return { throttleTimeMs: 0, ...told({ error, message: null }), responses: [] };
}
