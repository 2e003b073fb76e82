import { errorCode } from '../../protocol/errors.ts';
import { endQuorumEpoch } from '../../protocol/messages/54-end-quorum-epoch.ts';
import { endQuorumEpoch as answer } from '../../raft/quorum.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** EndQuorumEpoch v0-1: only the leader could resign, and it does not tell itself. */
export const endQuorumEpochHandler = handle(
  endQuorumEpoch,
  { versions: [0, 1], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['controller'] },
  ({ leader }: ControllerContext, request, info) =>
    leader
      ? answer(leader, request, info.apiVersion)
      : { errorCode: errorCode('BROKER_NOT_AVAILABLE'), topics: [] },
);
