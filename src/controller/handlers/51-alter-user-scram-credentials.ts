import { inPortions } from '../../base/portions.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { alterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { RECORDS_MAX, TOO_MANY } from '../operation-limits.ts';
import { alterScramCredentials, credentialIn } from '../scram-control.ts';

/**
 * AlterUserScramCredentials v0 (KIP-554): each user for itself; what proves a password is kept, never the
 * password. None is altered where the request has more entries than one operation may make records; there
 * Kafka fails as unknown.
 */
export const alterUserScramCredentialsHandler = handle(
  alterUserScramCredentials,
  { versions: [0, 0], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (
    context: ControllerContext,
    request,
    info,
  ): Promise<ResponseOf<typeof alterUserScramCredentials>> => {
    const { deletions, upsertions } = request;
    const users = [...new Set([...deletions, ...upsertions].map(({ name }) => name))];
    const all = (error: ErrorName, errorMessage: string | null = null) => ({
      throttleTimeMs: 0,
      results: users.map((user) => ({ user, errorCode: errorCode(error), errorMessage })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return all('CLUSTER_AUTHORIZATION_FAILED');
    if (deletions.length + upsertions.length > RECORDS_MAX) return all(TOO_MANY.error, TOO_MANY.message);
    const credentials = await inPortions(context.world.clock, upsertions, credentialIn);
    const results = await context.change(({ image }) => alterScramCredentials(image, request, credentials));
    if (results === NOT_CONTROLLER) return all('NOT_CONTROLLER');
    return {
      throttleTimeMs: 0,
      results: [...results].map(([user, refusal]) => ({
        user,
        errorCode: errorCode(refusal?.error ?? 'NONE'),
        errorMessage: refusal?.message ?? null,
      })),
    };
  },
);
