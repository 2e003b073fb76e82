import { deleteShareGroupState } from '../../protocol/messages/86-delete-share-group-state.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { refusedState } from '../sharing/refused-state.ts';

/**
 * DeleteShareGroupState v0, between brokers (KIP-932): the group coordinator has the share coordinator forget
 * partitions.
 */
export const deleteShareGroupStateHandler = handle(
  deleteShareGroupState,
  { versions: [0, 0], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['replication'] },
  (context: BrokerContext, request, info) =>
    info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)
      ? context.shareCoordinator.delete(request)
      : refusedState(request.topics, {}),
);
