import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, bytes, int16, int32, string } from '../field.ts';

/**
 * 1: a rebalance timeout apart from the session's. 4: the first join gets MEMBER_ID_REQUIRED and an id
 * (KIP-394). 5: static members (KIP-345). 9: the leader may be told to assign nothing (skipAssignment,
 * KIP-814).
 */
export const joinGroup = api({
  name: 'JoinGroup',
  key: 11,
  versions: [0, 9],
  flexible: 6,
  request: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: int32.since(1).default(-1).ignorable(),
    // Empty in the first join.
    memberId: string,
    groupInstanceId: string.nullable().since(5).default(null),
    protocolType: string,
    // In the order the member prefers them.
    protocols: array({
      name: string,
      metadata: bytes,
    }),
    reason: string.nullable().since(8).default(null).ignorable(),
  },
  response: {
    throttleTimeMs: int32.since(2).ignorable(),
    errorCode: int16,
    generationId: int32.default(-1),
    protocolType: string.nullable().since(7).default(null).ignorable(),
    // Null with an error, from version 7 on; before that it is empty.
    protocolName: string.nullable(7),
    // The leader alone gets the members, and assigns.
    leader: string,
    skipAssignment: bool.since(9).default(false),
    memberId: string,
    members: array({
      memberId: string,
      groupInstanceId: string.nullable().since(5).default(null).ignorable(),
      metadata: bytes,
    }),
  },
});

export type JoinGroupRequest = RequestOf<typeof joinGroup>;
export type JoinGroupResponse = ResponseOf<typeof joinGroup>;
