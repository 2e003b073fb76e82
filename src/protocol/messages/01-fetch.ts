import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, offset, records, string, struct, uuid } from '../field.ts';

/**
 * Consumers, followers and the metadata log all read with this. 7: sessions (KIP-227). 9: leader epochs
 * (KIP-320). 11: the nearest replica (KIP-392). 12: flexible, divergence is told (KIP-595). 13: topics by id.
 * 15: the follower's epoch (KIP-903). 16: endpoints of new leaders (KIP-951). 17: directory ids (KIP-853).
 * 18: the follower's high watermark (KIP-1166).
 */
export const fetch = api({
  name: 'Fetch',
  key: 1,
  versions: [4, 18],
  flexible: 12,
  request: {
    clusterId: string.nullable().since(12).default(null).tagged(0).ignorable(),
    // -1 is a consumer; up to version 14, later in the tagged replicaState.
    replicaId: int32.between(4, 14).default(-1),
    replicaState: struct({
      replicaId: int32.default(-1),
      replicaEpoch: offset.default(-1),
    })
      .since(15)
      .tagged(1),
    maxWaitMs: int32,
    // The broker answers when it has so many bytes, or after maxWaitMs.
    minBytes: int32,
    maxBytes: int32.default(2147483647).ignorable(),
    // 0 reads everything below the high watermark, 1 below the last stable offset.
    isolationLevel: int8.default(0).ignorable(),
    // 0 with epoch 0 asks for a session, 0 with epoch -1 for a full fetch without one.
    sessionId: int32.since(7).default(0).ignorable(),
    sessionEpoch: int32.since(7).default(-1).ignorable(),
    topics: array({
      topic: string.between(4, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array({
        partition: int32,
        // -1 when the reader does not know it, and then nothing is fenced.
        currentLeaderEpoch: int32.since(9).default(-1).ignorable(),
        fetchOffset: offset,
        // The epoch of the last record the reader has: the leader finds divergence by it.
        lastFetchedEpoch: int32.since(12).default(-1),
        logStartOffset: offset.since(5).default(-1).ignorable(),
        partitionMaxBytes: int32,
        replicaDirectoryId: uuid.since(17).tagged(0).ignorable(),
        // Left out by those that cannot tell: they are answered as before KIP-1166.
        highWatermark: offset.since(18).default(Infinity).tagged(1).ignorable(),
      }),
    }),
    // Partitions to drop from the session.
    forgottenTopicsData: array({
      topic: string.between(7, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array(int32),
    }).since(7),
    rackId: string.since(11).default('').ignorable(),
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    errorCode: int16.since(7).ignorable(),
    sessionId: int32.since(7).default(0),
    responses: array({
      topic: string.between(4, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        highWatermark: offset,
        lastStableOffset: offset.default(-1).ignorable(),
        logStartOffset: offset.since(5).default(-1).ignorable(),
        // The follower cuts its log back to this before it fetches again.
        divergingEpoch: struct({
          epoch: int32.default(-1),
          endOffset: offset.default(-1),
        })
          .since(12)
          .tagged(0),
        currentLeader: struct({
          leaderId: int32.default(-1),
          leaderEpoch: int32.default(-1),
        })
          .since(12)
          .tagged(1),
        // Of the metadata log only: the offset is gone, load this snapshot instead (KIP-630).
        snapshotId: struct({
          endOffset: offset.default(-1),
          epoch: int32.default(-1),
        })
          .since(12)
          .tagged(2),
        // Null unless the reader asked for committed data only.
        abortedTransactions: array({
          producerId: offset,
          firstOffset: offset,
        })
          .nullable()
          .ignorable(),
        // Ask this replica from now on; no records come with it.
        preferredReadReplica: int32.since(11).default(-1),
        records: records.nullable(),
      }),
    }),
    nodeEndpoints: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: string.nullable().default(null),
    })
      .since(16)
      .tagged(0),
  },
});

export type FetchRequest = RequestOf<typeof fetch>;
export type FetchResponse = ResponseOf<typeof fetch>;

/** Who fetches: the id of a broker, or below 0 of nobody who keeps a replica. */
export function fetchingReplica(
  { replicaId, replicaState }: Pick<FetchRequest, 'replicaId' | 'replicaState'>,
  apiVersion: number,
): number {
  return apiVersion >= 15 ? replicaState.replicaId : replicaId;
}
