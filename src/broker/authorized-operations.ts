import { type Operation, operationCodes, type ResourceType } from '../security/acl/acl.ts';
import type { Authorize } from '../server/authorizer.ts';

/** What can be done with a resource of each type. */
const SUPPORTED: Readonly<Record<ResourceType, readonly Operation[]>> = {
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
};

/** What the caller may do with the resource, as responses carry it: one bit for each operation (KIP-430). */
export function authorizedOperations(authorize: Authorize, resourceType: ResourceType, name: string): number {
  let bits = 0;
  for (const operation of SUPPORTED[resourceType]) {
    if (authorize(operation, resourceType, name)) bits |= 1 << operationCodes[operation];
  }
  return bits;
}
