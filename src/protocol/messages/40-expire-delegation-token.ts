import { api } from '../api.ts';
import { bytes, int16, int32, int64 } from '../field.ts';

/**
 * KIP-48.
 */
export const expireDelegationToken = api({
  name: 'ExpireDelegationToken',
  key: 40,
  versions: [1, 2],
  flexible: 2,
  request: {
    hmac: bytes,
    expiryTimePeriodMs: int64,
  },
  response: {
    errorCode: int16,
    expiryTimestampMs: int64,
    throttleTimeMs: int32.default(0),
  },
});
