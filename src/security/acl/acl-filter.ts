import {
  type Acl,
  ANY,
  hasCode,
  patternTypeCodes,
  permissionCodes,
  resourceTypeCodes,
  WILDCARD,
} from './acl.ts';

/** Which ACLs DescribeAcls and DeleteAcls mean. Null and ANY match everything. */
export interface AclFilter {
  readonly resourceType: number;
  readonly resourceName: string | null;
  readonly patternType: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

const LAST_OPERATION = 15;

/** Kafka's sentence when a code of the filter has no meaning, else null. */
export function invalidFilter(filter: AclFilter): string | null {
  const knowsType = filter.resourceType === ANY || hasCode(resourceTypeCodes, filter.resourceType);
  const knowsPattern = filter.patternType === ANY || hasCode(patternTypeCodes, filter.patternType);
  if (!knowsType || !knowsPattern) return 'Unknown patternFilter.';
  const knowsOperation = filter.operation >= ANY && filter.operation <= LAST_OPERATION;
  const knowsPermission = filter.permissionType === ANY || hasCode(permissionCodes, filter.permissionType);
  return knowsOperation && knowsPermission ? null : 'Unknown entryFilter.';
}

/** As Kafka's AclBindingFilter. */
export function matchesFilter(filter: AclFilter, acl: Acl): boolean {
  return (
    isAnyOr(filter.resourceType, acl.resourceType) &&
    matchesPattern(filter, acl) &&
    isNullOr(filter.principal, acl.principal) &&
    isNullOr(filter.host, acl.host) &&
    isAnyOr(filter.operation, acl.operation) &&
    isAnyOr(filter.permissionType, acl.permissionType)
  );
}

function matchesPattern({ patternType, resourceName }: AclFilter, acl: Acl): boolean {
  const isExact = patternType === acl.patternType;
  if (patternType !== ANY && patternType !== patternTypeCodes.MATCH && !isExact) return false;
  if (resourceName === null) return true;
  if (patternType === ANY || isExact) return resourceName === acl.resourceName;
  if (acl.patternType === patternTypeCodes.PREFIXED) return resourceName.startsWith(acl.resourceName);
  return resourceName === acl.resourceName || acl.resourceName === WILDCARD;
}

function isAnyOr(wanted: number, actual: number): boolean {
  return wanted === ANY || wanted === actual;
}

function isNullOr(wanted: string | null, actual: string): boolean {
  return wanted === null || wanted === actual;
}
