import { errorCode } from '../../protocol/errors.ts';
import { alterPartitionReassignments } from '../../protocol/messages/45-alter-partition-reassignments.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { alterPartitionReassignments as decide } from '../reassignments-control.ts';

/**
 * AlterPartitionReassignments v0-1 (KIP-455): other replicas for partitions, or null to cancel what is under
 * way. From v1 on the client can ask that the number of replicas stays (KIP-860).
 */
export const alterPartitionReassignmentsHandler = handle(
  alterPartitionReassignments,
  { versions: [0, 1], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info) => {
    const { allowReplicationFactorChange } = request;
    const refused = (error: 'CLUSTER_AUTHORIZATION_FAILED' | 'NOT_CONTROLLER') => ({
      throttleTimeMs: 0,
      allowReplicationFactorChange: true,
      errorCode: errorCode(error),
      errorMessage: null,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errorCode(error),
          errorMessage: null,
        })),
      })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return refused('CLUSTER_AUTHORIZATION_FAILED');
    const results = await context.change((state) => decide(state, request));
    if (results === NOT_CONTROLLER) return refused('NOT_CONTROLLER');
    return {
      throttleTimeMs: 0,
      allowReplicationFactorChange,
      errorCode: errorCode('NONE'),
      errorMessage: null,
      responses: results.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, refusal }) => ({
          partitionIndex,
          errorCode: errorCode(refusal?.error ?? 'NONE'),
          errorMessage: refusal?.message ?? null,
        })),
      })),
    };
  },
);
