import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string, uuid } from '../field.ts';

/** The group coordinator has the share coordinator keep the state of partitions (KIP-932). */
export const initializeShareGroupState = api({
  name: 'InitializeShareGroupState',
  key: 83,
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        stateEpoch: int32,
        // -1: the leader of the partition decides where the group begins.
        startOffset: offset,
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

export type InitializeShareGroupStateRequest = RequestOf<typeof initializeShareGroupState>;
export type InitializeShareGroupStateResponse = ResponseOf<typeof initializeShareGroupState>;
