import { errorCode } from '../../protocol/errors.ts';
import { assignReplicasToDirs } from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { assignReplicasToDirs as decide } from '../directories-control.ts';

/**
 * AssignReplicasToDirs v0 (KIP-858): for brokers of several folders; ours have one, which the controller
 * knows of.
 */
export const assignReplicasToDirsHandler = handle(
  assignReplicasToDirs,
  {
    versions: [0, 0],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: ({ brokerId }) => brokerId,
  },
  async (context: ControllerContext, request) => {
    const answer = await context.command((state) => decide(state, request));
    if (answer !== NOT_CONTROLLER) return answer;
    return { throttleTimeMs: 0, errorCode: errorCode('NOT_CONTROLLER'), directories: [] };
  },
);
