/** Kafka's ACL operations, in its spelling. */
export type Operation =
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT';

export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER';

/** The one resource of type CLUSTER. */
export const CLUSTER_NAME = 'kafka-cluster';

/** Whether the caller of the request may do this. */
export type Authorize = (operation: Operation, resourceType: ResourceType, name: string) => boolean;

/** Who is asking, and from where. */
export interface Caller {
  /** `User:name`, as in ACLs. */
  readonly principal: string;
  readonly clientHost: string;
}

export interface Authorizer {
  authorize(caller: Caller, operation: Operation, resourceType: ResourceType, name: string): boolean;
}

/** What a cluster without an authorizer does. */
export const allowAll: Authorizer = { authorize: () => true };
