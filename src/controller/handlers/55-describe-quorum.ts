import { errorCode, errorMessage } from '../../protocol/errors.ts';
import { describeQuorum } from '../../protocol/messages/55-describe-quorum.ts';
import { describeQuorum as answer } from '../../raft/quorum.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** DescribeQuorum v0-2: the leader, its one voter, and the brokers that fetch its log. */
export const describeQuorumHandler = handle(
  describeQuorum,
  { versions: [0, 2], operations: ['CLUSTER:DESCRIBE'], listeners: ['controller'] },
  ({ world, leader, observers }: ControllerContext, request, info) => {
    if (!info.authorize('DESCRIBE', 'CLUSTER', CLUSTER_NAME))
      return {
        errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'),
        errorMessage: errorMessage('CLUSTER_AUTHORIZATION_FAILED'),
        topics: [],
        nodes: [],
      };
    if (!leader || !observers)
      return {
        errorCode: errorCode('NOT_LEADER_OR_FOLLOWER'),
        errorMessage: errorMessage('NOT_LEADER_OR_FOLLOWER'),
        topics: [],
        nodes: [],
      };
    return answer(world.clock, leader, observers, request, info.apiVersion);
  },
);
