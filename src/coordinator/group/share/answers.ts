import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { ShareGroupHeartbeatResponse } from '../../../protocol/messages/76-share-group-heartbeat.ts';

/** A heartbeat that is refused, or that has nothing to tell; `message` in Kafka's words, null without any. */
export function heartbeatError(error: ErrorName, message: string | null): ShareGroupHeartbeatResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    errorMessage: message,
    memberId: null,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    assignment: null,
  };
}
