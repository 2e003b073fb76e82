import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { bytes, int16, offset, string } from '../field.ts';

/**
 * 1: how long the session lasts before the client must authenticate again (KIP-368).
 */
export const saslAuthenticate = api({
  name: 'SaslAuthenticate',
  key: 36,
  versions: [0, 2],
  flexible: 2,
  request: {
    authBytes: bytes,
  },
  response: {
    errorCode: int16,
    errorMessage: string.nullable(),
    authBytes: bytes,
    sessionLifetimeMs: offset.since(1).default(0).ignorable(),
  },
});

export type SaslAuthenticateRequest = RequestOf<typeof saslAuthenticate>;
export type SaslAuthenticateResponse = ResponseOf<typeof saslAuthenticate>;
