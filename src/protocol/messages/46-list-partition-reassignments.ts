import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string } from '../field.ts';

export const listPartitionReassignments = api({
  name: 'ListPartitionReassignments',
  key: 46,
  versions: [0, 0],
  flexible: 0,
  request: {
    timeoutMs: int32.default(60000),
    // Null: all.
    topics: array({
      name: string,
      partitionIndexes: array(int32),
    })
      .nullable()
      .default(null),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        replicas: array(int32),
        addingReplicas: array(int32),
        removingReplicas: array(int32),
      }),
    }),
  },
});

export type ListPartitionReassignmentsRequest = RequestOf<typeof listPartitionReassignments>;
export type ListPartitionReassignmentsResponse = ResponseOf<typeof listPartitionReassignments>;
