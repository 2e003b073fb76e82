import { readShareGroupState } from '../../protocol/messages/84-read-share-group-state.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { CLOSE_CONNECTION, handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { refusedState } from '../sharing/refused-state.ts';

/**
 * ReadShareGroupState v0, between brokers (KIP-932): the leader of a partition takes over what a share group
 * did in it. Leaders of earlier epochs can write no more.
 */
export const readShareGroupStateHandler = handle(
  readShareGroupState,
  { versions: [0, 0], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['replication'] },
  (context: BrokerContext, request, info) => {
    if (!info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME))
      return refusedState(request.topics, { stateEpoch: 0, startOffset: 0, stateBatches: [] });
    return context.stateSenders.isLate(info) ? CLOSE_CONNECTION : context.shareCoordinator.read(request);
  },
);
