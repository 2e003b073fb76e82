import { errorCode } from '../../protocol/errors.ts';
import { brokerRegistration } from '../../protocol/messages/62-broker-registration.ts';
import { handle } from '../../server/handler.ts';
import { registerBroker } from '../brokers-control.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';

/** BrokerRegistration v0-4: the beginning of a broker's life (KIP-631). */
export const brokerRegistrationHandler = handle(
  brokerRegistration,
  {
    versions: [0, 4],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ brokerId }) => brokerId,
  },
  async (context: ControllerContext, request, info) => {
    const answer = await context.command((state, { nextOffset, heartbeats }) => {
      const decision = registerBroker(state, request, {
        clusterId: context.clusterId,
        nextOffset,
        heartbeats,
      });
      if ('epoch' in decision.answer)
        heartbeats.heard(request.brokerId, {
          epoch: decision.answer.epoch,
          metadataOffset: -1,
          connectionId: info.connectionId,
        });
      return decision;
    });
    if (answer === NOT_CONTROLLER)
      return { throttleTimeMs: 0, errorCode: errorCode('NOT_CONTROLLER'), brokerEpoch: -1 };
    if ('epoch' in answer) {
      context.world.log.info('registered a broker', { broker: request.brokerId, epoch: answer.epoch });
      return { throttleTimeMs: 0, errorCode: errorCode('NONE'), brokerEpoch: answer.epoch };
    }
    context.world.log.warn('refused to register a broker', { broker: request.brokerId, ...answer });
    return { throttleTimeMs: 0, errorCode: errorCode(answer.error), brokerEpoch: -1 };
  },
);
