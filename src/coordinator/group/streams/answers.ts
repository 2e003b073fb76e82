import { type ErrorName, errorCode } from '../../../protocol/errors.ts';
import type { StreamsGroupHeartbeatResponse } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import type { InternalTopic } from './topology/topology.ts';

/** What a heartbeat is answered, and the topics that the application needs and that are not there. */
export interface HeartbeatResult {
  readonly response: StreamsGroupHeartbeatResponse;
  readonly missing: readonly InternalTopic[];
}

/** What a heartbeat is told besides its tasks. */
export type HeartbeatStatus = NonNullable<StreamsGroupHeartbeatResponse['status']>[number];

const STATUS_CODES = {
  STALE_TOPOLOGY: 0,
  MISSING_SOURCE_TOPICS: 1,
  INCORRECTLY_PARTITIONED_TOPICS: 2,
  MISSING_INTERNAL_TOPICS: 3,
  SHUTDOWN_APPLICATION: 4,
  ASSIGNMENT_DELAYED: 5,
} as const;

export function status(name: keyof typeof STATUS_CODES, statusDetail: string): HeartbeatStatus {
  return { statusCode: STATUS_CODES[name], statusDetail };
}

export function isMissingInternalTopics({ statusCode }: HeartbeatStatus): boolean {
  return statusCode === STATUS_CODES.MISSING_INTERNAL_TOPICS;
}

/**
 * A heartbeat that is refused, with Kafka's words: null where there are none but those that every client
 * knows for the error.
 */
export function heartbeatError(error: ErrorName, message: string | null): StreamsGroupHeartbeatResponse {
  return {
    errorCode: errorCode(error),
    errorMessage: message,
    memberId: '',
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    taskOffsetIntervalMs: 0,
    status: [],
    endpointInformationEpoch: 0,
  };
}
