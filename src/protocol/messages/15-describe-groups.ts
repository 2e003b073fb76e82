import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, bytes, int16, int32, string } from '../field.ts';

/** The operations when the client did not ask for them. */
const NOT_ASKED = -2147483648;

/**
 * Of classic groups. 6: an unknown group is GROUP_ID_NOT_FOUND, before that a dead group without error
 * (KIP-1043).
 */
export const describeGroups = api({
  name: 'DescribeGroups',
  key: 15,
  versions: [0, 6],
  flexible: 5,
  request: {
    groups: array(string),
    includeAuthorizedOperations: bool.since(3),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    groups: array({
      errorCode: int16,
      errorMessage: string.nullable().since(6).default(null),
      groupId: string,
      groupState: string,
      protocolType: string,
      protocolData: string,
      members: array({
        memberId: string,
        groupInstanceId: string.nullable().since(4).default(null).ignorable(),
        clientId: string,
        clientHost: string,
        memberMetadata: bytes,
        memberAssignment: bytes,
      }),
      authorizedOperations: int32.since(3).default(NOT_ASKED),
    }),
  },
});

export type DescribeGroupsRequest = RequestOf<typeof describeGroups>;
export type DescribeGroupsResponse = ResponseOf<typeof describeGroups>;
