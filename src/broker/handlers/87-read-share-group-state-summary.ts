import { readShareGroupStateSummary } from '../../protocol/messages/87-read-share-group-state-summary.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import { refusedState } from '../sharing/refused-state.ts';

/**
 * ReadShareGroupStateSummary v0-1, between brokers (KIP-932): how far a share group has come in partitions.
 * v1 says how much is done beyond that (KIP-1226).
 */
export const readShareGroupStateSummaryHandler = handle(
  readShareGroupStateSummary,
  { versions: [0, 1], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['replication'] },
  (context: BrokerContext, request, info) =>
    info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)
      ? context.shareCoordinator.summary(request)
      : refusedState(request.topics, {
          stateEpoch: 0,
          leaderEpoch: 0,
          startOffset: 0,
          deliveryCompleteCount: -1,
        }),
);
