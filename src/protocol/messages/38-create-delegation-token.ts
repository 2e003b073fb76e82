import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bytes, int16, int32, int64, string } from '../field.ts';

/**
 * KIP-48. 3: a token for another owner than who asks (KIP-373).
 */
export const createDelegationToken = api({
  name: 'CreateDelegationToken',
  key: 38,
  versions: [1, 3],
  flexible: 2,
  request: {
    // Null or empty: whoever asks.
    ownerPrincipalType: string.nullable().since(3).default(''),
    ownerPrincipalName: string.nullable().since(3).default(''),
    renewers: array({
      principalType: string,
      principalName: string,
    }),
    maxLifetimeMs: int64,
  },
  response: {
    errorCode: int16,
    principalType: string,
    principalName: string,
    tokenRequesterPrincipalType: string.since(3),
    tokenRequesterPrincipalName: string.since(3),
    issueTimestampMs: int64,
    expiryTimestampMs: int64,
    maxTimestampMs: int64,
    tokenId: string,
    hmac: bytes,
    throttleTimeMs: int32.default(0),
  },
});

export type CreateDelegationTokenRequest = RequestOf<typeof createDelegationToken>;
export type CreateDelegationTokenResponse = ResponseOf<typeof createDelegationToken>;
