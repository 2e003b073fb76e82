import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

/**
 * 1: key types. 4: several keys at once (KIP-699). 6: share groups (KIP-932).
 */
export const findCoordinator = api({
  name: 'FindCoordinator',
  key: 10,
  versions: [0, 6],
  flexible: 3,
  request: {
    key: string.between(0, 3),
    // 0 a group, 1 a transactional id, 2 a share partition.
    keyType: int8.since(1).default(0),
    coordinatorKeys: array(string).since(4),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16.between(0, 3),
    errorMessage: string.nullable().between(1, 3).ignorable(),
    nodeId: int32.between(0, 3),
    host: string.between(0, 3),
    port: int32.between(0, 3),
    coordinators: array({
      key: string,
      nodeId: int32,
      host: string,
      port: int32,
      errorCode: int16,
      errorMessage: string.nullable().ignorable(),
    }).since(4),
  },
});

export type FindCoordinatorRequest = RequestOf<typeof findCoordinator>;
export type FindCoordinatorResponse = ResponseOf<typeof findCoordinator>;
