import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { allocateProducerIds } from '../../protocol/messages/67-allocate-producer-ids.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { allocateProducerIds as decide } from '../producer-ids-control.ts';

/** AllocateProducerIds v0: a block of a thousand for a broker's producers (KIP-730). */
export const allocateProducerIdsHandler = handle(
  allocateProducerIds,
  {
    versions: [0, 0],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ brokerId }) => brokerId,
  },
  async (context: ControllerContext, request) => {
    const block = await context.command(({ image }) => decide(image, request));
    if (block === NOT_CONTROLLER) return failed('NOT_CONTROLLER');
    if ('error' in block) return failed(block.error);
    return {
      throttleTimeMs: 0,
      errorCode: errorCode('NONE'),
      producerIdStart: block.first,
      producerIdLen: block.count,
    };
  },
);

function failed(error: ErrorName) {
  return { throttleTimeMs: 0, errorCode: errorCode(error), producerIdStart: 0, producerIdLen: 0 };
}
