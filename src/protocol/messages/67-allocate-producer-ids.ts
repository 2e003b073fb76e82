import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { int16, int32, offset } from '../field.ts';

/**
 * A broker takes a block of producer ids from the controller.
 */
export const allocateProducerIds = api({
  name: 'AllocateProducerIds',
  key: 67,
  versions: [0, 0],
  flexible: 0,
  request: {
    brokerId: int32,
    brokerEpoch: offset.default(-1),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    producerIdStart: offset,
    producerIdLen: int32,
  },
});

export type AllocateProducerIdsRequest = RequestOf<typeof allocateProducerIds>;
export type AllocateProducerIdsResponse = ResponseOf<typeof allocateProducerIds>;
