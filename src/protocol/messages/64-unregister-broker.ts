import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { int16, int32, string } from '../field.ts';

/**
 * For a broker that will not come back; it must be fenced.
 */
export const unregisterBroker = api({
  name: 'UnregisterBroker',
  key: 64,
  versions: [0, 0],
  flexible: 0,
  request: {
    brokerId: int32,
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
  },
});

export type UnregisterBrokerRequest = RequestOf<typeof unregisterBroker>;
export type UnregisterBrokerResponse = ResponseOf<typeof unregisterBroker>;
