import { errorCode } from '../../protocol/errors.ts';
import { vote } from '../../protocol/messages/52-vote.ts';
import { vote as answer } from '../../raft/quorum.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** Vote v0-2: of a quorum whose only voter leads, so never granted. */
export const voteHandler = handle(
  vote,
  { versions: [0, 2], operations: ['CLUSTER:CLUSTER_ACTION'], listeners: ['controller'] },
  ({ leader }: ControllerContext, request, info) =>
    leader
      ? answer(leader, request, info.apiVersion)
      : { errorCode: errorCode('BROKER_NOT_AVAILABLE'), topics: [] },
);
