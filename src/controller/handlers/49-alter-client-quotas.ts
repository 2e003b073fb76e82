import { orderedParts } from '../../metadata/quotas.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import { alterClientQuotas } from '../../protocol/messages/49-alter-client-quotas.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { alterClientQuotas as decide } from '../quotas-control.ts';

/**
 * AlterClientQuotas v0-1 (KIP-546): quotas of users, client ids, pairs of them, addresses, and the defaults
 * of each. Every entity is changed whole or not at all.
 */
export const alterClientQuotasHandler = handle(
  alterClientQuotas,
  { versions: [0, 1], operations: ['CLUSTER:ALTER_CONFIGS'], listeners: ['controller'] },
  async (context: ControllerContext, request, info): Promise<ResponseOf<typeof alterClientQuotas>> => {
    const answer = (outcomeOf: (i: number) => { error: ErrorName; message: string | null }) => ({
      throttleTimeMs: 0,
      entries: request.entries.map(({ entity }, i) => {
        const { error, message } = outcomeOf(i);
        return { entity: orderedParts(entity), errorCode: errorCode(error), errorMessage: message };
      }),
    });
    const all = (error: ErrorName) => answer(() => ({ error, message: errorMessage(error) }));
    if (!info.authorize('ALTER_CONFIGS', 'CLUSTER', CLUSTER_NAME)) return all('CLUSTER_AUTHORIZATION_FAILED');
    const results = await context.change(({ image }) => {
      const decision = decide(image, request.entries);
      return request.validateOnly ? { ...decision, records: [] } : decision;
    });
    if (results === NOT_CONTROLLER) return all('NOT_CONTROLLER');
    return answer((i) => results[i] ?? { error: 'NONE', message: null });
  },
);
