import { errorCode } from '../../protocol/errors.ts';
import { unregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { unregisterBroker as decide } from '../brokers-control.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';

/** UnregisterBroker v0: forgets a broker that was taken away for good. */
export const unregisterBrokerHandler = handle(
  unregisterBroker,
  { versions: [0, 0], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info) => {
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME))
      return { throttleTimeMs: 0, errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'), errorMessage: null };
    const answer = await context.change((state, { heartbeats }) => {
      heartbeats.forget(request.brokerId);
      return decide(state, request.brokerId);
    });
    const refusal =
      answer === NOT_CONTROLLER ? ({ error: 'NOT_CONTROLLER', message: null } as const) : answer;
    return {
      throttleTimeMs: 0,
      errorCode: errorCode(refusal?.error ?? 'NONE'),
      errorMessage: refusal?.message ?? null,
    };
  },
);
