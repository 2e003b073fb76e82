import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { deleteAcls } from '../../protocol/messages/31-delete-acls.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { deleteAcls as decide } from '../acls-control.ts';
import { type ControllerContext, NOT_CONTROLLER } from '../context.ts';
import { meantAcls } from '../meant-acls.ts';

/** DeleteAcls v1-3: whatever each filter means, up to 10,000 ACLs; all of it goes at once. */
export const deleteAclsHandler = handle(
  deleteAcls,
  { versions: [1, 3], operations: ['CLUSTER:ALTER'], listeners: ['controller'] },
  async (context: ControllerContext, request, info): Promise<ResponseOf<typeof deleteAcls>> => {
    const all = (error: ErrorName, errorMessage: string | null = null) => ({
      throttleTimeMs: 0,
      filterResults: request.filters.map(() => ({
        errorCode: errorCode(error),
        errorMessage,
        matchingAcls: [],
      })),
    });
    if (!info.authorize('ALTER', 'CLUSTER', CLUSTER_NAME)) return all('CLUSTER_AUTHORIZATION_FAILED');
    if (!context.hasAuthorizer) return all('SECURITY_DISABLED', 'No Authorizer is configured.');
    const filters = request.filters.map((filter) => ({
      resourceType: filter.resourceTypeFilter,
      resourceName: filter.resourceNameFilter,
      patternType: filter.patternTypeFilter,
      principal: filter.principalFilter,
      host: filter.hostFilter,
      operation: filter.operation,
      permissionType: filter.permissionType,
    }));
    if (!context.image) return all('NOT_CONTROLLER');
    const meant = await meantAcls(context.world.clock, context.image.acls, filters);
    const acls = meant.flatMap((one) => ('acls' in one ? one.acls : []));
    if ((await context.change(({ image }) => decide(image, acls))) === NOT_CONTROLLER)
      return all('NOT_CONTROLLER');
    return {
      throttleTimeMs: 0,
      filterResults: meant.map((result) =>
        'error' in result
          ? { errorCode: errorCode(result.error), errorMessage: result.message, matchingAcls: [] }
          : {
              errorCode: 0,
              errorMessage: null,
              matchingAcls: result.acls.map(({ id: _, ...acl }) => ({
                errorCode: 0,
                errorMessage: null,
                ...acl,
              })),
            },
      ),
    };
  },
);
