import { type ErrorName, errorCode, errorMessage } from '../../../protocol/errors.ts';
import type { ConsumerGroupHeartbeatResponse } from '../../../protocol/messages/68-consumer-group-heartbeat.ts';

/** A heartbeat that is refused, with Kafka's words where it has any. */
export function heartbeatError(
  error: ErrorName,
  message: string | null = errorMessage(error),
): ConsumerGroupHeartbeatResponse {
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
