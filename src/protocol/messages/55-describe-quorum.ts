import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string, uint16, uuid } from '../field.ts';

const replicaState = {
  replicaId: int32,
  replicaDirectoryId: uuid.since(2),
  logEndOffset: offset,
  lastFetchTimestamp: offset.since(1).default(-1).ignorable(),
  lastCaughtUpTimestamp: offset.since(1).default(-1).ignorable(),
};

/**
 * 1: when each replica was heard of last. 2: directory ids and the listeners of the nodes (KIP-853).
 */
export const describeQuorum = api({
  name: 'DescribeQuorum',
  key: 55,
  versions: [0, 2],
  flexible: 0,
  request: {
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
      }),
    }),
  },
  response: {
    errorCode: int16,
    errorMessage: string.nullable().since(2).ignorable(),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: string.nullable().since(2).ignorable(),
        leaderId: int32,
        leaderEpoch: int32,
        highWatermark: offset,
        currentVoters: array(replicaState),
        observers: array(replicaState),
      }),
    }),
    nodes: array({
      nodeId: int32,
      listeners: array({
        name: string,
        host: string,
        port: uint16,
      }),
    }).since(2),
  },
});

export type DescribeQuorumRequest = RequestOf<typeof describeQuorum>;
export type DescribeQuorumResponse = ResponseOf<typeof describeQuorum>;
