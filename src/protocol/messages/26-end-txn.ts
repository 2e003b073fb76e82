import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { bool, int16, int32, offset, string } from '../field.ts';

/**
 * 5: the answer carries the next epoch, so that every transaction has its own (KIP-890).
 */
export const endTxn = api({
  name: 'EndTxn',
  key: 26,
  versions: [0, 5],
  flexible: 3,
  request: {
    transactionalId: string,
    producerId: offset,
    producerEpoch: int16,
    committed: bool,
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    // The one to go on with; another than before when the epochs of that are used up.
    producerId: offset.since(5).default(-1).ignorable(),
    producerEpoch: int16.since(5).default(-1).ignorable(),
  },
});

export type EndTxnRequest = RequestOf<typeof endTxn>;
export type EndTxnResponse = ResponseOf<typeof endTxn>;
