import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { bool, int16, int32, offset, string } from '../field.ts';

/**
 * 3: a producer may bump its own epoch (KIP-360). 5: TRANSACTION_ABORTABLE (KIP-890). 6: two-phase commit
 * (KIP-939), not stable yet.
 */
export const initProducerId = api({
  name: 'InitProducerId',
  key: 22,
  versions: [0, 6],
  flexible: 2,
  unstable: [6],
  request: {
    // Null: an idempotent producer without transactions.
    transactionalId: string.nullable(),
    transactionTimeoutMs: int32,
    // -1 unless the producer bumps the epoch it has.
    producerId: offset.since(3).default(-1),
    producerEpoch: int16.since(3).default(-1),
    enable2Pc: bool.since(6).default(false),
    keepPreparedTxn: bool.since(6).default(false),
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    errorCode: int16,
    producerId: offset.default(-1),
    producerEpoch: int16,
    ongoingTxnProducerId: offset.since(6).default(-1),
    ongoingTxnProducerEpoch: int16.since(6).default(-1),
  },
});

export type InitProducerIdRequest = RequestOf<typeof initProducerId>;
export type InitProducerIdResponse = ResponseOf<typeof initProducerId>;
