import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string } from '../field.ts';

/**
 * 3: a message with the error.
 */
export const deleteGroups = api({
  name: 'DeleteGroups',
  key: 42,
  versions: [0, 3],
  flexible: 2,
  request: {
    groupsNames: array(string),
  },
  response: {
    throttleTimeMs: int32.default(0),
    results: array({
      groupId: string,
      errorCode: int16,
      errorMessage: string.nullable().since(3).default(null).ignorable(),
    }),
  },
});

export type DeleteGroupsRequest = RequestOf<typeof deleteGroups>;
export type DeleteGroupsResponse = ResponseOf<typeof deleteGroups>;
