import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { int16, int32, string } from '../field.ts';

/**
 * Of classic groups. 3: static members (KIP-345).
 */
export const heartbeat = api({
  name: 'Heartbeat',
  key: 12,
  versions: [0, 4],
  flexible: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: string.nullable().since(3).default(null),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16,
  },
});

export type HeartbeatRequest = RequestOf<typeof heartbeat>;
export type HeartbeatResponse = ResponseOf<typeof heartbeat>;
