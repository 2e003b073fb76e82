import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, offset, string, uuid } from '../field.ts';

export const offsetFetch = api({
  name: 'OffsetFetch',
  key: 9,
  versions: [1, 10],
  flexible: 6,
  request: {
    groupId: string.between(0, 7),
    topics: array({
      name: string.between(0, 7),
      partitionIndexes: array(int32).between(0, 7),
    })
      .nullable(2)
      .between(0, 7),
    groups: array({
      groupId: string.since(8),
      memberId: string.nullable(9).since(9).default(null).ignorable(),
      memberEpoch: int32.since(9).default(-1).ignorable(),
      topics: array({
        name: string.between(8, 9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitionIndexes: array(int32).since(8),
      })
        .nullable(8)
        .since(8),
    }).since(8),
    requireStable: bool.since(7).default(false),
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    topics: array({
      name: string.between(0, 7),
      partitions: array({
        partitionIndex: int32.between(0, 7),
        committedOffset: offset.between(0, 7),
        committedLeaderEpoch: int32.between(5, 7).default(-1).ignorable(),
        metadata: string.nullable().between(0, 7),
        errorCode: int16.between(0, 7),
      }).between(0, 7),
    }).between(0, 7),
    errorCode: int16.between(2, 7).default(0).ignorable(),
    groups: array({
      groupId: string.since(8),
      topics: array({
        name: string.between(8, 9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitions: array({
          partitionIndex: int32.since(8),
          committedOffset: offset.since(8),
          committedLeaderEpoch: int32.since(8).default(-1).ignorable(),
          metadata: string.nullable(8).since(8),
          errorCode: int16.since(8),
        }).since(8),
      }).since(8),
      errorCode: int16.since(8).default(0),
    }).since(8),
  },
});

export type OffsetFetchRequest = RequestOf<typeof offsetFetch>;
export type OffsetFetchResponse = ResponseOf<typeof offsetFetch>;
