import type { AclImage } from '../../metadata/acls.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { type DescribeAclsRequest, describeAcls } from '../../protocol/messages/29-describe-acls.ts';
import { NO_MESSAGE } from '../../protocol/no-message.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { type AclFilter, invalidFilter, matchesFilter } from '../../security/acl/acl-filter.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type Resource = ResponseOf<typeof describeAcls>['resources'][number];

/**
 * DescribeAcls v1-3: the ACLs that a filter means, by resource, as far as this broker has read the metadata
 * log.
 */
export const describeAclsHandler = handle(
  describeAcls,
  { versions: [1, 3], operations: ['CLUSTER:DESCRIBE'] },
  (context: BrokerContext, request, info): ResponseOf<typeof describeAcls> => {
    if (!info.authorize('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return failed('CLUSTER_AUTHORIZATION_FAILED');
    if (!context.hasAuthorizer)
      return failed('SECURITY_DISABLED', 'No Authorizer is configured on the broker');
    const filter = filterOf(request);
    const problem = invalidFilter(filter);
    if (problem !== null) return failed('INVALID_REQUEST', problem);
    const found = [...context.image().acls.all()].filter((acl) => matchesFilter(filter, acl));
    return { throttleTimeMs: 0, errorCode: 0, errorMessage: NO_MESSAGE, resources: byResource(found) };
  },
);

function filterOf(request: DescribeAclsRequest): AclFilter {
  return {
    resourceType: request.resourceTypeFilter,
    resourceName: request.resourceNameFilter,
    patternType: request.patternTypeFilter,
    principal: request.principalFilter,
    host: request.hostFilter,
    operation: request.operation,
    permissionType: request.permissionType,
  };
}

function byResource(acls: readonly AclImage[]): Resource[] {
  const resources = new Map<string, Resource & { acls: Resource['acls'][number][] }>();
  for (const { resourceType, resourceName, patternType, ...entry } of acls) {
    const key = `${resourceType}/${patternType}/${resourceName}`;
    const known = resources.get(key) ?? { resourceType, resourceName, patternType, acls: [] };
    const { principal, host, operation, permissionType } = entry;
    known.acls.push({ principal, host, operation, permissionType });
    resources.set(key, known);
  }
  return [...resources.values()];
}

function failed(error: ErrorName, message: string | null = null): ResponseOf<typeof describeAcls> {
  return { throttleTimeMs: 0, errorCode: errorCode(error), errorMessage: message, resources: [] };
}
