import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

/**
 * Iterations only; neither salt nor keys ever leave the broker (KIP-554).
 */
export const describeUserScramCredentials = api({
  name: 'DescribeUserScramCredentials',
  key: 50,
  versions: [0, 0],
  flexible: 0,
  request: {
    // Null or empty: all.
    users: array({
      name: string,
    }).nullable(),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
    results: array({
      user: string,
      errorCode: int16,
      errorMessage: string.nullable(),
      credentialInfos: array({
        mechanism: int8,
        iterations: int32,
      }),
    }),
  },
});

export type DescribeUserScramCredentialsRequest = RequestOf<typeof describeUserScramCredentials>;
export type DescribeUserScramCredentialsResponse = ResponseOf<typeof describeUserScramCredentials>;
