import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { brokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';
import { handle } from '../../server/handler.ts';
import { heartbeat } from '../brokers-control.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';

/**
 * BrokerHeartbeat v0-2: that a broker lives, how far it has read, and whether it wants to stop (KIP-631,
 * KIP-841).
 */
export const brokerHeartbeatHandler = handle(
  brokerHeartbeat,
  {
    versions: [0, 2],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ brokerId }) => brokerId,
    // It says so for a broker whose process is gone.
    controlPlaneMay: ({ wantFence }) => wantFence,
  },
  async (context: ControllerContext, request, info) => {
    const answer = await context.command((state, { nextOffset, heartbeats }) => {
      const decision = heartbeat(state, request, heartbeats);
      if ('error' in decision.answer) return decision;
      if (decision.answer.shouldShutDown) heartbeats.forget(request.brokerId);
      // Who wants to be fenced gives its place up; it is said for a process that is dead, too, by whoever saw
      // it die.
      else if (request.wantFence) heartbeats.connectionClosed(request.brokerId);
      else
        heartbeats.heard(request.brokerId, {
          epoch: request.brokerEpoch,
          metadataOffset: request.currentMetadataOffset,
          connectionId: info.connectionId,
        });
      // The others must have read up to the last of the records that take its leaderships away.
      if (decision.answer.beganShutdown)
        heartbeats.beganShutdown(request.brokerId, nextOffset + decision.records.length - 1);
      return decision;
    });
    if (answer === NOT_CONTROLLER) return failed('NOT_CONTROLLER');
    if ('error' in answer) return failed(answer.error);
    const { isCaughtUp, isFenced, shouldShutDown } = answer;
    return { throttleTimeMs: 0, errorCode: errorCode('NONE'), isCaughtUp, isFenced, shouldShutDown };
  },
);

function failed(error: ErrorName) {
  return { throttleTimeMs: 0, errorCode: errorCode(error), isFenced: true, shouldShutDown: false };
}
