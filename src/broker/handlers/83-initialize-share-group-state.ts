import { initializeShareGroupState } from '../../protocol/messages/83-initialize-share-group-state.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { refusedState } from '../sharing/refused-state.ts';

/**
 * InitializeShareGroupState v0, between brokers (KIP-932): the group coordinator has the share coordinator
 * keep the state of partitions.
 */
export const initializeShareGroupStateHandler = handle(
  initializeShareGroupState,
  { versions: [0, 0], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['replication'] },
  (context: BrokerContext, request, info) =>
    info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)
      ? context.shareCoordinator.initialize(request)
      : refusedState(request.topics, {}),
);
