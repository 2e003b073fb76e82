import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, string, uuid } from '../field.ts';

/** The operations when the client did not ask for them. */
const NOT_ASKED = -2147483648;

/**
 * 1: null asks for all topics. 10: topics by id. 13: an error of the whole answer (KIP-1102).
 */
export const metadata = api({
  name: 'Metadata',
  key: 3,
  versions: [0, 13],
  flexible: 9,
  request: {
    // Null asks for every topic from v1 on; in v0 an empty array does.
    topics: array({
      // The zero id with a name, or an id with a null name; ids are answered from version 12 on.
      topicId: uuid.since(10).ignorable(),
      name: string.nullable(10),
    }).nullable(1),
    allowAutoTopicCreation: bool.since(4).default(true),
    // Moved to DescribeCluster.
    includeClusterAuthorizedOperations: bool.between(8, 10),
    includeTopicAuthorizedOperations: bool.since(8),
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    brokers: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: string.nullable().since(1).default(null).ignorable(),
    }),
    clusterId: string.nullable().since(2).default(null).ignorable(),
    // In a KRaft cluster any alive broker: requests for the controller are forwarded.
    controllerId: int32.since(1).default(-1).ignorable(),
    topics: array({
      errorCode: int16,
      name: string.nullable(12),
      topicId: uuid.since(10).ignorable(),
      isInternal: bool.since(1).default(false).ignorable(),
      partitions: array({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: int32.since(7).default(-1).ignorable(),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        offlineReplicas: array(int32).since(5).ignorable(),
      }),
      topicAuthorizedOperations: int32.since(8).default(NOT_ASKED),
    }),
    clusterAuthorizedOperations: int32.between(8, 10).default(NOT_ASKED),
    errorCode: int16.since(13).ignorable(),
  },
});

export type MetadataRequest = RequestOf<typeof metadata>;
export type MetadataResponse = ResponseOf<typeof metadata>;
