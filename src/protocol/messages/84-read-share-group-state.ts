import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, offset, string, uuid } from '../field.ts';

/** The leader of a partition takes over what a share group has done in it (KIP-932). */
export const readShareGroupState = api({
  name: 'ReadShareGroupState',
  key: 84,
  versions: [0, 0],
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
        // -1: the group has not begun.
        startOffset: offset,
        stateBatches: array({
          firstOffset: offset,
          lastOffset: offset,
          // 0 available, 2 acknowledged, 4 archived.
          deliveryState: int8,
          deliveryCount: int16,
        }),
      }),
    }),
  },
});

export type ReadShareGroupStateRequest = RequestOf<typeof readShareGroupState>;
export type ReadShareGroupStateResponse = ResponseOf<typeof readShareGroupState>;
