import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, string, struct, uint16, uuid } from '../field.ts';

/**
 * A voter reports its endpoints and the kraft.version it supports (KIP-853).
 */
export const updateRaftVoter = api({
  name: 'UpdateRaftVoter',
  key: 82,
  versions: [0, 0],
  flexible: 0,
  request: {
    clusterId: string.nullable(),
    currentLeaderEpoch: int32,
    voterId: int32,
    voterDirectoryId: uuid,
    listeners: array({
      name: string,
      host: string,
      port: uint16,
    }),
    kRaftVersionFeature: struct({
      minSupportedVersion: int16,
      maxSupportedVersion: int16,
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    currentLeader: struct({
      leaderId: int32.default(-1),
      leaderEpoch: int32.default(-1),
      host: string,
      port: int32,
    }).tagged(0),
  },
});

export type UpdateRaftVoterRequest = RequestOf<typeof updateRaftVoter>;
export type UpdateRaftVoterResponse = ResponseOf<typeof updateRaftVoter>;
