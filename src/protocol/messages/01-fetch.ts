import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, offset, records, string, struct, uuid } from '../field.ts';

export const fetch = api({
  name: 'Fetch',
  key: 1,
  versions: [4, 18],
  flexible: 12,
  request: {
    clusterId: string.nullable().since(12).default(null).tagged(0).ignorable(),
    replicaId: int32.between(4, 14).default(-1),
    replicaState: struct({
      replicaId: int32.default(-1),
      replicaEpoch: offset.default(-1),
    })
      .since(15)
      .tagged(1),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32.default(2147483647).ignorable(),
    isolationLevel: int8.default(0).ignorable(),
    sessionId: int32.since(7).default(0).ignorable(),
    sessionEpoch: int32.since(7).default(-1).ignorable(),
    topics: array({
      topic: string.between(4, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32.since(9).default(-1).ignorable(),
        fetchOffset: offset,
        lastFetchedEpoch: int32.since(12).default(-1),
        logStartOffset: offset.since(5).default(-1).ignorable(),
        partitionMaxBytes: int32,
        replicaDirectoryId: uuid.since(17).tagged(0).ignorable(),
        highWatermark: offset.since(18).default(Infinity).tagged(1).ignorable(),
      }),
    }),
    forgottenTopicsData: array({
      topic: string.between(7, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array(int32),
    }).since(7),
    rackId: string.since(11).default('').ignorable(),
  },
  response: {
    throttleTimeMs: int32.ignorable(),
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
        snapshotId: struct({
          endOffset: offset.default(-1),
          epoch: int32.default(-1),
        })
          .since(12)
          .tagged(2),
        abortedTransactions: array({
          producerId: offset,
          firstOffset: offset,
        })
          .nullable()
          .ignorable(),
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
