import { errorCode } from '../../protocol/errors.ts';
import { beginQuorumEpoch } from '../../protocol/messages/53-begin-quorum-epoch.ts';
import { beginQuorumEpoch as answer } from '../../raft/quorum.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** BeginQuorumEpoch v0-1: another leader cannot be, and is told who leads. */
export const beginQuorumEpochHandler = handle(
  beginQuorumEpoch,
  { versions: [0, 1], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['controller'] },
  ({ leader }: ControllerContext, request, info) =>
    leader
      ? answer(leader, request, info.apiVersion)
      : { errorCode: errorCode('BROKER_NOT_AVAILABLE'), topics: [] },
);
