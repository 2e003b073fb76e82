import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { alterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { alterScramCredentials } from '../scram-control.ts';

/**
 * AlterUserScramCredentials v0 (KIP-554): each user for itself; what proves a password is kept, never the
 * password.
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
    const all = (error: ErrorName) => ({
      throttleTimeMs: 0,
      results: users.map((user) => ({ user, errorCode: errorCode(error), errorMessage: null })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return all('CLUSTER_AUTHORIZATION_FAILED');
    const results = await context.change(({ image }) => alterScramCredentials(image, request));
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
