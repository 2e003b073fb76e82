import { type AclOperation, operationCodes, type ResourceType } from '../../security/acl/acl.ts';
import { supportedOperations } from '../../security/acl/supported-operations.ts';
import type { Authorize } from '../../server/authorizer.ts';

/** All that can be done with resources of a type, as the card of a handler lists it. */
export type EveryRight<Type extends ResourceType> = `${Type}:${(typeof supportedOperations)[Type][number]}`;

export function everyRight<Type extends ResourceType>(type: Type): readonly EveryRight<Type>[] {
  return supportedOperations[type].map((operation) => `${type}:${operation}` as EveryRight<Type>);
}

/** What the caller may do with the resource, as responses carry it: one bit for each operation (KIP-430). */
export function authorizedOperations<Type extends ResourceType>(
  authorize: Authorize<EveryRight<Type>>,
  resourceType: Type,
  name: string,
): number {
  // The compiler does not see that each pair of the loop is one of the rights.
  const ask = authorize as (operation: AclOperation, type: ResourceType, name: string) => boolean;
  let bits = 0;
  for (const operation of supportedOperations[resourceType]) {
    if (ask(operation, resourceType, name)) bits |= 1 << operationCodes[operation];
  }
  return bits;
}
