import { initializeShareGroupState } from '../../protocol/messages/83-initialize-share-group-state.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { CLOSE_CONNECTION, handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { refusedState } from '../sharing/refused-state.ts';

/**
 * InitializeShareGroupState v0, between brokers (KIP-932): the group coordinator has the share coordinator
 * keep the state of partitions. A coordinator that was replaced is refused (see `StateSenders`).
 */
export const initializeShareGroupStateHandler = handle(
  initializeShareGroupState,
  { versions: [0, 0], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['replication'] },
  (context: BrokerContext, request, info) => {
    if (!info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)) return refusedState(request.topics, {});
    const { stateSenders, shareCoordinator } = context;
    if (stateSenders.isLate(info)) return CLOSE_CONNECTION;
    return stateSenders.isOfOther(request.groupId, info)
      ? refusedState(request.topics, {}, 'NOT_COORDINATOR')
      : shareCoordinator.initialize(request);
  },
);
