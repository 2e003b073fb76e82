import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/**
 * InitProducerId v0-5: a fresh producer id with epoch 0 for an idempotent producer, whatever id it had before
 * (KIP-360). Ids come from blocks that the controller gives.
 *
 * Not implemented: transactional ids, answered with INVALID_REQUEST until there is a transaction coordinator; v6 is
 * unstable in Kafka.
 */
export const initProducerIdHandler = handle(
  initProducerId,
  {
    versions: [0, 5],
    operations: ['CLUSTER:IDEMPOTENT_WRITE', 'TOPIC:WRITE', 'TRANSACTIONAL_ID:WRITE'],
  },
  async (context: BrokerContext, request): Promise<ResponseOf<typeof initProducerId>> => {
    if (request.transactionalId !== null) return failed('INVALID_REQUEST');
    // A client that is authorized to write no topic gets an id all the same: it is of no use to it (KIP-679).
    const producerId = await context.producerIds.next();
    if (typeof producerId !== 'number') return failed(producerId.error);
    return { throttleTimeMs: 0, errorCode: 0, producerId, producerEpoch: 0 };
  },
);

function failed(error: ErrorName): ResponseOf<typeof initProducerId> {
  return { throttleTimeMs: 0, errorCode: errorCode(error), producerId: -1, producerEpoch: -1 };
}
