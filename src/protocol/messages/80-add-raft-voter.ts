import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, string, uint16, uuid } from '../field.ts';

/**
 * 1: the answer may come as soon as the change is in the leader's log.
 */
export const addRaftVoter = api({
  name: 'AddRaftVoter',
  key: 80,
  versions: [0, 1],
  flexible: 0,
  request: {
    clusterId: string.nullable(),
    timeoutMs: int32,
    voterId: int32,
    voterDirectoryId: uuid,
    listeners: array({
      name: string,
      host: string,
      port: uint16,
    }),
    ackWhenCommitted: bool.since(1).default(true),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable().ignorable(),
  },
});

export type AddRaftVoterRequest = RequestOf<typeof addRaftVoter>;
export type AddRaftVoterResponse = ResponseOf<typeof addRaftVoter>;
