import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, uuid } from '../field.ts';

/**
 * A broker reports in which of its log directories it put replicas (KIP-858).
 */
export const assignReplicasToDirs = api({
  name: 'AssignReplicasToDirs',
  key: 73,
  versions: [0, 0],
  flexible: 0,
  request: {
    brokerId: int32,
    brokerEpoch: offset.default(-1),
    directories: array({
      id: uuid,
      topics: array({
        topicId: uuid,
        partitions: array({
          partitionIndex: int32,
        }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    directories: array({
      id: uuid,
      topics: array({
        topicId: uuid,
        partitions: array({
          partitionIndex: int32,
          errorCode: int16,
        }),
      }),
    }),
  },
});

export type AssignReplicasToDirsRequest = RequestOf<typeof assignReplicasToDirs>;
export type AssignReplicasToDirsResponse = ResponseOf<typeof assignReplicasToDirs>;
