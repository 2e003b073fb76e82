import {
  type AclOperation,
  operationCodes,
  permissionCodes,
  type ResourceType,
  resourceTypeCodes,
} from '../../security/acl/acl.ts';
import type { NamedAcl, NamedAclFilter } from '../../security/acl/named-acl.ts';
import { oneOf, optional, type Shape, string, structure } from './shape.ts';

/** Of a resource, a principal or a host. Kafka limits a topic's name to 249 characters, and no other. */
const NAME = string({ min: 1, max: 1024 });
export const PRINCIPAL = string({
  min: 3,
  max: 1024,
  pattern: /^[^:]+:.+$/s,
  says: 'must be a type and a name, as User:alice',
});
export const HOST = NAME;
export const RESOURCE_NAME = NAME;
export const RESOURCE_TYPE: Shape<ResourceType> = oneOf(...namesOf(resourceTypeCodes));
export const OPERATION: Shape<AclOperation> = oneOf(...namesOf(operationCodes));
const OPERATION_OR_ALL = oneOf('ALL', ...namesOf(operationCodes));
const PERMISSION = oneOf(...namesOf(permissionCodes));

/** One ACL, as AddAcls takes it. */
export const NEW_ACL: Shape<NamedAcl> = structure({
  resourceType: RESOURCE_TYPE,
  resourceName: RESOURCE_NAME,
  patternType: oneOf('LITERAL', 'PREFIXED'),
  principal: PRINCIPAL,
  host: HOST,
  operation: OPERATION_OR_ALL,
  permissionType: PERMISSION,
});

/** What a filter may name; what it does not name matches everything. */
export const FILTER_FIELDS = {
  resourceType: optional(RESOURCE_TYPE),
  resourceName: optional(RESOURCE_NAME),
  /**
   * ANY by default: the name as it is, whatever the pattern. MATCH: every pattern that applies to the name.
   */
  patternType: optional(oneOf('LITERAL', 'PREFIXED', 'ANY', 'MATCH')),
  principal: optional(PRINCIPAL),
  host: optional(HOST),
  operation: optional(OPERATION_OR_ALL),
  permissionType: optional(PERMISSION),
};

export const FILTER: Shape<NamedAclFilter> = structure(FILTER_FIELDS);

function namesOf<Name extends string>(codes: Readonly<Record<Name, number>>): Name[] {
  const names: Name[] = [];
  for (const name in codes) names.push(name);
  return names;
}
