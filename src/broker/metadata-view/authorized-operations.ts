import { type Operation, operationCodes, type ResourceType } from '../../security/acl/acl.ts';
import type { Authorize } from '../../server/authorizer.ts';

/** What can be done with a resource of each type. */
const SUPPORTED = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: [
    'CREATE',
    'CLUSTER_ACTION',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
    'IDEMPOTENT_WRITE',
    'ALTER',
    'DESCRIBE',
  ],
  TRANSACTIONAL_ID: ['DESCRIBE', 'WRITE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
} as const satisfies Record<ResourceType, readonly Operation[]>;

/** All that can be done with resources of a type, as the card of a handler lists it. */
export type EveryRight<Type extends ResourceType> = `${Type}:${(typeof SUPPORTED)[Type][number]}`;

export function everyRight<Type extends ResourceType>(type: Type): readonly EveryRight<Type>[] {
  return SUPPORTED[type].map((operation) => `${type}:${operation}` as EveryRight<Type>);
}

/** What the caller may do with the resource, as responses carry it: one bit for each operation (KIP-430). */
export function authorizedOperations<Type extends ResourceType>(
  authorize: Authorize<EveryRight<Type>>,
  resourceType: Type,
  name: string,
): number {
  // The compiler does not see that each pair of the loop is one of the rights.
  const ask = authorize as (operation: Operation, type: ResourceType, name: string) => boolean;
  let bits = 0;
  for (const operation of SUPPORTED[resourceType]) {
    if (ask(operation, resourceType, name)) bits |= 1 << operationCodes[operation];
  }
  return bits;
}
