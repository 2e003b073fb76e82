import { errorCode, errorMessage } from '../../protocol/errors.ts';
import { addRaftVoter } from '../../protocol/messages/80-add-raft-voter.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';
import { voterChangeRefusal } from '../voter-change-refusal.ts';

/** AddRaftVoter v0-1 (KIP-853), refused: the voters of a cluster do not change. */
export const addRaftVoterHandler = handle(
  addRaftVoter,
  { versions: [0, 1], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  ({ clusterId }: ControllerContext, request, info) => {
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME))
      return {
        throttleTimeMs: 0,
        errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'),
        errorMessage: errorMessage('CLUSTER_AUTHORIZATION_FAILED'),
      };
    const { error, message } = voterChangeRefusal(clusterId, request, 'add');
    return { throttleTimeMs: 0, errorCode: errorCode(error), errorMessage: message };
  },
);
