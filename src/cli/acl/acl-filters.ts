import type { Given } from '../command.ts';
import { type Need, needsOfRoles, operationsOf, patternTypeOf, resourcesOf } from './acl-options.ts';
import type { AclView } from './new-acls.ts';

/** A filter in the API's words; what is not there matches everything. */
export type AclFilterView = Partial<AclView>;

export const PATTERN_TYPES = ['literal', 'prefixed', 'any', 'match'] as const;

/**
 * Which ACLs the command line means: each resource with each operation of each principal, whatever of these
 * is named. As in kafka-acls an entry without an operation is one of All. Throws Failure.
 */
export function aclFilters(given: Given, principals: readonly Partial<AclView>[]): AclFilterView[] {
  const needs: Partial<Need>[] = needsOfRoles(given) ?? needsOf(given);
  const patternType = patternTypeOf(given, PATTERN_TYPES);
  return needs.flatMap((need) =>
    orAny(principals).map((entry) => ({
      ...need,
      ...(need.resourceName === undefined || need.resourceType === 'CLUSTER' ? {} : { patternType }),
      ...(need.operation === undefined && entry.permissionType !== undefined ? { operation: 'ALL' } : {}),
      ...entry,
    })),
  );
}

function needsOf(given: Given): Partial<Need>[] {
  const operations: Partial<Need>[] = operationsOf(given).map((operation) => ({ operation }));
  return orAny<Need>(resourcesOf(given)).flatMap((resource) =>
    orAny<Need>(operations).map((operation) => ({ ...resource, ...operation })),
  );
}

/** What is not named matches everything. */
function orAny<T extends object>(named: readonly Partial<T>[]): readonly Partial<T>[] {
  return named.length === 0 ? [{}] : named;
}
