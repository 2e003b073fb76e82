import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, offset, string, uuid } from '../field.ts';

/**
 * The leader of a partition has kept what a share group did in it (KIP-932). 1: how much is done (KIP-1226).
 */
export const writeShareGroupState = api({
  name: 'WriteShareGroupState',
  key: 85,
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        stateEpoch: int32,
        leaderEpoch: int32,
        // -1: as it was.
        startOffset: offset,
        // Offsets from the start offset on that nobody gets any more.
        deliveryCompleteCount: int32.since(1).default(-1).ignorable(),
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
  response: {
    results: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        errorCode: int16,
        errorMessage: string.nullable().default(null),
      }),
    }),
  },
});

export type WriteShareGroupStateRequest = RequestOf<typeof writeShareGroupState>;
export type WriteShareGroupStateResponse = ResponseOf<typeof writeShareGroupState>;
