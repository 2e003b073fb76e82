import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bytes, int16, int32, string } from '../field.ts';

/**
 * 3: static members. 5: protocol type and name are checked by both sides (KIP-559).
 */
export const syncGroup = api({
  name: 'SyncGroup',
  key: 14,
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: string.nullable().since(3).default(null),
    protocolType: string.nullable().since(5).default(null).ignorable(),
    protocolName: string.nullable().since(5).default(null).ignorable(),
    // From the leader; empty from all others.
    assignments: array({
      memberId: string,
      assignment: bytes,
    }),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16,
    protocolType: string.nullable().since(5).default(null).ignorable(),
    protocolName: string.nullable().since(5).default(null).ignorable(),
    assignment: bytes,
  },
});

export type SyncGroupRequest = RequestOf<typeof syncGroup>;
export type SyncGroupResponse = ResponseOf<typeof syncGroup>;
