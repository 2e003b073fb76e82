import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { ConsumerGroupHeartbeatResponse } from '../../../protocol/messages/68-consumer-group-heartbeat.ts';

/**
 * A heartbeat that is refused, with Kafka's words: null where there are none but those that every client
 * knows for the error.
 */
export function heartbeatError(error: ErrorName, message: string | null): ConsumerGroupHeartbeatResponse {
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
