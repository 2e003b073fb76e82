import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { int16, int32, offset, string } from '../field.ts';

/**
 * Adds the partition of `__consumer_offsets` that holds the group to the transaction.
 */
export const addOffsetsToTxn = api({
  name: 'AddOffsetsToTxn',
  key: 25,
  versions: [0, 4],
  flexible: 3,
  request: {
    transactionalId: string,
    producerId: offset,
    producerEpoch: int16,
    groupId: string,
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
  },
});

export type AddOffsetsToTxnRequest = RequestOf<typeof addOffsetsToTxn>;
export type AddOffsetsToTxnResponse = ResponseOf<typeof addOffsetsToTxn>;
