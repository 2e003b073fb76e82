import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string } from '../field.ts';

/**
 * Moves replicas between the log directories of one broker.
 */
export const alterReplicaLogDirs = api({
  name: 'AlterReplicaLogDirs',
  key: 34,
  versions: [1, 2],
  flexible: 2,
  request: {
    dirs: array({
      path: string,
      topics: array({
        name: string,
        partitions: array(int32),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    results: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
});

export type AlterReplicaLogDirsRequest = RequestOf<typeof alterReplicaLogDirs>;
export type AlterReplicaLogDirsResponse = ResponseOf<typeof alterReplicaLogDirs>;
