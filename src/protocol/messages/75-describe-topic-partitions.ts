import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, string, struct, uuid } from '../field.ts';

/** The operations when the client did not ask for them. */
const NOT_ASKED = -2147483648;

/**
 * Metadata in pages (KIP-966): the Java admin client asks this first.
 */
export const describeTopicPartitions = api({
  name: 'DescribeTopicPartitions',
  key: 75,
  versions: [0, 0],
  flexible: 0,
  request: {
    topics: array({
      name: string,
    }),
    responsePartitionLimit: int32.default(2000),
    // Where to go on; null at the beginning.
    cursor: struct({
      topicName: string,
      partitionIndex: int32,
    })
      .nullable()
      .default(null),
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    topics: array({
      errorCode: int16,
      name: string.nullable(),
      topicId: uuid.ignorable(),
      isInternal: bool.default(false).ignorable(),
      partitions: array({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: int32.default(-1).ignorable(),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        eligibleLeaderReplicas: array(int32).nullable().default(null),
        lastKnownElr: array(int32).nullable().default(null),
        offlineReplicas: array(int32).ignorable(),
      }),
      topicAuthorizedOperations: int32.default(NOT_ASKED),
    }),
    // Null at the end.
    nextCursor: struct({
      topicName: string,
      partitionIndex: int32,
    })
      .nullable()
      .default(null),
  },
});

export type DescribeTopicPartitionsRequest = RequestOf<typeof describeTopicPartitions>;
export type DescribeTopicPartitionsResponse = ResponseOf<typeof describeTopicPartitions>;
