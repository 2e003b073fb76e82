import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, exactOffset, int16, int32, string, uuid } from '../field.ts';

/**
 * 1 stores offsets in Kafka, not in ZooKeeper. 2: null asks for all. 7: waits for open transactions
 * (requireStable). 8: several groups at once. 9: the member's epoch (KIP-848). 10: topics by id.
 */
export const offsetFetch = api({
  name: 'OffsetFetch',
  key: 9,
  versions: [1, 10],
  flexible: 6,
  request: {
    groupId: string.between(1, 7),
    // Null asks for every partition the group has an offset of.
    topics: array({
      name: string,
      partitionIndexes: array(int32),
    })
      .nullable(2)
      .between(1, 7),
    groups: array({
      groupId: string,
      memberId: string.nullable().since(9).default(null).ignorable(),
      memberEpoch: int32.since(9).default(-1).ignorable(),
      topics: array({
        name: string.between(8, 9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitionIndexes: array(int32),
      }).nullable(),
    }).since(8),
    requireStable: bool.since(7).default(false),
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        // -1 with no error where nothing is committed, or where group or partition are unknown.
        committedOffset: exactOffset,
        committedLeaderEpoch: int32.since(5).default(-1).ignorable(),
        metadata: string.nullable(),
        errorCode: int16,
      }),
    }).between(1, 7),
    errorCode: int16.between(2, 7).default(0).ignorable(),
    groups: array({
      groupId: string,
      topics: array({
        name: string.between(8, 9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitions: array({
          partitionIndex: int32,
          committedOffset: exactOffset,
          committedLeaderEpoch: int32.default(-1).ignorable(),
          metadata: string.nullable(),
          errorCode: int16,
        }),
      }),
      errorCode: int16.default(0),
    }).since(8),
  },
});

export type OffsetFetchRequest = RequestOf<typeof offsetFetch>;
export type OffsetFetchResponse = ResponseOf<typeof offsetFetch>;
