import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, offset, records, string, struct, uuid } from '../field.ts';

/**
 * A member of a share group acquires records, and acknowledges those that it had before (KIP-932). 2: how
 * strictly the number of records is limited (KIP-1206), and locks that are renewed (KIP-1222).
 */
export const shareFetch = api({
  name: 'ShareFetch',
  key: 78,
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: string.nullable().default(null),
    memberId: string.nullable(),
    // 0 opens a share session, -1 ends it; otherwise one more than in the request before.
    shareSessionEpoch: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32.default(2147483647),
    maxRecords: int32.since(1),
    // How many records make a batch that is acquired and acknowledged as one.
    batchSize: int32.since(1),
    // 0 keeps whole batches together, 1 never gives more than maxRecords.
    shareAcquireMode: int8.since(2).default(0).ignorable(),
    isRenewAck: bool.since(2).default(false),
    topics: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        partitionMaxBytes: int32.between(0, 0),
        acknowledgementBatches: array({
          firstOffset: offset,
          lastOffset: offset,
          // One for all, or one for each offset: 0 gap, 1 accept, 2 release, 3 reject, 4 renew.
          acknowledgeTypes: array(int8),
        }),
      }),
    }),
    forgottenTopicsData: array({
      topicId: uuid,
      partitions: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable().default(null),
    acquisitionLockTimeoutMs: int32.since(1),
    responses: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: string.nullable().default(null),
        acknowledgeErrorCode: int16,
        acknowledgeErrorMessage: string.nullable().default(null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
        }),
        records: records.nullable(),
        acquiredRecords: array({
          firstOffset: offset,
          lastOffset: offset,
          deliveryCount: int16,
        }),
      }),
    }),
    nodeEndpoints: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: string.nullable().default(null),
    }),
  },
});

export type ShareFetchRequest = RequestOf<typeof shareFetch>;
export type ShareFetchResponse = ResponseOf<typeof shareFetch>;
