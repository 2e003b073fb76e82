import { assert } from '../../base/assert.ts';
import {
  type Acl,
  type AclOperation,
  ALL_OPERATIONS,
  ANY,
  operationCodes,
  patternTypeCodes,
  permissionCodes,
  type ResourceType,
  resourceTypeCodes,
} from './acl.ts';
import type { AclFilter } from './acl-filter.ts';

/** An ACL in Kafka's names instead of its codes, as people and programs read it. */
export interface NamedAcl {
  readonly resourceType: ResourceType;
  readonly resourceName: string;
  readonly patternType: 'LITERAL' | 'PREFIXED';
  readonly principal: string;
  readonly host: string;
  readonly operation: AclOperation | 'ALL';
  readonly permissionType: 'ALLOW' | 'DENY';
}

/** A filter in Kafka's names; what is not there matches everything. */
export interface NamedAclFilter extends Partial<Omit<NamedAcl, 'patternType'>> {
  readonly patternType?: NamedAcl['patternType'] | 'ANY' | 'MATCH';
}

export function toNamed(acl: Acl): NamedAcl {
  return {
    resourceType: nameOf(resourceTypeCodes, acl.resourceType),
    resourceName: acl.resourceName,
    patternType: acl.patternType === patternTypeCodes.PREFIXED ? 'PREFIXED' : 'LITERAL',
    principal: acl.principal,
    host: acl.host,
    operation: acl.operation === ALL_OPERATIONS ? 'ALL' : nameOf(operationCodes, acl.operation),
    permissionType: nameOf(permissionCodes, acl.permissionType),
  };
}

export function fromNamed(acl: NamedAcl): Acl {
  const { resourceName, principal, host } = acl;
  return {
    resourceType: resourceTypeCodes[acl.resourceType],
    resourceName,
    patternType: patternTypeCodes[acl.patternType],
    principal,
    host,
    operation: operationCode(acl.operation),
    permissionType: permissionCodes[acl.permissionType],
  };
}

export function filterFromNamed(filter: NamedAclFilter): AclFilter {
  const { resourceType, patternType = 'ANY', operation, permissionType } = filter;
  return {
    resourceType: resourceType === undefined ? ANY : resourceTypeCodes[resourceType],
    resourceName: filter.resourceName ?? null,
    patternType: patternType === 'ANY' ? ANY : patternTypeCodes[patternType],
    principal: filter.principal ?? null,
    host: filter.host ?? null,
    operation: operation === undefined ? ANY : operationCode(operation),
    permissionType: permissionType === undefined ? ANY : permissionCodes[permissionType],
  };
}

function operationCode(operation: AclOperation | 'ALL'): number {
  return operation === 'ALL' ? ALL_OPERATIONS : operationCodes[operation];
}

function nameOf<Name extends string>(codes: Readonly<Record<Name, number>>, code: number): Name {
  for (const name in codes) if (codes[name] === code) return name;
  assert(false, `an ACL of the cluster has a code that Kafka does not have: ${code}`);
}
