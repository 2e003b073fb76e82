import type { Operation, ResourceType } from '../security/acl/acl.ts';

export { CLUSTER_NAME, type Operation, type ResourceType } from '../security/acl/acl.ts';

/** The type of a broker's own principal in an Envelope. A client's is `User`, whatever it is called. */
export const BROKER_PRINCIPAL_TYPE = 'Broker';

/** Whether the caller of the request may do this. */
export type Authorize = (operation: Operation, resourceType: ResourceType, name: string) => boolean;
/** Whether the caller of the request may do this with at least one resource of the type (KIP-679). */
export type AuthorizeSome = (operation: Operation, resourceType: ResourceType) => boolean;

/** Who is asking, and from where. */
export interface Caller {
  /** `User:name`, as in ACLs. */
  readonly principal: string;
  /** An IP address, as Java writes it. */
  readonly clientHost: string;
  /** A broker, the controller or the control plane of this cluster: it is above ACLs. The listener says so, never a name. */
  readonly isPeer: boolean;
}

export interface Authorizer {
  authorize(caller: Caller, operation: Operation, resourceType: ResourceType, name: string): boolean;
  authorizeSome(caller: Caller, operation: Operation, resourceType: ResourceType): boolean;
}

/** What a cluster without an authorizer does. */
export const allowAll: Authorizer = { authorize: () => true, authorizeSome: () => true };
