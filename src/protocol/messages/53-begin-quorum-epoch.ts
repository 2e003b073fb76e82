import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, uint16, uuid } from '../field.ts';

/**
 * A new leader announces itself to the voters.
 */
export const beginQuorumEpoch = api({
  name: 'BeginQuorumEpoch',
  key: 53,
  versions: [0, 1],
  flexible: 1,
  request: {
    clusterId: string.nullable().default(null),
    voterId: int32.since(1).default(-1).ignorable(),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        voterDirectoryId: uuid.since(1).ignorable(),
        leaderId: int32,
        leaderEpoch: int32,
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

export type BeginQuorumEpochRequest = RequestOf<typeof beginQuorumEpoch>;
export type BeginQuorumEpochResponse = ResponseOf<typeof beginQuorumEpoch>;
