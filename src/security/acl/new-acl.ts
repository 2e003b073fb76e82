import {
  type Acl,
  ALL_OPERATIONS,
  CLUSTER_NAME,
  hasCode,
  operationCodes,
  patternTypeCodes,
  permissionCodes,
  resourceTypeCodes,
} from './acl.ts';

/** Why an ACL cannot be made, in Kafka's words where it has some; null when it can. */
export function invalidAcl(acl: Acl): string | null {
  if (acl.resourceType === resourceTypeCodes.CLUSTER && acl.resourceName !== CLUSTER_NAME)
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`;
  if (acl.resourceName === '') return 'Invalid empty resource name';
  if (!hasCode(resourceTypeCodes, acl.resourceType)) return `Invalid resourceType ${acl.resourceType}`;
  if (acl.patternType !== patternTypeCodes.LITERAL && acl.patternType !== patternTypeCodes.PREFIXED)
    return `Invalid patternType ${acl.patternType}`;
  if (acl.operation !== ALL_OPERATIONS && !hasCode(operationCodes, acl.operation))
    return `Invalid operation ${acl.operation}`;
  if (!hasCode(permissionCodes, acl.permissionType)) return `Invalid permissionType ${acl.permissionType}`;
  // Kafka accepts any text and lets it match nobody, which is a trap: the ACL looks as if it protected
  // something.
  if (!/^[^:]+:.+$/s.test(acl.principal))
    return `Invalid principal ${acl.principal}: a principal is a type and a name, as in User:alice`;
  return null;
}
