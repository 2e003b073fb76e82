import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string } from '../field.ts';

/**
 * 4: by state. 5: by type, classic or consumer (KIP-848).
 */
export const listGroups = api({
  name: 'ListGroups',
  key: 16,
  versions: [0, 5],
  flexible: 3,
  request: {
    statesFilter: array(string).since(4),
    typesFilter: array(string).since(5),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16,
    groups: array({
      groupId: string,
      protocolType: string,
      groupState: string.since(4).ignorable(),
      groupType: string.since(5).ignorable(),
    }),
  },
});

export type ListGroupsRequest = RequestOf<typeof listGroups>;
export type ListGroupsResponse = ResponseOf<typeof listGroups>;
