import { table } from '../output.ts';
import type { AclView } from './new-acls.ts';

/** ACLs as lines: who may or may not do what, on what, from where. */
export function aclTable(acls: readonly AclView[]): string[] {
  return table([
    ['PRINCIPAL', 'PERMISSION', 'OPERATION', 'RESOURCE', 'NAME', 'PATTERN', 'HOST'],
    ...acls.map((acl) => [
      acl.principal,
      acl.permissionType,
      acl.operation,
      acl.resourceType,
      acl.resourceName,
      acl.patternType,
      acl.host,
    ]),
  ]);
}

/** ACLs as the API gives them; what is not a list of them is none. */
export function aclsOf(value: unknown): AclView[] {
  return Array.isArray(value) ? value.map(aclOf) : [];
}

function aclOf(value: unknown): AclView {
  const fields: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  return {
    principal: String(fields.principal),
    permissionType: fields.permissionType === 'DENY' ? 'DENY' : 'ALLOW',
    operation: String(fields.operation),
    resourceType: String(fields.resourceType),
    resourceName: String(fields.resourceName),
    patternType: String(fields.patternType),
    host: String(fields.host),
  };
}
