import { writeShareGroupState } from '../../protocol/messages/85-write-share-group-state.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { CLOSE_CONNECTION, handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { refusedState } from '../sharing/refused-state.ts';

/**
 * WriteShareGroupState v0-1, between brokers (KIP-932): the leader of a partition has kept what a share group
 * did. Answered when every replica in sync has it. v1 says how much is done beyond the start offset
 * (KIP-1226).
 */
export const writeShareGroupStateHandler = handle(
  writeShareGroupState,
  { versions: [0, 1], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['replication'] },
  (context: BrokerContext, request, info) => {
    if (!info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)) return refusedState(request.topics, {});
    return context.stateSenders.isLate(info) ? CLOSE_CONNECTION : context.shareCoordinator.write(request);
  },
);
