import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string, uuid } from '../field.ts';

/** Where share groups are in their partitions (KIP-932). 1: with the lag (KIP-1226). */
export const describeShareGroupOffsets = api({
  name: 'DescribeShareGroupOffsets',
  key: 90,
  versions: [0, 1],
  flexible: 0,
  request: {
    groups: array({
      groupId: string,
      // Null asks for all that the group has.
      topics: array({
        topicName: string,
        partitions: array(int32),
      }).nullable(),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    groups: array({
      groupId: string,
      topics: array({
        topicName: string,
        topicId: uuid,
        partitions: array({
          partitionIndex: int32,
          startOffset: offset,
          leaderEpoch: int32,
          lag: offset.since(1).default(-1).ignorable(),
          errorCode: int16,
          errorMessage: string.nullable().default(null),
        }),
      }),
      errorCode: int16,
      errorMessage: string.nullable().default(null),
    }),
  },
});

export type DescribeShareGroupOffsetsRequest = RequestOf<typeof describeShareGroupOffsets>;
export type DescribeShareGroupOffsetsResponse = ResponseOf<typeof describeShareGroupOffsets>;
