import { errorCode } from '../../protocol/errors.ts';
import { fetch, fetchingReplica } from '../../protocol/messages/01-fetch.ts';
import { fetchMetadata } from '../../raft/fetch.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/**
 * Fetch v12-18 of `__cluster_metadata`, in KRaft's form. Observers are served; voters would be, but there is
 * only one. Not implemented: everything that other topics need (sessions, isolation levels), since no other
 * topic is here.
 */
export const fetchHandler = handle(
  fetch,
  {
    versions: [12, 18],
    operations: ['CLUSTER:CLUSTER_ACTION'],
    listeners: ['controller'],
    claims: fetchingReplica,
  },
  async (context: ControllerContext, request, info) => {
    const { leader, observers, waitingFetches: waiting } = context;
    if (!leader || !observers)
      return { throttleTimeMs: 0, errorCode: errorCode('NOT_LEADER_OR_FOLLOWER'), responses: [] };
    const { response, release } = await fetchMetadata(leader, request, {
      waiting,
      observers,
      apiVersion: info.apiVersion,
      whenOver: (leave) => info.afterWrite(leave),
    });
    info.afterWrite(release);
    return response;
  },
);
