import { errorCode } from '../../protocol/errors.ts';
import { fetchSnapshot } from '../../protocol/messages/59-fetch-snapshot.ts';
import { fetchSnapshotPiece } from '../../raft/fetch-snapshot.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** FetchSnapshot v0-1: the state for brokers that are behind the beginning of the log. */
export const fetchSnapshotHandler = handle(
  fetchSnapshot,
  {
    versions: [0, 1],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ replicaId }) => replicaId,
  },
  ({ leader }: ControllerContext, request, info) =>
    leader
      ? fetchSnapshotPiece(leader, request, info.apiVersion)
      : { throttleTimeMs: 0, errorCode: errorCode('NOT_LEADER_OR_FOLLOWER'), topics: [] },
);
