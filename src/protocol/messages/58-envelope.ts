import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { bytes, int16 } from '../field.ts';

/**
 * A request that a broker forwards to the controller, with the principal it came from (KIP-590). The request
 * is whole, with its header.
 */
export const envelope = api({
  name: 'Envelope',
  key: 58,
  versions: [0, 0],
  flexible: 0,
  request: {
    requestData: bytes,
    requestPrincipal: bytes.nullable(),
    clientHostAddress: bytes,
  },
  response: {
    // With its header; null when the envelope itself failed.
    responseData: bytes.nullable().default(null),
    errorCode: int16,
  },
});

export type EnvelopeRequest = RequestOf<typeof envelope>;
export type EnvelopeResponse = ResponseOf<typeof envelope>;
