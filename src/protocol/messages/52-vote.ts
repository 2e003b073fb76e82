import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, offset, string, uint16, uuid } from '../field.ts';

/**
 * 1: directory ids (KIP-853). 2: pre-votes (KIP-996).
 */
export const vote = api({
  name: 'Vote',
  key: 52,
  versions: [0, 2],
  flexible: 0,
  request: {
    clusterId: string.nullable().default(null),
    voterId: int32.since(1).default(-1).ignorable(),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        replicaEpoch: int32,
        replicaId: int32,
        replicaDirectoryId: uuid.since(1).ignorable(),
        voterDirectoryId: uuid.since(1).ignorable(),
        lastOffsetEpoch: int32,
        lastOffset: offset,
        preVote: bool.since(2),
      }),
    }),
  },
  response: {
    errorCode: int16,
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        leaderId: int32,
        leaderEpoch: int32,
        voteGranted: bool,
      }),
    }),
    nodeEndpoints: array({
      nodeId: int32,
      host: string,
      port: uint16,
    })
      .since(1)
      .tagged(0),
  },
});

export type VoteRequest = RequestOf<typeof vote>;
export type VoteResponse = ResponseOf<typeof vote>;
