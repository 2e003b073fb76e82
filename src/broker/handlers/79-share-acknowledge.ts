import type { Uuid } from '../../base/brand.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type ShareAcknowledgeResponse,
  shareAcknowledge,
} from '../../protocol/messages/79-share-acknowledge.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { acknowledge } from '../sharing/acknowledging.ts';
import { currentLeaders } from '../sharing/current-leaders.ts';
import { hasShareGroups, isMemberId } from '../sharing/share-protocol.ts';
import { FINAL_EPOCH } from '../sharing/share-sessions.ts';

type PartitionResponse = ShareAcknowledgeResponse['responses'][number]['partitions'][number];

const RENEWALS_SINCE = 2;

/**
 * ShareAcknowledge v1-2: a member of a share group says what became of records that it had acquired. Each
 * partition is answered when the share coordinator has it, all of its acknowledgements or none. Epoch -1 ends
 * the member's session, which gives back what it has not acknowledged. v2 can renew locks (KIP-1222).
 */
export const shareAcknowledgeHandler = handle(
  shareAcknowledge,
  { versions: [1, 2], operations: ['GROUP:READ', 'TOPIC:READ'] },
  async (context: BrokerContext, request, info): Promise<ShareAcknowledgeResponse> => {
    if (!hasShareGroups(context)) return failed('UNSUPPORTED_VERSION');
    const { groupId, memberId, shareSessionEpoch, topics } = request;
    if (groupId === null || !info.authorize('READ', 'GROUP', groupId))
      return failed('GROUP_AUTHORIZATION_FAILED');
    if (!isMemberId(memberId)) return failed('INVALID_REQUEST', 'Invalid member id in the request.');
    const found = context.shareSessions.acknowledge(groupId, memberId, shareSessionEpoch);
    if ('error' in found) return failed(found.error);
    const knowsRenewals = info.apiVersion >= RENEWALS_SINCE;
    const results = await acknowledge(
      context,
      { groupId, memberId, topics, knowsRenewals, isRenewAck: knowsRenewals && request.isRenewAck },
      info.authorize,
    );
    if (shareSessionEpoch === FINAL_EPOCH) context.shareSessions.end(found.session);
    const leaders = currentLeaders(context, info);
    const byTopic = new Map<Uuid, PartitionResponse[]>();
    for (const { topicId, partitionIndex, error, message } of results) {
      const partitions = byTopic.get(topicId) ?? [];
      byTopic.set(topicId, partitions);
      partitions.push({
        partitionIndex,
        errorCode: errorCode(error ?? 'NONE'),
        errorMessage: message,
        currentLeader: leaders.of(topicId, partitionIndex, error),
      });
    }
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      acquisitionLockTimeoutMs: context.sharePartitions.configOf(groupId).lockDurationMs,
      responses: [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions })),
      nodeEndpoints: leaders.endpoints(),
    };
  },
);

function failed(error: ErrorName, message: string | null = null): ShareAcknowledgeResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    errorMessage: message,
    acquisitionLockTimeoutMs: 0,
    responses: [],
    nodeEndpoints: [],
  };
}
