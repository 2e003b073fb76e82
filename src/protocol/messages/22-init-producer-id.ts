import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { bool, int16, int32, offset, string } from '../field.ts';

export const initProducerId = api({
  name: 'InitProducerId',
  key: 22,
  versions: [0, 6],
  flexible: 2,
  unstable: [6],
  request: {
    transactionalId: string.nullable(),
    transactionTimeoutMs: int32,
    producerId: offset.since(3).default(-1),
    producerEpoch: int16.since(3).default(-1),
    enable2Pc: bool.since(6).default(false),
    keepPreparedTxn: bool.since(6).default(false),
  },
  response: {
    throttleTimeMs: int32.ignorable(),
    errorCode: int16,
    producerId: offset.default(-1),
    producerEpoch: int16,
    ongoingTxnProducerId: offset.since(6).default(-1),
    ongoingTxnProducerEpoch: int16.since(6).default(-1),
  },
});

export type InitProducerIdRequest = RequestOf<typeof initProducerId>;
export type InitProducerIdResponse = ResponseOf<typeof initProducerId>;
