import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, struct, uuid } from '../field.ts';

const topicPartitions = {
  topicId: uuid,
  partitions: array(int32),
};

/**
 * Joins, subscribes, acknowledges and leaves, all in one (KIP-848). What has not changed since the last
 * heartbeat is null. 1: a subscription by regular expression, and the member chooses its own id.
 */
export const consumerGroupHeartbeat = api({
  name: 'ConsumerGroupHeartbeat',
  key: 68,
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    // 0 joins, -1 leaves, -2 leaves for a while as a static member.
    memberEpoch: int32,
    instanceId: string.nullable().default(null),
    rackId: string.nullable().default(null),
    rebalanceTimeoutMs: int32.default(-1),
    subscribedTopicNames: array(string).nullable().default(null),
    subscribedTopicRegex: string.nullable().since(1).default(null),
    serverAssignor: string.nullable().default(null),
    // What the member owns; null when that has not changed.
    topicPartitions: array({
      topicId: uuid,
      partitions: array(int32),
    })
      .nullable()
      .default(null),
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
      topicPartitions: array(topicPartitions),
    })
      .nullable()
      .default(null),
  },
});

export type ConsumerGroupHeartbeatRequest = RequestOf<typeof consumerGroupHeartbeat>;
export type ConsumerGroupHeartbeatResponse = ResponseOf<typeof consumerGroupHeartbeat>;
