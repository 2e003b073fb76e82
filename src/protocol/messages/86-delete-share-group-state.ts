import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, uuid } from '../field.ts';

/** The group coordinator has the share coordinator forget partitions (KIP-932). */
export const deleteShareGroupState = api({
  name: 'DeleteShareGroupState',
  key: 86,
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
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

export type DeleteShareGroupStateRequest = RequestOf<typeof deleteShareGroupState>;
export type DeleteShareGroupStateResponse = ResponseOf<typeof deleteShareGroupState>;
