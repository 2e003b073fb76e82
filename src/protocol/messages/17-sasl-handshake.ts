import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, string } from '../field.ts';

/**
 * Version 0 is followed by bare SASL tokens on the wire, version 1 by SaslAuthenticate. Never flexible, so
 * that it can be read before anything is known of the client.
 */
export const saslHandshake = api({
  name: 'SaslHandshake',
  key: 17,
  versions: [0, 1],
  request: {
    mechanism: string,
  },
  response: {
    errorCode: int16,
    // Told with an error too, so that the client can say what would have worked.
    mechanisms: array(string),
  },
});

export type SaslHandshakeRequest = RequestOf<typeof saslHandshake>;
export type SaslHandshakeResponse = ResponseOf<typeof saslHandshake>;
