import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { createAcls } from '../../protocol/messages/30-create-acls.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { createAcls as decide } from '../acls-control.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';

/** CreateAcls v1-3: each ACL for itself; one that is there already is no error. 10,000 may be new. */
export const createAclsHandler = handle(
  createAcls,
  { versions: [1, 3], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info): Promise<ResponseOf<typeof createAcls>> => {
    const all = (error: ErrorName, message: string | null = null) => ({
      throttleTimeMs: 0,
      results: request.creations.map(() => ({ errorCode: errorCode(error), errorMessage: message })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return all('CLUSTER_AUTHORIZATION_FAILED');
    if (!context.hasAuthorizer) return all('SECURITY_DISABLED', 'No Authorizer is configured.');
    const acls = request.creations.map(({ resourcePatternType, ...acl }) => ({
      ...acl,
      patternType: resourcePatternType,
    }));
    const problems = await context.change(({ image }) => decide(image, acls, context.world.random));
    if (problems === NOT_CONTROLLER) return all('NOT_CONTROLLER');
    if ('error' in problems) return all(problems.error, problems.message);
    return {
      throttleTimeMs: 0,
      results: problems.map((problem) => ({
        errorCode: errorCode(problem === null ? 'NONE' : 'INVALID_REQUEST'),
        errorMessage: problem ?? NO_MESSAGE,
      })),
    };
  },
);
