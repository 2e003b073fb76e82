/**
 * Kafka's ACL operations with their codes on the wire; the bit of an operation in "authorized operations" is
 * 1 << code.
 */
export const operationCodes = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;

export type AclOperation = keyof typeof operationCodes;

export const resourceTypeCodes = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

export type ResourceType = keyof typeof resourceTypeCodes;

/** In a filter: any value. */
export const ANY = 1;
/** As an operation of an ACL: every operation. */
export const ALL_OPERATIONS = 2;

/** MATCH is for filters only: every pattern that applies to the name. */
export const patternTypeCodes = { MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const;
export const permissionCodes = { DENY: 2, ALLOW: 3 } as const;

/** As a literal resource name, or as a host: every one. */
export const WILDCARD = '*';
/** Of an ACL: every user, also one that did not sign in. */
export const WILDCARD_PRINCIPAL = 'User:*';
/** The one resource of type CLUSTER. */
export const CLUSTER_NAME = 'kafka-cluster';

/**
 * An access control entry with the resources that it is for, in Kafka's codes, as requests and metadata
 * records have them.
 */
export interface Acl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  /** `User:name`. */
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** Two with the same key are one ACL. */
export function aclKey(acl: Acl): string {
  return JSON.stringify([
    acl.resourceType,
    acl.resourceName,
    acl.patternType,
    acl.principal,
    acl.host,
    acl.operation,
    acl.permissionType,
  ]);
}

/** Whether one of Kafka's codes has this number. */
export function hasCode(codes: Readonly<Record<string, number>>, code: number): boolean {
  return Object.values(codes).includes(code);
}
