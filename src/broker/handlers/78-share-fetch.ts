import type { Uuid } from '../../base/brand.ts';
import type { Clock } from '../../base/clock.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import {
  type ShareFetchRequest,
  type ShareFetchResponse,
  shareFetch,
} from '../../protocol/messages/78-share-fetch.ts';
import { type Answer, handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { type AcknowledgeResult, acknowledge } from '../sharing/acknowledging.ts';
import { currentLeaders } from '../sharing/current-leaders.ts';
import { ShareFetching } from '../sharing/share-fetching.ts';
import { hasShareGroups, isMemberId } from '../sharing/share-protocol.ts';
import type { SharedRead } from '../sharing/share-read.ts';
import { FINAL_EPOCH } from '../sharing/share-sessions.ts';

type PartitionResponse = ShareFetchResponse['responses'][number]['partitions'][number];

const RENEWALS_SINCE = 2;

/**
 * ShareFetch v1-2: a member of a share group acquires records of the partitions that its share session has,
 * and acknowledges those that it had before. Records are locked for the member until it acknowledges them or
 * their lock is over. Batches leave as they lie in the log. When there is nothing to acquire, the request
 * waits until there is, or until maxWaitMs. Epoch 0 begins a session, -1 ends it, which gives back what the
 * member has not acknowledged.
 *
 * v2 can limit the number of records strictly (KIP-1206) and renew locks (KIP-1222).
 */
export const shareFetchHandler = handle(
  shareFetch,
  { versions: [1, 2], operations: ['GROUP:READ', 'TOPIC:READ'], serial: true },
  async (context: BrokerContext, request, info): Promise<Answer<ShareFetchResponse>> => {
    if (!hasShareGroups(context)) return failed('UNSUPPORTED_VERSION');
    const { groupId, memberId, shareSessionEpoch } = request;
    if (groupId === null || !info.authorize('READ', 'GROUP', groupId))
      return failed('GROUP_AUTHORIZATION_FAILED');
    if (!isMemberId(memberId)) return failed('INVALID_REQUEST', 'Invalid member id in the request.');
    const isRenewAck = info.apiVersion >= RENEWALS_SINCE && request.isRenewAck;
    const fault = isRenewAck ? renewalFault(request) : null;
    if (fault !== null) return failed('INVALID_REQUEST', fault);
    const named = request.topics.flatMap(({ topicId, partitions }) =>
      partitions.map(({ partitionIndex }) => ({ topicId, partition: partitionIndex })),
    );
    const acknowledges = request.topics.some(({ partitions }) =>
      partitions.some(({ acknowledgementBatches }) => acknowledgementBatches.length > 0),
    );
    const opened = context.shareSessions.open({
      groupId,
      memberId,
      connectionId: info.connectionId,
      epoch: shareSessionEpoch,
      partitions: named,
      forgotten: request.forgottenTopicsData.flatMap(({ topicId, partitions }) =>
        partitions.map((partition) => ({ topicId, partition })),
      ),
      acknowledges,
    });
    if ('error' in opened) {
      // Whoever finds no room would ask again at once.
      if (opened.error === 'SHARE_SESSION_LIMIT_REACHED')
        await delay(context.world.clock, Math.min(request.maxWaitMs, info.waitMsMax), info);
      return failed(opened.error);
    }
    const { session } = opened;
    const acknowledged = acknowledges
      ? acknowledge(
          context,
          {
            groupId,
            memberId,
            topics: request.topics,
            knowsRenewals: info.apiVersion >= RENEWALS_SINCE,
            isRenewAck,
          },
          info.authorize,
        )
      : Promise.resolve([]);
    const fetching = new ShareFetching(context, request, info, session);
    const isLast = shareSessionEpoch === FINAL_EPOCH;
    const read = isLast || isRenewAck ? [] : await fetching.answer();
    const results = await acknowledged;
    if (isLast) context.shareSessions.end(session);
    return {
      throttleTimeMs: fetching.throttleTimeMs,
      errorCode: 0,
      acquisitionLockTimeoutMs: context.sharePartitions.configOf(groupId).lockDurationMs,
      ...responses(context, info, read, results),
    };
  },
);

function responses(
  context: BrokerContext,
  info: RequestInfo,
  read: readonly SharedRead[],
  acknowledged: readonly AcknowledgeResult[],
): Pick<ShareFetchResponse, 'responses' | 'nodeEndpoints'> {
  const leaders = currentLeaders(context, info);
  const byTopic = new Map<Uuid, Map<number, PartitionResponse>>();
  const partitionsOf = (topicId: Uuid): Map<number, PartitionResponse> => {
    const partitions = byTopic.get(topicId) ?? new Map<number, PartitionResponse>();
    byTopic.set(topicId, partitions);
    return partitions;
  };
  for (const { topicId, partition, error, records, acquired } of read)
    partitionsOf(topicId).set(partition, {
      ...nothing(partition),
      errorCode: errorCode(error ?? 'NONE'),
      errorMessage: error && errorMessage(error),
      currentLeader: leaders.of(topicId, partition, error),
      records,
      acquiredRecords: [...acquired],
    });
  for (const { topicId, partitionIndex, error, message } of acknowledged) {
    const partitions = partitionsOf(topicId);
    partitions.set(partitionIndex, {
      ...(partitions.get(partitionIndex) ?? nothing(partitionIndex)),
      acknowledgeErrorCode: errorCode(error ?? 'NONE'),
      acknowledgeErrorMessage: message,
    });
  }
  return {
    responses: [...byTopic].map(([topicId, partitions]) => ({
      topicId,
      partitions: [...partitions.values()],
    })),
    nodeEndpoints: leaders.endpoints(),
  };
}

function nothing(partitionIndex: number): PartitionResponse {
  return {
    partitionIndex,
    errorCode: 0,
    errorMessage: null,
    acknowledgeErrorCode: 0,
    acknowledgeErrorMessage: null,
    currentLeader: { leaderId: 0, leaderEpoch: 0 },
    records: Buffer.alloc(0),
    acquiredRecords: [],
  };
}

function failed(error: ErrorName, message: string | null = null): ShareFetchResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    errorMessage: message,
    acquisitionLockTimeoutMs: 0,
    responses: [],
    nodeEndpoints: [],
  };
}

/** Resolves after so long, or when the client has disconnected. */
function delay(clock: Clock, ms: number, info: Pick<RequestInfo, 'afterWrite'>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(Math.max(0, ms), resolve);
    info.afterWrite(() => {
      timer.cancel();
      resolve();
    });
  });
}

/** A request that renews locks fetches nothing: the locks would be over before the answer comes. */
function renewalFault({ maxBytes, minBytes, maxRecords, maxWaitMs }: ShareFetchRequest): string | null {
  const faults = Object.entries({ maxBytes, minBytes, maxRecords, maxWaitMs })
    .filter(([, value]) => value !== 0)
    .map(([name]) => `${name} must be set to 0, `);
  return faults.length > 0 ? `${faults.join('')}if isRenewAck is true.` : null;
}
