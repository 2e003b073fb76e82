import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { fetch, fetchingReplica } from '../../protocol/messages/01-fetch.ts';
import { type Answer, handle } from '../../server/handler.ts';
import type { FetchPartition } from '../fetch-sessions/fetch-session.ts';
import { Fetching, type FetchingContext } from '../fetching/fetching.ts';
import { TOPIC_IDS_SINCE } from '../fetching/partition-reads.ts';

type Request = RequestOf<typeof fetch>;
type Response = ResponseOf<typeof fetch>;

/** Kafka's replica ids: a broker's are from 0 on, these are consumers and debuggers. */
const NO_REPLICA = -1;

/**
 * Fetch v4-18, for consumers and for followers. Batches leave as they lie in the log, by reference, in one
 * gathered write. When there are fewer than minBytes, the request waits until there are, or until maxWaitMs.
 * The first batch of an answer is given even if it is larger than the limits (KIP-74). v7 has sessions
 * (KIP-227), v9 the leader epoch, v12 the epoch of the last record, by which a diverging reader is found
 * (KIP-320, KIP-595), v13 topic ids.
 *
 * A replica id on a client listener would let anybody move the high watermark: refused with
 * CLUSTER_AUTHORIZATION_FAILED.
 *
 * Since v11 consumers may read from followers; with `replica.selector.class` set to the rack-aware one,
 * leaders send them to the closest (KIP-392). Followers then learn at once how far the log is committed,
 * which is how far they serve.
 *
 * Not implemented: v18's high watermark in the request, which only the metadata log needs. Here sessions know
 * it.
 */
export const fetchHandler = handle(
  fetch,
  {
    versions: [4, 18],
    operations: ['TOPIC:READ', 'CLUSTER:CLUSTER_ACTION'],
    listeners: ['client', 'replication'],
    serial: true,
    claims: fetchingReplica,
  },
  (context: FetchingContext, request, info): Answer<Response> | Promise<Answer<Response>> => {
    const replicaId = fetchingReplica(request, info.apiVersion);
    const isFollower = replicaId > NO_REPLICA;
    if (
      isFollower &&
      (info.listener === 'client' || !info.authorize('CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster'))
    )
      return failed('CLUSTER_AUTHORIZATION_FAILED');
    const opened = context.fetchSessions.open({
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      usesTopicIds: info.apiVersion >= TOPIC_IDS_SINCE,
      replicaId: isFollower ? replicaId : null,
      partitions: wantedPartitions(request),
      forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
        partitions.map((partition) => ({ topic, topicId, partition })),
      ),
    });
    if ('error' in opened) return failed(opened.error);
    return new Fetching(context, request, info, opened).answer();
  },
);

function failed(error: ErrorName): Response {
  return { throttleTimeMs: 0, errorCode: errorCode(error), responses: [] };
}

function wantedPartitions(request: Request): FetchPartition[] {
  const wanted: FetchPartition[] = [];
  for (const { topic, topicId, partitions } of request.topics) {
    for (const one of partitions) {
      wanted.push({
        topic,
        topicId,
        partition: one.partition,
        currentLeaderEpoch: one.currentLeaderEpoch,
        fetchOffset: one.fetchOffset,
        lastFetchedEpoch: one.lastFetchedEpoch,
        logStartOffset: one.logStartOffset,
        partitionMaxBytes: one.partitionMaxBytes,
      });
    }
  }
  return wanted;
}
