import type { ProducerAnswer } from '../../coordinator/transaction/transaction-shard.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { type InitProducerIdRequest, initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** Before this version clients do not know PRODUCER_FENCED. */
const PRODUCER_FENCED_SINCE = 4;

/**
 * InitProducerId v0-5: a fresh producer id with epoch 0 for an idempotent producer, whatever id it had before
 * (KIP-360). Ids come from blocks that the controller gives. With a transactional id, the id's coordinator
 * gives it an epoch that fences whoever used it before.
 *
 * Not implemented: v6 (two-phase commit), which is unstable in Kafka.
 */
export const initProducerIdHandler = handle(
  initProducerId,
  {
    versions: [0, 5],
    operations: ['CLUSTER:IDEMPOTENT_WRITE', 'TOPIC:WRITE', 'TRANSACTIONAL_ID:WRITE'],
  },
  async (context: BrokerContext, request, info): Promise<ResponseOf<typeof initProducerId>> => {
    const { transactionalId } = request;
    if (transactionalId !== null) {
      if (!info.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
        return failed('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
      const answer = await initTransactional(context, transactionalId, request);
      if (!('error' in answer)) return { throttleTimeMs: 0, errorCode: 0, ...answer };
      const fenced = answer.error === 'PRODUCER_FENCED' && info.apiVersion < PRODUCER_FENCED_SINCE;
      return failed(fenced ? 'INVALID_PRODUCER_EPOCH' : answer.error);
    }
    // KIP-679: who may write to some topic may do so idempotently.
    if (!info.authorizeSome('WRITE', 'TOPIC') && !info.authorize('IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_NAME))
      return failed('CLUSTER_AUTHORIZATION_FAILED');
    const producerId = await context.producerIds.next();
    if (typeof producerId !== 'number') return failed(producerId.error);
    return { throttleTimeMs: 0, errorCode: 0, producerId, producerEpoch: 0 };
  },
);

async function initTransactional(
  context: BrokerContext,
  transactionalId: string,
  { transactionTimeoutMs, producerId, producerEpoch }: InitProducerIdRequest,
): Promise<ProducerAnswer> {
  // A producer has both or neither.
  if ((producerId === -1) !== (producerEpoch === -1)) return { error: 'INVALID_REQUEST' };
  const expected = producerId === -1 ? null : { producerId, producerEpoch };
  return context.transactions.initProducerId(transactionalId, transactionTimeoutMs, expected);
}

function failed(error: ErrorName): ResponseOf<typeof initProducerId> {
  return { throttleTimeMs: 0, errorCode: errorCode(error), producerId: -1, producerEpoch: -1 };
}
