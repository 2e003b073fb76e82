import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, string } from '../field.ts';

/**
 * 1: the replication factor may be held (KIP-860).
 */
export const alterPartitionReassignments = api({
  name: 'AlterPartitionReassignments',
  key: 45,
  versions: [0, 1],
  flexible: 0,
  request: {
    timeoutMs: int32.default(60000),
    allowReplicationFactorChange: bool.since(1).default(true),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        // Null cancels the reassignment.
        replicas: array(int32).nullable().default(null),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    allowReplicationFactorChange: bool.since(1).default(true).ignorable(),
    errorCode: int16,
    errorMessage: string.nullable(),
    responses: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: string.nullable(),
      }),
    }),
  },
});

export type AlterPartitionReassignmentsRequest = RequestOf<typeof alterPartitionReassignments>;
export type AlterPartitionReassignmentsResponse = ResponseOf<typeof alterPartitionReassignments>;
