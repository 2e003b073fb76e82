import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { int16, int32, string, uuid } from '../field.ts';

export const removeRaftVoter = api({
  name: 'RemoveRaftVoter',
  key: 81,
  versions: [0, 0],
  flexible: 0,
  request: {
    clusterId: string.nullable(),
    voterId: int32,
    voterDirectoryId: uuid,
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable().ignorable(),
  },
});

export type RemoveRaftVoterRequest = RequestOf<typeof removeRaftVoter>;
export type RemoveRaftVoterResponse = ResponseOf<typeof removeRaftVoter>;
