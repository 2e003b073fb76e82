import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string, uuid } from '../field.ts';

/**
 * How far a share group has come, for those who administer it (KIP-932). 1: how much is done beyond that
 * (KIP-1226).
 */
export const readShareGroupStateSummary = api({
  name: 'ReadShareGroupStateSummary',
  key: 87,
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        leaderEpoch: int32,
      }),
    }),
  },
  response: {
    results: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        errorCode: int16,
        errorMessage: string.nullable().default(null),
        stateEpoch: int32,
        leaderEpoch: int32,
        startOffset: offset,
        deliveryCompleteCount: int32.since(1).default(-1).ignorable(),
      }),
    }),
  },
});

export type ReadShareGroupStateSummaryRequest = RequestOf<typeof readShareGroupStateSummary>;
export type ReadShareGroupStateSummaryResponse = ResponseOf<typeof readShareGroupStateSummary>;
