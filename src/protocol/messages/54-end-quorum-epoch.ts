import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, uint16, uuid } from '../field.ts';

/**
 * A leader that resigns says who should stand for election next.
 */
export const endQuorumEpoch = api({
  name: 'EndQuorumEpoch',
  key: 54,
  versions: [0, 1],
  flexible: 1,
  request: {
    clusterId: string.nullable().default(null),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: int32,
        // Up to version 0, by id alone.
        preferredSuccessors: array(int32).between(0, 0).ignorable(),
        preferredCandidates: array({
          candidateId: int32,
          candidateDirectoryId: uuid,
        })
          .since(1)
          .ignorable(),
      }),
    }),
    leaderEndpoints: array({
      name: string,
      host: string,
      port: uint16,
    })
      .since(1)
      .ignorable(),
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

export type EndQuorumEpochRequest = RequestOf<typeof endQuorumEpoch>;
export type EndQuorumEpochResponse = ResponseOf<typeof endQuorumEpoch>;
