import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { endTxn } from '../../protocol/messages/26-end-txn.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** Before this version clients do not know PRODUCER_FENCED. */
const PRODUCER_FENCED_SINCE = 2;
/** From here on the answer carries the epoch of the next transaction (KIP-890). */
const EPOCH_SINCE = 5;

/**
 * EndTxn v0-5: commits or aborts. The answer leaves when the outcome is decided for good; consumers see it
 * when the partitions have been told, which follows. v5 gives the producer its next epoch, so that late
 * requests of this transaction cannot touch the next.
 */
export const endTxnHandler = handle(
  endTxn,
  { versions: [0, 5], operations: ['TRANSACTIONAL_ID:WRITE'] },
  async (context: BrokerContext, request, info) => {
    const { transactionalId, producerId, producerEpoch, committed } = request;
    const failed = (error: ErrorName) => ({
      errorCode: errorCode(error),
      producerId: -1,
      producerEpoch: -1,
    });
    if (!info.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
      return failed('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    }
    const answer = await context.transactions.endTransaction(transactionalId, {
      producerId,
      producerEpoch,
      committed,
      transactionVersion: info.apiVersion >= EPOCH_SINCE ? 2 : 0,
    });
    if (!('error' in answer)) return { errorCode: 0, ...answer };
    const fenced = answer.error === 'PRODUCER_FENCED' && info.apiVersion < PRODUCER_FENCED_SINCE;
    return failed(fenced ? 'INVALID_PRODUCER_EPOCH' : answer.error);
  },
);
