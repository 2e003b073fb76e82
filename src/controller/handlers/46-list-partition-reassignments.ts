import { errorCode } from '../../protocol/errors.ts';
import { listPartitionReassignments } from '../../protocol/messages/46-list-partition-reassignments.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';
import { listPartitionReassignments as list } from '../reassignments-control.ts';

/** ListPartitionReassignments v0 (KIP-455): what is under way, as far as it is committed. */
export const listPartitionReassignmentsHandler = handle(
  listPartitionReassignments,
  { versions: [0, 0], operations: ['CLUSTER:DESCRIBE'], listeners: ['controller'] },
  ({ image }: ControllerContext, request, info) => {
    const refused = (error: 'CLUSTER_AUTHORIZATION_FAILED' | 'NOT_CONTROLLER') => ({
      throttleTimeMs: 0,
      errorCode: errorCode(error),
      errorMessage: null,
      topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          replicas: [],
          addingReplicas: [],
          removingReplicas: [],
        })),
      })),
    });
    if (!info.authorize('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return refused('CLUSTER_AUTHORIZATION_FAILED');
    if (!image) return refused('NOT_CONTROLLER');
    return {
      throttleTimeMs: 0,
      errorCode: errorCode('NONE'),
      errorMessage: null,
      topics: list(image, request.topics),
    };
  },
);
