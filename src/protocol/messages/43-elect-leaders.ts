import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

/**
 * 1: unclean elections too (KIP-460).
 */
export const electLeaders = api({
  name: 'ElectLeaders',
  key: 43,
  versions: [0, 2],
  flexible: 2,
  request: {
    // 0 the preferred leader, 1 any replica, at the cost of records.
    electionType: int8.since(1),
    // Null: all partitions.
    topicPartitions: array({
      topic: string,
      partitions: array(int32),
    }).nullable(),
    timeoutMs: int32.default(60000),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16.since(1),
    replicaElectionResults: array({
      topic: string,
      partitionResult: array({
        partitionId: int32,
        errorCode: int16,
        errorMessage: string.nullable(),
      }),
    }),
  },
});

export type ElectLeadersRequest = RequestOf<typeof electLeaders>;
export type ElectLeadersResponse = ResponseOf<typeof electLeaders>;
