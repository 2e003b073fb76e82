import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, struct, uuid } from '../field.ts';

/**
 * Joins, subscribes and leaves a share group (KIP-932). What has not changed since the last heartbeat is
 * null.
 */
export const shareGroupHeartbeat = api({
  name: 'ShareGroupHeartbeat',
  key: 76,
  versions: [1, 1],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    // 0 joins, -1 leaves.
    memberEpoch: int32,
    rackId: string.nullable().default(null),
    subscribedTopicNames: array(string).nullable().default(null),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable().default(null),
    memberId: string.nullable().default(null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    // Null when it has not changed.
    assignment: struct({
      topicPartitions: array({
        topicId: uuid,
        partitions: array(int32),
      }),
    })
      .nullable()
      .default(null),
  },
});

export type ShareGroupHeartbeatRequest = RequestOf<typeof shareGroupHeartbeat>;
export type ShareGroupHeartbeatResponse = ResponseOf<typeof shareGroupHeartbeat>;
