import { errorCode } from '../../protocol/errors.ts';
import { electLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { electLeaders as decide, electionTypes } from '../elections-control.ts';

/**
 * ElectLeaders v0-2 (KIP-460): the preferred replica, or any that is alive. v0 can say what went wrong only
 * per partition.
 */
export const electLeadersHandler = handle(
  electLeaders,
  { versions: [0, 2], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info) => {
    const refused = (error: 'CLUSTER_AUTHORIZATION_FAILED' | 'INVALID_REQUEST' | 'NOT_CONTROLLER') => ({
      throttleTimeMs: 0,
      // v0 has no error of the whole.
      ...(info.apiVersion >= 1 ? { errorCode: errorCode(error) } : {}),
      replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({
          partitionId,
          errorCode: errorCode(error),
          errorMessage: null,
        })),
      })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return refused('CLUSTER_AUTHORIZATION_FAILED');
    const type = electionTypes[request.electionType];
    if (!type) return refused('INVALID_REQUEST');
    const results = await context.change((state) => decide(state, type, request.topicPartitions));
    if (results === NOT_CONTROLLER) return refused('NOT_CONTROLLER');
    return {
      throttleTimeMs: 0,
      errorCode: errorCode('NONE'),
      replicaElectionResults: results.map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map(({ partitionId, refusal }) => ({
          partitionId,
          errorCode: errorCode(refusal?.error ?? 'NONE'),
          errorMessage: refusal?.message ?? null,
        })),
      })),
    };
  },
);
