import { ZERO_UUID } from '../../base/brand.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import {
  type DeleteShareGroupOffsetsResponse,
  deleteShareGroupOffsets,
} from '../../protocol/messages/92-delete-share-group-offsets.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { hasShareGroups } from '../sharing/share-protocol.ts';

/**
 * DeleteShareGroupOffsets v0: an empty share group forgets what it did in topics. Each topic is answered for
 * itself.
 */
export const deleteShareGroupOffsetsHandler = handle(
  deleteShareGroupOffsets,
  { versions: [0, 0], operations: ['GROUP:DELETE', 'TOPIC:READ'] },
  async (context: BrokerContext, request, info): Promise<DeleteShareGroupOffsetsResponse> => {
    if (!hasShareGroups(context)) return failed('UNSUPPORTED_VERSION');
    const { groupId, topics } = request;
    if (!info.authorize('DELETE', 'GROUP', groupId)) return failed('GROUP_AUTHORIZATION_FAILED');
    if (groupId === '') return failed('INVALID_GROUP_ID');
    const { topics: known } = context.image();
    const allowed = new Set(topics.filter(({ topicName }) => info.authorize('READ', 'TOPIC', topicName)));
    const topicIds = [...allowed].flatMap(({ topicName }) => known.byName(topicName)?.id ?? []);
    const outcomes = await context.groups.shareOffsets.forget(groupId, new Set(topicIds));
    if ('error' in outcomes) return failed(outcomes.error);
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      responses: topics.map((topic) => {
        const { topicName } = topic;
        // Who may not read the topic does not learn whether there is one.
        const topicId = allowed.has(topic) ? known.byName(topicName)?.id : undefined;
        const answer = (error: ErrorName | null, message: string | null = null) => ({
          topicName,
          topicId: topicId ?? ZERO_UUID,
          errorCode: errorCode(error ?? 'NONE'),
          errorMessage: error && (message ?? errorMessage(error)),
        });
        if (!allowed.has(topic)) return answer('TOPIC_AUTHORIZATION_FAILED');
        if (topicId === undefined)
          return answer('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.');
        const outcome = outcomes.get(topicId);
        if (outcome === undefined)
          return answer('UNKNOWN_TOPIC_OR_PARTITION', 'There is no offset information to delete.');
        return outcome ? answer(outcome.error, outcome.message) : answer(null);
      }),
    };
  },
);

function failed(error: ErrorName): DeleteShareGroupOffsetsResponse {
  return { throttleTimeMs: 0, errorCode: errorCode(error), errorMessage: errorMessage(error), responses: [] };
}
