import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, exactOffset, int8, int16, int32, offset, string } from '../field.ts';

/**
 * 2: isolation level. 4: leader epochs. 7: the record with the greatest timestamp (-3). 8: the local log
 * start (-4). 9: the last tiered offset (-5). 10: a timeout for tiered lookups. 11: the earliest offset not
 * yet tiered (-6).
 */
export const listOffsets = api({
  name: 'ListOffsets',
  key: 2,
  versions: [1, 11],
  flexible: 6,
  request: {
    replicaId: int32,
    isolationLevel: int8.since(2),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        currentLeaderEpoch: int32.since(4).default(-1).ignorable(),
        // The first record at or after this time, or one of the special times: -1 the end, -2 the start.
        timestamp: exactOffset,
      }),
    }),
    timeoutMs: int32.since(10).ignorable(),
  },
  response: {
    throttleTimeMs: int32.since(2).ignorable(),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        timestamp: exactOffset.default(-1),
        // -1 with timestamp -1 when no record is that late.
        offset: offset.default(-1),
        leaderEpoch: int32.since(4).default(-1),
      }),
    }),
  },
});

export type ListOffsetsRequest = RequestOf<typeof listOffsets>;
export type ListOffsetsResponse = ResponseOf<typeof listOffsets>;
