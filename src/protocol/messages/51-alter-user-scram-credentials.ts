import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bytes, int8, int16, int32, string } from '../field.ts';

/**
 * The client salts the password, the broker never sees it (KIP-554).
 */
export const alterUserScramCredentials = api({
  name: 'AlterUserScramCredentials',
  key: 51,
  versions: [0, 0],
  flexible: 0,
  request: {
    deletions: array({
      name: string,
      mechanism: int8,
    }),
    upsertions: array({
      name: string,
      mechanism: int8,
      iterations: int32,
      salt: bytes,
      saltedPassword: bytes,
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    results: array({
      user: string,
      errorCode: int16,
      errorMessage: string.nullable(),
    }),
  },
});

export type AlterUserScramCredentialsRequest = RequestOf<typeof alterUserScramCredentials>;
export type AlterUserScramCredentialsResponse = ResponseOf<typeof alterUserScramCredentials>;
